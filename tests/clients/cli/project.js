// A project folder with an app of its own, on the server that INSTANT_TEST_URL names, and the command line in it.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const url = process.env.INSTANT_TEST_URL;
if (!url) throw new Error('INSTANT_TEST_URL must name a running server; ../run starts one');
const here = fileURLToPath(new URL('.', import.meta.url));

/** A schema file of these entities and links, written as the body of `i.schema`. */
export const schemaFile = (entities, links = '') =>
  `import { i } from "@instantdb/core";\n` +
  `export default i.schema({ entities: { ${entities} }, links: { ${links} }, rooms: {} });\n`;

export const rulesFile = (rules) => `export default ${JSON.stringify(rules)};\n`;

/** An empty folder with a package.json, and an app. It is removed when the test `t` ends. */
export async function project(t) {
  const folder = await mkdtemp(join(tmpdir(), 'instant-cli-'));
  t.after(() => rm(folder, { recursive: true }));
  const package_ = { private: true, dependencies: { '@instantdb/core': '1.0.67' } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(package_));
  await symlink(join(here, 'node_modules'), join(folder, 'node_modules'));
  const { app } = await post('/dash/apps/ephemeral', { title: 'cli' });
  return new Project(folder, app);
}

async function post(path, body, headers = {}) {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const json = await answer.json();
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(json)}`);
  return json;
}

class Project {
  constructor(folder, app) {
    this.folder = folder;
    this.app = app;
    this.headers = { 'app-id': app.id, authorization: `Bearer ${app['admin-token']}` };
  }

  write(name, text) {
    return writeFile(join(this.folder, name), text);
  }

  read(name) {
    return readFile(join(this.folder, name), 'utf8');
  }

  /** Runs `instant-cli` and returns its exit code, what it printed, and what it complained about. */
  instant(...args) {
    const program = join(here, 'node_modules/instant-cli/bin/index.js');
    const env = {
      ...process.env,
      INSTANT_CLI_API_URI: url,
      INSTANT_APP_ID: this.app.id,
      INSTANT_APP_ADMIN_TOKEN: this.app['admin-token'],
      INSTANT_CLI_NO_BROWSER: '1',
      NO_COLOR: '1',
      CI: '1',
      ...this.env,
    };
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [program, ...args], { cwd: this.folder, env }, (error, out, err) =>
        resolve({ code: error ? error.code : 0, out, err }),
      );
      child.stdin.end();
    });
  }

  async get(path) {
    const answer = await fetch(url + path, { headers: this.headers });
    return answer.json();
  }

  /** The attributes that the server has of an entity, by label, without what it makes up. */
  async attributes(entity) {
    const { schema } = await this.get('/admin/schema');
    const attributes = Object.values(schema.blobs[entity] ?? {});
    return Object.fromEntries(
      attributes.map((attr) => [
        attr['forward-identity'][2],
        [
          attr['checked-data-type'] ?? 'json',
          attr['unique?'] && 'unique',
          attr['index?'] && 'indexed',
          attr['required?'] && 'required',
        ]
          .filter(Boolean)
          .join(' '),
      ]),
    );
  }

  async rules() {
    return (await this.get(`/dash/apps/${this.app.id}/perms/pull`)).perms;
  }

  transact(...steps) {
    return post('/admin/transact', { steps }, this.headers);
  }

  query(query) {
    return post('/admin/query', { query }, this.headers);
  }
}
