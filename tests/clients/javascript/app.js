// A new app for a test, on the server that INSTANT_TEST_URL names, and clients of it.
import { readFile } from 'node:fs/promises';
import { id, init } from '@instantdb/admin';

export const url = process.env.INSTANT_TEST_URL;
if (!url) throw new Error('INSTANT_TEST_URL must name a running server; ../run starts one');

const { schema, rules } = JSON.parse(await readFile(new URL('../app.json', import.meta.url), 'utf8'));

/** An app with the schema, and with rules if they are wanted. */
export async function makeApp({ withRules = false } = {}) {
  const answer = await fetch(`${url}/dash/apps/ephemeral`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'clients', schema, ...(withRules ? { rules: { code: rules } } : {}) }),
  });
  if (answer.status !== 200) throw new Error(`no app: ${answer.status} ${await answer.text()}`);
  const { app } = await answer.json();
  return { app, db: client(app, app['admin-token']) };
}

/** A client without the schema: the types of the package are checked by TypeScript only. */
export function client(app, adminToken) {
  return init({ appId: app.id, adminToken, apiURI: url });
}

/** Two authors, three books, two of them reviewed; the ids by name. */
export async function library(db) {
  const ids = { ada: id(), bea: id(), lovelace: id(), byron: id(), notes: id(), engine: id(), poems: id(), good: id(), bad: id() };
  await db.transact([
    db.tx.$users[ids.ada].create({ email: 'ada@example.com' }),
    db.tx.$users[ids.bea].create({ email: 'bea@example.com' }),
    db.tx.authors[ids.lovelace].create({ name: 'Lovelace', email: 'lovelace@example.com' }),
    db.tx.authors[ids.byron].create({ name: 'Byron', email: 'byron@example.com' }),
    db.tx.books[ids.notes]
      .create({ title: 'Notes', isbn: '1', pages: 66, published: '1843-08-01', inPrint: true, facts: { letters: ['A', 'G'] } })
      .link({ author: ids.lovelace, owner: ids.ada }),
    db.tx.books[ids.engine]
      .create({ title: 'The Engine', isbn: '2', pages: 120, published: '1844-01-15', inPrint: false })
      .link({ author: ids.lovelace, owner: ids.ada }),
    db.tx.books[ids.poems]
      .create({ title: 'Poems', isbn: '3', pages: 200, published: '1812-03-10', inPrint: false })
      .link({ author: ids.byron, owner: ids.bea }),
    db.tx.reviews[ids.good].create({ text: 'Ahead of its time', stars: 5 }).link({ book: ids.notes }),
    db.tx.reviews[ids.bad].create({ text: 'Dry', stars: 1 }).link({ book: ids.notes }),
  ]);
  return ids;
}

/** What a refused call was refused with. */
export async function refusal(call) {
  try {
    await call;
  } catch (error) {
    if (error.name !== 'InstantAPIError') throw error;
    const { status, body } = error;
    return { status, type: body.type, message: body.message, hint: body.hint };
  }
  throw new Error('it was not refused');
}

export const titles = (books) => books.map((book) => book.title);
