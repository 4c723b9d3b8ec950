/** The Worker as `npm start` runs it, over real sockets: what a client reads when it is refused while it still writes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKey } from '#edge/storage/keys';
import { bundleWorker, startWorker, type Worker } from '../../scripts/cli/worker.ts';
import { type FakeBackend, startFakeBackend } from './fake-backend.ts';

const SECRET = 'a secret that only tests know';
const MB = 1024 * 1024;
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQI12M4Y2wMQQxwFgBLYgctOrxZ4QAAAABJRU5ErkJggg==';

let folder: string;
let backend: FakeBackend;
let worker: Worker;
let key: string;
/** A client token that has nothing left. */
let spent: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-sockets-'));
  backend = await startFakeBackend(SECRET);
  worker = await startWorker({
    host: '127.0.0.1',
    port: 0,
    stateFolder: folder,
    bundle: await bundleWorker(),
    settings: { BACKEND_URLS: backend.url, BACKEND_SECRET: SECRET },
  });
  key = (
    await createKey(
      await worker.database(),
      {
        mode: 'test',
        name: 'sockets',
        tenant: 'sockets',
        plan: 'development',
        scopes: ['runs:write', 'images', 'tokens:mint'],
      },
      Date.now(),
    )
  ).key;
  const json = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const wish = JSON.stringify({ subject: 'a phone', scopes: ['images'], max_cost: 1 });
  const minted = await fetch(`${worker.url}/v1/client_tokens`, { method: 'POST', headers: json, body: wish });
  spent = ((await minted.json()) as { token: string }).token;
  const first = await fetch(`${worker.url}/v1/images`, {
    method: 'POST',
    headers: { authorization: `Bearer ${spent}` },
    body: Buffer.from(PNG, 'base64'),
  });
  expect(first.status).toBe(201);
});

afterAll(async () => {
  await worker.stop();
  await backend.stop();
  await rm(folder, { recursive: true, force: true });
});

type Upload = {
  readonly path: string;
  readonly bytes: number;
  readonly headers: Record<string, string>;
  readonly chunked?: boolean;
};

/** Writes the whole body, piece by piece, and resolves with the status; rejects when the connection is reset. */
function statusOf({ path, bytes, headers, chunked = false }: Upload): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, worker.url);
    const length: Record<string, string> = chunked ? {} : { 'content-length': String(bytes) };
    const sending = request(
      url,
      { method: 'POST', headers: { ...headers, ...length }, agent: false },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sending.on('error', reject);
    const piece = Buffer.alloc(256 * 1024, 65);
    let left = bytes;
    const write = (): void => {
      if (left <= 0) return void sending.end();
      const part = piece.subarray(0, Math.min(piece.length, left));
      left -= part.length;
      sending.write(part, () => setImmediate(write));
    };
    write();
  });
}

const bearer = () => ({ authorization: `Bearer ${key}` });
const limited = () => ({ authorization: `Bearer ${spent}` });

// A phone that is told "connection reset" instead of 401 or 413 uploads the same photo again and again.
it.each([
  ['401 while 3 MB upload', 401, () => ({ path: '/v1/images', bytes: 3 * MB, headers: {} })],
  ['401 while 20 MB upload', 401, () => ({ path: '/v1/images', bytes: 20 * MB, headers: {} })],
  [
    '401 while 3 MB upload in chunks',
    401,
    () => ({ path: '/v1/runs', bytes: 3 * MB, headers: {}, chunked: true }),
  ],
  ['403 while 20 MB upload', 403, () => ({ path: '/v1/keys', bytes: 20 * MB, headers: bearer() })],
  ['429 while 3 MB upload', 429, () => ({ path: '/v1/images', bytes: 3 * MB, headers: limited() })],
  ['429 while 20 MB upload', 429, () => ({ path: '/v1/images', bytes: 20 * MB, headers: limited() })],
  [
    '429 while 20 MB upload in chunks',
    429,
    () => ({ path: '/v1/images', bytes: 20 * MB, headers: limited(), chunked: true }),
  ],
  ['413 while 20 MB upload', 413, () => ({ path: '/v1/images', bytes: 20 * MB, headers: bearer() })],
  [
    '413 while 20 MB upload in chunks',
    413,
    () => ({ path: '/v1/images', bytes: 20 * MB, headers: bearer(), chunked: true }),
  ],
  [
    '415 by encoding while 3 MB upload',
    415,
    () => ({ path: '/v1/runs', bytes: 3 * MB, headers: { ...bearer(), 'content-encoding': 'gzip' } }),
  ],
  [
    '415 by type while 3 MB upload',
    415,
    () => ({ path: '/v1/runs', bytes: 3 * MB, headers: { ...bearer(), 'content-type': 'text/csv' } }),
  ],
  ['415 by content after 3 MB', 415, () => ({ path: '/v1/images', bytes: 3 * MB, headers: bearer() })],
  ['404 while 3 MB upload', 404, () => ({ path: '/v1/photos', bytes: 3 * MB, headers: bearer() })],
  ['405 while 3 MB upload', 405, () => ({ path: '/v1/tools', bytes: 3 * MB, headers: bearer() })],
] as const)('every client reads %s', async (_, status, uploadOf) => {
  const statuses: number[] = [];
  for (let time = 0; time < 8; time++) statuses.push(await statusOf(uploadOf()));
  expect(statuses).toEqual(Array.from({ length: 8 }, () => status));
});

it('the Worker still answers after all of this', async () => {
  expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);
});
