/** `npm run keys`: what it says of apps that App Check attests, over the real database. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKey, findKeyAnywhere, revokeKey } from '#edge/storage/keys';
import { appCheck } from '#shared/api/keys';
import { type KeyStore, openDatabase } from '../../scripts/cli/database.ts';
import { appCheckOf } from '../../scripts/cli/key-apps.ts';
import { allow } from '../../scripts/cli/key-web.ts';
import { ROOT } from '../../scripts/cli/worker.ts';

let state: string;
let store: KeyStore;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'edge-keys-'));
  store = await openDatabase(join(state, 'edge'));
});
afterAll(async () => {
  await store.close();
  await rm(state, { recursive: true, force: true });
});

const settingOf = async (id: string) => (await findKeyAnywhere(store.database, id))?.appCheck;
const PROJECT = {
  issuer: 'https://firebaseappcheck.googleapis.com/1234567890',
  audience: 'projects/1234567890',
};

it('a key is made for an app, its caps are changed, and it is taken from the app again', async () => {
  const options = ['--app-check', '1234567890', '--app-max-runs', '5', '--json', '--state', state];
  const command = [join(ROOT, 'scripts/keys.ts'), 'create', ...options];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT });
  const { id } = JSON.parse(stdout) as { id: string };
  const made = appCheck.parse({ ...PROJECT, max_runs: 5 });
  expect(await settingOf(id)).toEqual(made);
  await allow(store.database, id, { 'app-cost-per-day': '90', 'app-scopes': 'runs:write, images' });
  const changed = { ...made, cost_per_day: 90, scopes: ['runs:write', 'images'] };
  expect(await settingOf(id)).toEqual(changed);
  await allow(store.database, id, { origins: 'https://app.example.com' });
  expect(await settingOf(id)).toEqual(changed);
  await allow(store.database, id, { 'app-check': '' });
  expect(await settingOf(id)).toBeUndefined();
});

it('a key that is revoked is changed no more', async () => {
  const { id } = await createKey(store.database, { mode: 'live', name: '', tenant: 'local' }, Date.now());
  await revokeKey(store.database, id, Date.now());
  await expect(allow(store.database, id, { 'app-check': '1' })).rejects.toThrow(/is revoked/);
});

it.each([
  [{ 'app-max-runs': '5' }, /Expected --app-check/],
  [{ 'app-check': 'my-app' }, /--app-check of digits/],
  [{ 'app-check': '1', 'app-max-runs': '0' }, /^--app-max-runs: /],
  [{ 'app-check': '1', 'app-max-runs': '1e3' }, /^--app-max-runs: /],
  [{ 'app-check': '1', 'app-max-cost': '100001' }, /^--app-max-cost: /],
  [{ 'app-check': '1', 'app-cost-per-day': '' }, /^--app-cost-per-day: /],
  [{ 'app-check': '1', 'app-scopes': 'keys:admin' }, /^--app-scopes: /],
  [{ 'app-check': '1', 'app-scopes': '' }, /^--app-scopes: /],
] as const)('refuses %j', (values, message) => {
  expect(() => appCheckOf(values)).toThrow(message);
});
