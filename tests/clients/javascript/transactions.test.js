// What transactions of the administrator do.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { id, lookup } from '@instantdb/admin';
import { library, makeApp, refusal, titles } from './app.js';

let db, ids;
beforeEach(async () => {
  ({ db } = await makeApp());
  ids = await library(db);
});

const book = async (where) => (await db.query({ books: { $: { where }, author: {}, reviews: {} } })).books[0];
const count = async (etype) => (await db.query({ [etype]: {} }))[etype].length;

test('each transaction has a later id', async () => {
  const one = await db.transact(db.tx.books[ids.notes].update({ pages: 67 }));
  const two = await db.transact(db.tx.books[ids.notes].update({ pages: 68 }));
  assert.deepEqual(Object.keys(one), ['tx-id']);
  assert.ok(Number.isInteger(one['tx-id']));
  assert.ok(two['tx-id'] > one['tx-id']);
  assert.equal((await book({ isbn: '1' })).pages, 68);
});

test('update keeps what it does not name, and makes what is not there', async () => {
  const made = id();
  await db.transact([db.tx.books[ids.notes].update({ pages: null }), db.tx.books[made].update({ title: 'Letters' })]);
  const { pages, title, isbn } = await book({ isbn: '1' });
  assert.deepEqual({ pages, title, isbn }, { pages: null, title: 'Notes', isbn: '1' });
  assert.equal((await book({ title: 'Letters' })).id, made);
});

test('a strict update of what is not there is refused', async () => {
  const missing = id();
  const wrong = await refusal(db.transact(db.tx.books[missing].update({ title: 'x' }, { upsert: false })));
  assert.equal(wrong.status, 400);
  assert.equal(wrong.type, 'validation-failed');
  assert.equal(wrong.message, `Validation failed for tx-step: Updating entities that don't exist: ${missing}, ${missing}`);
  assert.equal(await count('books'), 3);
});

test('create of what is there is refused', async () => {
  const wrong = await refusal(db.transact(db.tx.books[ids.notes].create({ title: 'x' })));
  assert.equal(wrong.status, 400);
  assert.ok(wrong.message.startsWith(`Validation failed for tx-step: Creating entities that exist: ${ids.notes}`));
  assert.equal((await book({ isbn: '1' })).title, 'Notes');
});

test('merge goes into objects, update replaces them', async () => {
  await db.transact(db.tx.books[ids.notes].merge({ facts: { size: { w: 1 } } }));
  await db.transact(db.tx.books[ids.notes].merge({ facts: { size: { h: 2 }, letters: null } }));
  assert.deepEqual((await book({ isbn: '1' })).facts, { size: { w: 1, h: 2 } });
  await db.transact(db.tx.books[ids.notes].update({ facts: { n: 1.5 } }));
  assert.deepEqual((await book({ isbn: '1' })).facts, { n: 1.5 });
});

test('lookups stand for ids, in steps and as targets of links', async () => {
  await db.transact(db.tx.books[lookup('isbn', '1')].update({ title: 'Notes, revised' }));
  assert.equal((await book({ isbn: '1' })).title, 'Notes, revised');
  await db.transact(db.tx.books.lookup('isbn', '2').link({ author: lookup('email', 'byron@example.com') }));
  assert.equal((await book({ isbn: '2' })).author[0].id, ids.byron);
  await db.transact(db.tx.books[lookup('isbn', '4')].update({ title: 'New' }));
  const made = await book({ isbn: '4' });
  assert.equal(made.title, 'New');
  assert.match(made.id, /^[0-9a-f-]{36}$/);
  await db.transact(db.tx.books[lookup('isbn', '4')].delete());
  assert.equal(await book({ isbn: '4' }), undefined);
});

test('a lookup by what is not unique is refused', async () => {
  const wrong = await refusal(db.transact(db.tx.books[lookup('title', 'Notes')].update({ pages: 1 })));
  assert.equal(wrong.status, 400);
  assert.equal(wrong.message, 'Validation failed for lookup: title is not a unique attribute on books');
});

test('link and unlink work from both sides', async () => {
  await db.transact(db.tx.authors[ids.byron].link({ books: [ids.notes, ids.engine] }));
  assert.equal((await book({ isbn: '1' })).author[0].id, ids.byron);
  const { authors } = await db.query({ authors: { $: { where: { id: ids.byron } }, books: {} } });
  assert.deepEqual(titles(authors[0].books).sort(), ['Notes', 'Poems', 'The Engine']);
  await db.transact(db.tx.books[ids.notes].unlink({ author: ids.byron }));
  assert.deepEqual((await book({ isbn: '1' })).author, []);
});

test('delete takes what depends on it along', async () => {
  assert.equal(await count('reviews'), 2);
  await db.transact(db.tx.books[ids.notes].delete());
  assert.equal(await count('books'), 2);
  assert.equal(await count('reviews'), 0);
  assert.equal(await count('authors'), 2);
});

test('a transaction is done as a whole or not at all', async () => {
  const wrong = await refusal(
    db.transact([db.tx.books[ids.notes].update({ title: 'Half' }), db.tx.books[ids.engine].update({ isbn: '1' })]),
  );
  assert.equal(wrong.status, 400);
  assert.equal(wrong.type, 'record-not-unique');
  assert.equal(
    wrong.message,
    '`isbn` is a unique attribute on `books` and an entity already exists with `books.isbn` = "1"',
  );
  assert.equal((await book({ isbn: '1' })).title, 'Notes');
  assert.equal((await book({ isbn: '2' })).title, 'The Engine');
});

test('values have the type of their attribute', async () => {
  const wrong = await refusal(db.transact(db.tx.books[ids.notes].update({ pages: 'many' })));
  assert.equal(wrong.status, 400);
  assert.equal(wrong.type, 'validation-failed');
  assert.equal(
    wrong.message,
    'Invalid value type for books.pages. Value must be a number but the provided value type is string.',
  );
  assert.equal((await book({ isbn: '1' })).pages, 66);
});

test('required attributes must be there', async () => {
  const made = id();
  const wrong = await refusal(db.transact(db.tx.books[made].create({ pages: 1 })));
  assert.equal(wrong.status, 400);
  assert.equal(wrong.message, `Missing required attribute \`books/title\`: ${made}`);
  const emptied = await refusal(db.transact(db.tx.books[ids.notes].update({ title: null })));
  assert.equal(emptied.message, `Missing required attribute \`books/title\`: ${ids.notes}`);
  assert.equal(await count('books'), 3);
});

test('numbers and texts come back as they were sent', async () => {
  const facts = { whole: 9007199254740991, half: 0.5, small: 1e-7, negative: -3, text: 'é\u0000😀', list: [[], {}, null, true] };
  const wrong = await refusal(db.transact(db.tx.books[ids.poems].update({ facts })));
  assert.equal(wrong.status, 400);
  facts.text = 'é😀';
  await db.transact(db.tx.books[ids.poems].update({ facts }));
  assert.deepEqual((await book({ isbn: '3' })).facts, facts);
});

test('attributes that no schema names are made by the first write', async () => {
  const made = id();
  await db.transact(db.tx.shelves[made].update({ label: 'A', width: 80 }));
  assert.deepEqual((await db.query({ shelves: {} })).shelves, [{ id: made, label: 'A', width: 80 }]);
});
