// `instant-cli push schema` and `pull schema`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { project, schemaFile } from './project.js';

const A = 'c3752d3d-c5c5-5657-a255-ec764f0fd98d';
const B = '0ea791e3-b9bc-5f6c-bcff-d7e795de30aa';

const POSTS = `posts: i.entity({
    title: i.string().indexed(),
    slug: i.string().unique(),
    views: i.number().optional(),
    meta: i.json().optional(),
    at: i.date().indexed().optional(),
  }),
  people: i.entity({ name: i.string() })`;
const AUTHOR = `postsAuthor: {
    forward: { on: "posts", has: "one", label: "author", onDelete: "cascade" },
    reverse: { on: "people", has: "many", label: "posts" },
  }`;

test('a push makes what the file says, and a second one changes nothing', async (t) => {
  const p = await project(t);
  await p.write('instant.schema.ts', schemaFile(POSTS, AUTHOR));
  const first = await p.instant('push', 'schema', '--yes');
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /CREATE NAMESPACE\s+posts/);
  assert.match(first.out, /CREATE LINK\s+posts\.author <-> people\.posts/);
  assert.match(first.out, /Schema updated!/);
  assert.match(first.out, /Finished adding uniqueness constraint to posts\.slug\./);
  assert.match(first.out, /Finished adding index to posts\.at\./);
  assert.deepEqual(await p.attributes('posts'), {
    id: 'json unique required',
    title: 'string indexed required',
    slug: 'string unique required',
    views: 'number',
    meta: 'json',
    at: 'date indexed',
  });
  assert.deepEqual(await p.attributes('people'), { id: 'json unique required', name: 'string required' });
  const { schema } = await p.get('/admin/schema');
  const author = schema.refs['posts-author-people-posts'];
  assert.deepEqual(
    [author.cardinality, author['unique?'], author['required?'], author['on-delete']],
    ['one', false, false, 'cascade'],
  );
  const second = await p.instant('push', 'schema', '--yes');
  assert.equal(second.code, 0, second.err);
  assert.match(second.out, /No schema changes to apply!/);
});

test('a pulled schema is the pushed one, and pushing it changes nothing', async (t) => {
  const p = await project(t);
  await p.write('instant.schema.ts', schemaFile(POSTS, AUTHOR));
  assert.equal((await p.instant('push', 'schema', '--yes')).code, 0);
  const pulled = await p.instant('pull', 'schema', '--yes');
  assert.equal(pulled.code, 0, pulled.err);
  assert.match(pulled.out, /Wrote schema to instant\.schema\.ts/);
  const text = await p.read('instant.schema.ts');
  for (const line of [
    '      path: i.string().unique().indexed(),',
    '      email: i.string().unique().indexed().optional(),',
    '      name: i.string(),',
    '      at: i.date().indexed().optional(),',
    '      meta: i.any().optional(),',
    '      slug: i.string().unique(),',
    '      title: i.string().indexed(),',
    '      views: i.number().optional(),',
    '    postsAuthor: {',
    '        onDelete: "cascade",',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} in:\n${text}`);
  }
  const again = await p.instant('push', 'schema', '--yes');
  assert.equal(again.code, 0, again.err);
  assert.match(again.out, /No schema changes to apply!/);
});

test('a new app is pulled with the entities of the system', async (t) => {
  const p = await project(t);
  const { code, err } = await p.instant('pull', 'schema', '--yes');
  assert.equal(code, 0, err);
  const text = await p.read('instant.schema.ts');
  const entities = [...text.matchAll(/^ {4}(\S+): i\.entity/gm)].map((found) => found[1]);
  assert.deepEqual(entities, ['$files', '$streams', '$users']);
  const links = [...text.matchAll(/^ {4}(\S+): \{$/gm)].map((found) => found[1]);
  assert.deepEqual(links, ['$streams$files', '$usersLinkedPrimaryUser']);
});

test('a rename keeps the values, and its old name is free again', async (t) => {
  const p = await project(t);
  await p.write('instant.schema.ts', schemaFile('posts: i.entity({ name: i.string().optional() })'));
  assert.equal((await p.instant('push', 'schema', '--yes')).code, 0);
  await p.transact(['create', 'posts', A, { name: 'n' }]);
  await p.write('instant.schema.ts', schemaFile('posts: i.entity({ title: i.string().optional() })'));
  const renamed = await p.instant('push', 'schema', '--yes', '--rename', 'posts.name:posts.title');
  assert.equal(renamed.code, 0, renamed.err);
  assert.match(renamed.out, /RENAME ATTR\s+posts\.name -> posts\.title/);
  assert.deepEqual((await p.query({ posts: {} })).posts, [{ id: A, title: 'n' }]);
  const both = 'posts: i.entity({ title: i.string().optional(), name: i.number().optional() })';
  await p.write('instant.schema.ts', schemaFile(both));
  assert.equal((await p.instant('push', 'schema', '--yes')).code, 0);
  assert.deepEqual(await p.attributes('posts'), { id: 'json unique required', title: 'string', name: 'number' });
});

test('what left the file is deleted, and its name is free again', async (t) => {
  const p = await project(t);
  const file = (attributes) => p.write('instant.schema.ts', schemaFile(`posts: i.entity({ ${attributes} })`));
  await file('title: i.string().optional(), old: i.string().optional()');
  assert.equal((await p.instant('push', 'schema', '--yes')).code, 0);
  await p.transact(['create', 'posts', A, { title: 't', old: 'o' }]);
  await file('title: i.string().optional()');
  const deleted = await p.instant('push', 'schema', '--yes');
  assert.equal(deleted.code, 0, deleted.err);
  assert.match(deleted.out, /DELETE ATTR\s+posts\.old/);
  assert.deepEqual((await p.query({ posts: {} })).posts, [{ id: A, title: 't' }]);
  const { attrs } = await p.get('/admin/soft_deleted_attrs');
  assert.deepEqual(attrs.map((attr) => attr['forward-identity'][2].split('$')[1]), ['old']);
  await file('title: i.string().optional(), old: i.number().optional()');
  assert.equal((await p.instant('push', 'schema', '--yes')).code, 0);
  assert.equal((await p.attributes('posts')).old, 'number');
});

test('values that break new constraints are shown, and the attributes stay as they were', async (t) => {
  const p = await project(t);
  const file = (attributes) => p.write('instant.schema.ts', schemaFile(`posts: i.entity({ ${attributes} })`));
  await file('title: i.any().optional(), kind: i.any().optional()');
  assert.equal((await p.instant('push', 'schema', '--yes')).code, 0);
  await p.transact(
    ['create', 'posts', A, { title: 'same', kind: 'k' }],
    ['create', 'posts', B, { title: 'same' }],
  );
  await file('title: i.any().unique().optional(), kind: i.number(), must: i.string()');
  const failed = await p.instant('push', 'schema', '--yes');
  assert.equal(failed.code, 1);
  for (const says of [
    'INVALID DATA adding uniqueness constraint to posts.title.',
    'Found multiple entities with value "same".',
    'INVALID DATA setting type of posts.kind to number.',
    'INVALID DATA adding required constraint to posts.kind.',
    'INVALID DATA adding required constraint to posts.must.',
  ]) {
    assert.ok(failed.out.includes(says), `${says} in:\n${failed.out}`);
  }
  const rows = failed.out.split('\n').filter((line) => line.startsWith('  posts '));
  for (const id of [A, B]) {
    assert.ok(rows.some((row) => row.includes(id) && row.includes('"same"')), `${id} in:\n${rows.join('\n')}`);
  }
  assert.deepEqual(await p.attributes('posts'), {
    id: 'json unique required',
    title: 'json',
    kind: 'json',
    must: 'string',
  });
});

test('constraints that the values meet are set and taken back', async (t) => {
  const p = await project(t);
  const file = (attributes) => p.write('instant.schema.ts', schemaFile(`posts: i.entity({ ${attributes} })`));
  await file('title: i.any().optional()');
  assert.equal((await p.instant('push', 'schema', '--yes')).code, 0);
  await p.transact(['create', 'posts', A, { title: 'a' }], ['create', 'posts', B, { title: 'b' }]);
  await file('title: i.string().unique().indexed()');
  assert.equal((await p.instant('push', 'schema', '--yes')).code, 0);
  assert.equal((await p.attributes('posts')).title, 'string unique indexed required');
  const ordered = await p.query({ posts: { $: { order: { title: 'desc' } } } });
  assert.deepEqual(ordered.posts.map((post) => post.title), ['b', 'a']);
  await assert.rejects(p.transact(['update', 'posts', B, { title: 'a' }]), /record-not-unique/);
  await file('title: i.any().optional()');
  assert.equal((await p.instant('push', 'schema', '--yes')).code, 0);
  assert.equal((await p.attributes('posts')).title, 'json');
  await p.transact(['update', 'posts', B, { title: 7 }]);
});

test('a link changes what both sides have', async (t) => {
  const p = await project(t);
  const link = (has, onDelete = '') => `l: {
    forward: { on: "posts", has: "${has}", label: "author"${onDelete} },
    reverse: { on: "people", has: "many", label: "posts" },
  }`;
  const entities = 'posts: i.entity({ t: i.any() }), people: i.entity({ n: i.any() })';
  const shape = async () => {
    const { schema } = await p.get('/admin/schema');
    const attr = schema.refs['posts-author-people-posts'];
    return [attr.cardinality, attr['unique?'], attr['on-delete'] ?? null];
  };
  await p.write('instant.schema.ts', schemaFile(entities, link('many')));
  assert.equal((await p.instant('push', 'schema', '--yes')).code, 0);
  assert.deepEqual(await shape(), ['many', false, null]);
  await p.write('instant.schema.ts', schemaFile(entities, link('one', ', onDelete: "cascade"')));
  assert.equal((await p.instant('push', 'schema', '--yes')).code, 0);
  assert.deepEqual(await shape(), ['one', false, 'cascade']);
});
