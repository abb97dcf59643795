// `instant-cli push perms`, `pull perms` and `query`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { project, rulesFile, schemaFile } from './project.js';

const A = 'c3752d3d-c5c5-5657-a255-ec764f0fd98d';
const RULES = {
  posts: { allow: { view: 'data.isOpen == true', create: 'isAdmin' }, bind: ['isAdmin', "auth.email == 'ada@a.co'"] },
};

test('pushed rules are stored, and a second push changes nothing', async (t) => {
  const p = await project(t);
  await p.write('instant.perms.ts', rulesFile(RULES));
  const first = await p.instant('push', 'perms', '--yes');
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /Permissions updated!/);
  assert.deepEqual(await p.rules(), RULES);
  const second = await p.instant('push', 'perms', '--yes');
  assert.equal(second.code, 0, second.err);
  assert.match(second.out, /No perms changes to apply!/);
});

test('rules that do not compile are refused with their place, and those before stay', async (t) => {
  const p = await project(t);
  await p.write('instant.perms.ts', rulesFile(RULES));
  assert.equal((await p.instant('push', 'perms', '--yes')).code, 0);
  await p.write('instant.perms.ts', rulesFile({ posts: { allow: { view: 'lol == 1' } } }));
  const { code, err } = await p.instant('push', 'perms', '--yes');
  assert.equal(code, 1);
  assert.match(err, /Validation failed for rule: undeclared reference to 'lol'/);
  assert.match(err, /posts->allow->view: undeclared reference to 'lol'/);
  assert.deepEqual(await p.rules(), RULES);
});

test('pulled rules are the pushed ones', async (t) => {
  const p = await project(t);
  await p.write('instant.perms.ts', rulesFile(RULES));
  assert.equal((await p.instant('push', 'perms', '--yes')).code, 0);
  const pulled = await p.instant('pull', 'perms', '--yes');
  assert.equal(pulled.code, 0, pulled.err);
  const text = await p.read('instant.perms.ts');
  for (const part of [
    'import type { InstantRules } from "@instantdb/core";',
    'view: "data.isOpen == true"',
    'create: "isAdmin"',
    `bind: ["isAdmin", "auth.email == 'ada@a.co'"]`,
    '} satisfies InstantRules;',
  ]) {
    assert.ok(text.includes(part), `${part} in:\n${text}`);
  }
  assert.match((await p.instant('push', 'perms', '--yes')).out, /No perms changes to apply!/);
});

test('both are pushed and pulled where neither is named', async (t) => {
  const p = await project(t);
  await p.write('instant.schema.ts', schemaFile('posts: i.entity({ isOpen: i.boolean().optional() })'));
  await p.write('instant.perms.ts', rulesFile(RULES));
  const pushed = await p.instant('push', '--yes');
  assert.equal(pushed.code, 0, pushed.err);
  assert.deepEqual([(await p.attributes('posts')).isOpen, await p.rules()], ['boolean', RULES]);
  const pulled = await p.instant('pull', '--yes');
  assert.equal(pulled.code, 0, pulled.err);
  assert.match(await p.read('instant.schema.ts'), /isOpen: i\.boolean\(\)\.optional\(\),/);
  assert.match(await p.read('instant.perms.ts'), /create: "isAdmin"/);
});

test('queries answer as the administrator, and by the rules as a guest', async (t) => {
  const p = await project(t);
  await p.write('instant.perms.ts', rulesFile(RULES));
  assert.equal((await p.instant('push', 'perms', '--yes')).code, 0);
  await p.transact(['create', 'posts', A, { isOpen: false }]);
  const asked = async (...as) => JSON.parse((await p.instant('query', ...as, '{ posts: {} }')).out);
  assert.deepEqual(await asked('--admin'), { posts: [{ id: A, isOpen: false }] });
  assert.deepEqual(await asked('--as-guest'), { posts: [] });
  await p.transact(['update', 'posts', A, { isOpen: true }]);
  assert.deepEqual(await asked('--as-guest'), { posts: [{ id: A, isOpen: true }] });
  const nobody = await p.instant('query', '--as-email', 'no@a.co', '{ posts: {} }');
  assert.equal(nobody.code, 1);
  assert.match(nobody.err, /Record not found: app-user/);
});

test('a wrong token is refused', async (t) => {
  const p = await project(t);
  await p.write('instant.perms.ts', rulesFile(RULES));
  p.env = { INSTANT_APP_ADMIN_TOKEN: A };
  const { code, err } = await p.instant('push', 'perms', '--yes');
  assert.equal(code, 1);
  assert.match(err, /Record not found: instant-user/);
  assert.equal(await p.rules(), null);
});
