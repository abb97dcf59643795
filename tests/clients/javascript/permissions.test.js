// What users and guests may see and do, and what the check endpoints say about it.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { id, lookup } from '@instantdb/admin';
import { client, library, makeApp, refusal, titles } from './app.js';

let app, db, ids, ada, bea, guest;
beforeEach(async () => {
  ({ app, db } = await makeApp({ withRules: true }));
  ids = await library(db);
  ada = db.asUser({ email: 'ada@example.com' });
  bea = db.asUser({ email: 'bea@example.com' });
  guest = db.asUser({ guest: true });
});

const seen = async (user, query = { books: {} }) => titles((await user.query(query)).books).sort();
const denied = (etype) => ({
  status: 400,
  type: 'permission-denied',
  message: 'Permission denied: not perms-pass?',
  hint: { input: [etype, 'object'], expected: 'perms-pass?' },
});

test('everybody sees what the rules show them', async () => {
  assert.deepEqual(await seen(db), ['Notes', 'Poems', 'The Engine']);
  assert.deepEqual(await seen(ada), ['Notes', 'The Engine']);
  assert.deepEqual(await seen(bea), ['Notes', 'Poems']);
  assert.deepEqual(await seen(guest), ['Notes']);
});

test('a token is as good as an email, and needs no admin token', async () => {
  const token = await db.auth.createToken({ email: 'ada@example.com' });
  assert.match(token, /^[0-9a-f-]{36}$/);
  const alone = client(app).asUser({ token });
  assert.deepEqual(await seen(alone), ['Notes', 'The Engine']);
  assert.deepEqual(await seen(client(app).asUser({ guest: true })), ['Notes']);
  const wrong = await refusal(client(app).asUser({ token: id() }).query({ books: {} }));
  assert.equal(wrong.status, 400);
  assert.equal(wrong.type, 'record-not-found');
});

test('an unknown email is refused', async () => {
  const wrong = await refusal(db.asUser({ email: 'eve@example.com' }).query({ books: {} }));
  assert.equal(wrong.status, 400);
  assert.equal(wrong.type, 'record-not-found');
  assert.equal(wrong.message, 'Record not found: app-user');
});

test('a hidden field is left out', async () => {
  const byron = { authors: { $: { where: { name: 'Byron' } } } };
  assert.deepEqual((await ada.query(byron)).authors, [{ id: ids.byron, name: 'Byron', email: 'byron@example.com' }]);
  assert.deepEqual((await guest.query(byron)).authors, [{ id: ids.byron, name: 'Byron' }]);
});

test('hidden entities are hidden inside others, and to conditions', async () => {
  const { authors } = await guest.query({ authors: { $: { where: { name: 'Lovelace' } }, books: {} } });
  assert.deepEqual(titles(authors[0].books), ['Notes']);
  assert.deepEqual((await guest.query({ authors: { $: { where: { 'books.title': 'Poems' } } } })).authors, []);
  assert.deepEqual((await bea.query({ authors: { $: { where: { 'books.title': 'Poems' } } } })).authors.length, 1);
});

test('rule params reach the rules', async () => {
  assert.equal((await guest.query({ reviews: {} })).reviews.length, 1);
  const { reviews } = await guest.query({ reviews: {} }, { ruleParams: { all: true } });
  assert.deepEqual(reviews.map((review) => review.stars).sort(), [1, 5]);
});

test('users see themselves only', async () => {
  assert.deepEqual((await ada.query({ $users: {} })).$users.map((user) => user.email), ['ada@example.com']);
  assert.deepEqual((await guest.query({ $users: {} })).$users, []);
});

test('a user creates what is their own', async () => {
  const mine = id();
  await ada.transact(ada.tx.books[mine].create({ title: 'Mine', pages: 1 }).link({ owner: ids.ada }));
  assert.deepEqual(await seen(ada), ['Mine', 'Notes', 'The Engine']);
  assert.deepEqual(await seen(bea), ['Notes', 'Poems']);
  assert.deepEqual(await refusal(ada.transact(ada.tx.books[id()].create({ title: 'Nobody' }))), denied('books'));
  assert.deepEqual(await refusal(guest.transact(guest.tx.books[id()].create({ title: 'x' }))), denied('books'));
  assert.deepEqual(await refusal(ada.transact(ada.tx.authors[id()].create({ name: 'x' }))), denied('authors'));
});

test('an update is judged by what was and by what will be', async () => {
  await ada.transact(ada.tx.books[ids.notes].update({ pages: 67 }));
  assert.deepEqual(await refusal(ada.transact(ada.tx.books[ids.notes].update({ pages: -1 }))), denied('books'));
  assert.deepEqual(await refusal(bea.transact(bea.tx.books[ids.notes].update({ pages: 1 }))), denied('books'));
  assert.deepEqual(await refusal(guest.transact(guest.tx.books[lookup('isbn', '1')].update({ pages: 1 }))), denied('books'));
  const { books } = await db.query({ books: { $: { where: { isbn: '1' } } } });
  assert.equal(books[0].pages, 67);
});

test('delete needs its rule, for what goes along too', async () => {
  assert.deepEqual(await refusal(bea.transact(bea.tx.books[ids.engine].delete())), denied('books'));
  await ada.transact(ada.tx.books[ids.engine].delete());
  assert.deepEqual(await seen(db), ['Notes', 'Poems']);
  await ada.transact(ada.tx.books[ids.notes].delete());
  assert.deepEqual((await db.query({ reviews: {} })).reviews, []);
});

test('a link needs to see the other side', async () => {
  const review = (book) => [ada.tx.reviews[id()].create({ text: 'x', stars: 4 }).link({ book })];
  await ada.transact(review(ids.notes));
  assert.equal((await db.query({ reviews: {} })).reviews.length, 3);
  assert.deepEqual(await refusal(ada.transact(review(ids.poems))), denied('books'));
});

test('debugQuery shows each check with its rule', async () => {
  const { result, checkResults } = await guest.debugQuery({ books: { $: { where: { isbn: { $in: ['1', '3'] } } } } });
  assert.deepEqual(titles(result.books), ['Notes']);
  const checks = new Map(checkResults.map((check) => [check.id, check]));
  assert.equal(checks.size, 2);
  assert.equal(checks.get(ids.notes).check, true);
  assert.equal(checks.get(ids.poems).check, false);
  const { entity, label, record, program } = checks.get(ids.poems);
  assert.deepEqual({ entity, label }, { entity: 'books', label: null });
  assert.equal(record.title, 'Poems');
  assert.equal(program.action, 'view');
  assert.equal(program.etype, 'books');
  assert.equal(program['display-code'], 'data.inPrint == true || isOwner');
  assert.match(program.code, /^cel\.bind\(isOwner, .*data\.inPrint == true \|\| isOwner\)$/s);
});

test('debugQuery takes other rules', async () => {
  const rules = { books: { allow: { view: "data.title.startsWith('P')" } } };
  const { result } = await guest.debugQuery({ books: {} }, { rules });
  assert.deepEqual(titles(result.books), ['Poems']);
  const broken = { books: { allow: { view: 'data.title ==' } } };
  const wrong = await refusal(guest.debugQuery({ books: {} }, { rules: broken }));
  assert.equal(wrong.status, 400);
  assert.match(wrong.message, /^Validation failed for rule: /);
  assert.deepEqual(await seen(guest), ['Notes']);
});

test('the check endpoints need a user', async () => {
  const wrong = await refusal(db.debugQuery({ books: {} }));
  assert.equal(wrong.status, 400);
  assert.equal(wrong.message, 'Validation failed for non-admin: Cannot test perms as admin');
  assert.equal((await refusal(db.debugTransact(db.tx.books[ids.notes].delete()))).status, 400);
});

test('debugTransact shows each check, and writes nothing', async () => {
  const answer = await ada.debugTransact([
    ada.tx.books[ids.notes].update({ pages: 70 }),
    ada.tx.books[ids.poems].update({ pages: 71 }),
  ]);
  assert.equal(answer['all-checks-ok?'], false);
  assert.equal(answer['committed?'], false);
  assert.ok(Number.isInteger(answer['tx-id']));
  const checks = new Map(answer['check-results'].map((check) => [check.eid, check]));
  assert.equal(checks.size, 2);
  const own = checks.get(ids.notes);
  assert.equal(own['check-pass?'], true);
  assert.equal(own['check-result'], true);
  assert.equal(own.action, 'update');
  assert.equal(own.scope, 'object');
  assert.equal(own.bindings.data.pages, 66);
  assert.equal(own.bindings['new-data'].pages, 70);
  assert.deepEqual(own.bindings['modified-fields'], ['pages']);
  assert.equal(own.bindings['rule-params'], null);
  assert.equal(checks.get(ids.poems)['check-pass?'], false);
  const { books } = await db.query({ books: { $: { where: { isbn: '1' } } } });
  assert.equal(books[0].pages, 66);
});

test('debugTransact takes other rules', async () => {
  const rules = { books: { allow: { update: 'false' } } };
  const answer = await ada.debugTransact(ada.tx.books[ids.notes].update({ pages: 70 }), { rules });
  assert.equal(answer['all-checks-ok?'], false);
  assert.equal(answer['check-results'][0].program.code, 'false');
});
