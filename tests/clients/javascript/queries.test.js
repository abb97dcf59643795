// What queries of the administrator answer.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { client, library, makeApp, refusal, titles } from './app.js';

let db, ids;
before(async () => {
  ({ db } = await makeApp());
  ids = await library(db);
});

const books = async ($) => titles((await db.query({ books: { $ } })).books);

test('an entity comes with its attributes as they were written', async () => {
  const { books } = await db.query({ books: { $: { where: { isbn: '1' } } } });
  assert.deepEqual(books, [
    {
      id: ids.notes, title: 'Notes', isbn: '1', pages: 66, published: '1843-08-01', inPrint: true,
      facts: { letters: ['A', 'G'] }, author: ids.lovelace, owner: ids.ada,
    },
  ]);
});

test('links are followed in both directions', async () => {
  const { books } = await db.query({ books: { $: { where: { isbn: '1' } }, author: {}, reviews: {} } });
  assert.deepEqual(books[0].author, [{ id: ids.lovelace, name: 'Lovelace', email: 'lovelace@example.com' }]);
  assert.deepEqual(new Set(books[0].reviews.map((review) => review.text)), new Set(['Ahead of its time', 'Dry']));
  const { authors } = await db.query({ authors: { $: { where: { name: 'Lovelace' } }, books: { owner: {} } } });
  assert.equal(authors.length, 1);
  assert.deepEqual(titles(authors[0].books).sort(), ['Notes', 'The Engine']);
  assert.equal(authors[0].books[0].owner[0].email, 'ada@example.com');
});

test('where compares numbers, texts, booleans and dates', async () => {
  assert.deepEqual(await books({ where: { pages: { $gt: 66 } }, order: { pages: 'asc' } }), ['The Engine', 'Poems']);
  assert.deepEqual(await books({ where: { pages: { $lte: 120 } }, order: { pages: 'asc' } }), ['Notes', 'The Engine']);
  assert.deepEqual(await books({ where: { pages: { $in: [120, 200] } }, order: { pages: 'desc' } }), ['Poems', 'The Engine']);
  assert.deepEqual(await books({ where: { title: { $like: '%e%' } }, order: { title: 'asc' } }), ['Notes', 'Poems', 'The Engine']);
  assert.deepEqual(await books({ where: { title: { $ilike: 'the %' } } }), ['The Engine']);
  assert.deepEqual(await books({ where: { inPrint: true } }), ['Notes']);
  assert.deepEqual(await books({ where: { published: { $lt: '1843-01-01' } } }), ['Poems']);
  assert.deepEqual(await books({ where: { title: { $not: 'Notes' } }, order: { title: 'asc' } }), ['Poems', 'The Engine']);
  assert.deepEqual(await books({ where: { facts: { $isNull: true } }, order: { title: 'asc' } }), ['Poems', 'The Engine']);
});

test('conditions are joined, and go over links', async () => {
  const both = { and: [{ inPrint: false }, { pages: { $lt: 150 } }] };
  assert.deepEqual(await books({ where: both }), ['The Engine']);
  const either = { or: [{ isbn: '1' }, { 'author.name': 'Byron' }] };
  assert.deepEqual(await books({ where: either, order: { title: 'asc' } }), ['Notes', 'Poems']);
  assert.deepEqual(await books({ where: { 'reviews.stars': 5 } }), ['Notes']);
  assert.deepEqual(await books({ where: { author: ids.byron } }), ['Poems']);
});

test('order, limit and offset cut a page', async () => {
  assert.deepEqual(await books({ order: { published: 'asc' } }), ['Poems', 'Notes', 'The Engine']);
  assert.deepEqual(await books({ order: { pages: 'desc' }, limit: 2 }), ['Poems', 'The Engine']);
  assert.deepEqual(await books({ order: { pages: 'desc' }, limit: 2, offset: 2 }), ['Notes']);
});

test('fields keeps what it names, and the id', async () => {
  const { books } = await db.query({ books: { $: { where: { isbn: '3' }, fields: ['title'] } } });
  assert.deepEqual(books, [{ id: ids.poems, title: 'Poems' }]);
});

test('what is not there is an empty list', async () => {
  assert.deepEqual(await db.query({ books: { $: { where: { isbn: '9' } } } }), { books: [] });
  assert.deepEqual(await db.query({ unknown: {} }), { unknown: [] });
  assert.deepEqual(await db.query({}), {});
});

test('a query that means nothing is refused with its place', async () => {
  const wrong = await refusal(db.query({ books: { $: { where: { pages: { $gt: 'many' } } } } }));
  assert.equal(wrong.status, 400);
  assert.equal(wrong.type, 'validation-failed');
  assert.match(wrong.message, /The data type of `books.pages` is `number`, but the query got the value `"many"` of type `string`/);
  assert.equal(wrong.hint['data-type'], 'query');
});

test('the wrong token is told apart from the wrong app', async () => {
  const { app } = await makeApp();
  const stranger = await refusal(client(app, '3f2504e0-4f89-41d3-9a0c-0305e82c3301').query({ books: {} }));
  assert.equal(stranger.status, 400);
  assert.equal(stranger.type, 'record-not-found');
  assert.equal(stranger.message, 'Record not found: app-admin-token');
});
