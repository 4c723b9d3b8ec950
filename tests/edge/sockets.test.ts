/** R17: the Worker as `npm start` runs it, over real sockets: what a client reads when it is refused while it still writes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateKey } from '#edge/storage/key-format';
import { createKey } from '#edge/storage/keys';
import { bundleWorker, startWorker, type Worker } from '../../scripts/cli/worker.ts';
import { watchReplies } from '../spec/checked-fetch.ts';
import { checkReply } from '../spec/reply.ts';
import { type FakeBackend, startFakeBackend } from './fake-backend.ts';
import { roundsOf, shareOf } from './rounds.ts';

const SECRET = 'a secret that only tests know';
const MB = 1024 * 1024;
const CLIENTS_AT_ONCE = Math.max(4, shareOf(20, roundsOf(process.env['RELIABILITY_ROUNDS'])));
const REQUESTS_PER_ADDRESS = 40;
const ADDRESS = { 'cf-connecting-ip': '203.0.113.7' };
const GUESSER = { 'cf-connecting-ip': '203.0.113.8' };
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQI12M4Y2wMQQxwFgBLYgctOrxZ4QAAAABJRU5ErkJggg==';

let folder: string;
let backend: FakeBackend;
let worker: Worker;
let key: string;
/** A client token that has nothing left. */
let spent: string;
/** A key of the plan `free`, whose requests of a minute are soon used up. */
let small: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-sockets-'));
  backend = await startFakeBackend(SECRET);
  worker = await startWorker({
    host: '127.0.0.1',
    port: 0,
    stateFolder: folder,
    bundle: await bundleWorker(),
    settings: { BACKEND_URLS: backend.url, BACKEND_SECRET: SECRET },
    requestsPerAddress: REQUESTS_PER_ADDRESS,
  });
  watchReplies(worker.url);
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
  const wishOfSmall = { mode: 'test', name: 'small', tenant: 'small', plan: 'free' } as const;
  small = (await createKey(await worker.database(), wishOfSmall, Date.now())).key;
  const json = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const wish = JSON.stringify({ subject: 'a phone', scopes: ['images'], max_cost: 1 });
  const minted = await fetch(`${worker.url}/v1/client_tokens`, {
    method: 'POST',
    headers: json,
    body: wish,
  });
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

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && name !== 'transfer-encoding' ? [[name, value]] : [],
    ),
  );

/** Writes the whole body, piece by piece, and resolves with the status; rejects when the connection is reset. */
function statusOf({ path, bytes, headers, chunked = false }: Upload): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, worker.url);
    const length: Record<string, string> = chunked ? {} : { 'content-length': String(bytes) };
    const sending = request(
      url,
      { method: 'POST', headers: { ...headers, ...length }, agent: false },
      async (response) => {
        try {
          const status = response.statusCode ?? 0;
          const reply = new Response(await text(response), { status, headers: headersOf(response) });
          await checkReply('POST', path, reply);
          resolve(status);
        } catch (error) {
          reject(error);
        }
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

/** Sends small requests until one is refused: now the limit is reached. */
async function spend(headers: Record<string, string>, path: string): Promise<void> {
  const init = { headers: { ...headers, 'content-type': 'application/json' } };
  const body = '{"arguments":{"expression":"1"}}';
  for (let time = 0; time < 10 * REQUESTS_PER_ADDRESS; time++) {
    const asked = path === '/healthz' || path === '/v1/limits' ? init : { ...init, method: 'POST', body };
    const reply = await fetch(worker.url + path, asked);
    await reply.text();
    if (reply.status === 429) return;
  }
  throw new Error(`no limit was reached by ${path}`);
}

const wrong = generateKey('live').key;
const guess = () => ({ authorization: `Bearer ${wrong}`, ...GUESSER });
const hurried = () => ({ authorization: `Bearer ${small}` });

type Case = {
  readonly name: string;
  readonly status: number;
  uploadOf(): Upload;
  /** Brings about what is refused; time undoes it bit by bit. */
  spend?(): Promise<void>;
  /** What a client reads for whom there was room again. */
  readonly later?: number;
};

const images = (bytes: number, headers: Record<string, string>, chunked = false): Upload => ({
  path: '/v1/images',
  bytes,
  headers,
  chunked,
});

const CASES: readonly Case[] = [
  { name: '401 while 3 MB upload', status: 401, uploadOf: () => images(3 * MB, {}) },
  { name: '401 while 20 MB upload', status: 401, uploadOf: () => images(20 * MB, {}) },
  {
    name: '401 while 3 MB upload in chunks',
    status: 401,
    uploadOf: () => ({ path: '/v1/runs', bytes: 3 * MB, headers: {}, chunked: true }),
  },
  {
    name: '403 while 20 MB upload',
    status: 403,
    uploadOf: () => ({ path: '/v1/keys', bytes: 20 * MB, headers: bearer() }),
  },
  { name: '429 of a spent token while 3 MB upload', status: 429, uploadOf: () => images(3 * MB, limited()) },
  {
    name: '429 of a spent token while 20 MB upload',
    status: 429,
    uploadOf: () => images(20 * MB, limited()),
  },
  {
    name: '429 of a spent token while 20 MB upload in chunks',
    status: 429,
    uploadOf: () => images(20 * MB, limited(), true),
  },
  {
    name: '429 of a rate while 20 MB upload',
    status: 429,
    spend: () => spend(hurried(), '/v1/tools/Calculate'),
    uploadOf: () => images(20 * MB, hurried()),
    later: 413,
  },
  {
    name: '429 of a rate while 20 MB upload in chunks',
    status: 429,
    spend: () => spend(hurried(), '/v1/tools/Calculate'),
    uploadOf: () => images(20 * MB, hurried(), true),
    later: 413,
  },
  {
    name: '429 of an address while 20 MB upload',
    status: 429,
    spend: () => spend(ADDRESS, '/healthz'),
    uploadOf: () => images(20 * MB, { ...bearer(), ...ADDRESS }),
    later: 413,
  },
  {
    name: '429 of an address while 20 MB upload in chunks',
    status: 429,
    spend: () => spend(ADDRESS, '/healthz'),
    uploadOf: () => images(20 * MB, { ...bearer(), ...ADDRESS }, true),
    later: 413,
  },
  {
    name: '429 of wrong keys while 20 MB upload',
    status: 429,
    spend: () => spend(guess(), '/v1/limits'),
    uploadOf: () => images(20 * MB, guess()),
    later: 401,
  },
  { name: '413 while 20 MB upload', status: 413, uploadOf: () => images(20 * MB, bearer()) },
  { name: '413 while 20 MB upload in chunks', status: 413, uploadOf: () => images(20 * MB, bearer(), true) },
  {
    name: '415 by encoding while 3 MB upload',
    status: 415,
    uploadOf: () => ({
      path: '/v1/runs',
      bytes: 3 * MB,
      headers: { ...bearer(), 'content-encoding': 'gzip' },
    }),
  },
  {
    name: '415 by type while 3 MB upload',
    status: 415,
    uploadOf: () => ({
      path: '/v1/runs',
      bytes: 3 * MB,
      headers: { ...bearer(), 'content-type': 'text/csv' },
    }),
  },
  { name: '415 by content after 3 MB', status: 415, uploadOf: () => images(3 * MB, bearer()) },
  {
    name: '404 while 3 MB upload',
    status: 404,
    uploadOf: () => ({ path: '/v1/photos', bytes: 3 * MB, headers: bearer() }),
  },
  {
    name: '405 while 3 MB upload',
    status: 405,
    uploadOf: () => ({ path: '/v1/tools', bytes: 3 * MB, headers: bearer() }),
  },
];

const tally = { clients: 0, byStatus: new Map<number, number>() };

/** All clients at once. Rejects when one of them reads no status. */
async function readStatuses({ spend, uploadOf }: Case): Promise<number[]> {
  await spend?.();
  const statuses = await Promise.all(Array.from({ length: CLIENTS_AT_ONCE }, () => statusOf(uploadOf())));
  for (const status of statuses) tally.byStatus.set(status, (tally.byStatus.get(status) ?? 0) + 1);
  tally.clients += statuses.length;
  return statuses;
}

// A phone that is told "connection reset" instead of 401 or 413 uploads the same photo again and again.
it.each(CASES)('every client reads $name', async (test) => {
  const { status, later } = test;
  let statuses = await readStatuses(test);
  // A minute of the limit may have ended just before: then it is reached again.
  for (let again = 0; again < 3 && later !== undefined && !statuses.includes(status); again++)
    statuses = await readStatuses(test);
  expect(statuses).toContain(status);
  expect(statuses.filter((read) => read !== status && read !== later)).toEqual([]);
});

it('the Worker still answers after all of this', async () => {
  expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);
  const counts = [...tally.byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${count} x ${status}`);
  // A client that had read none would have failed its case.
  console.log(
    `R17: ${tally.clients} clients in ${CASES.length} cases, ${CLIENTS_AT_ONCE} at once: all read a status (${counts.join(', ')}), 0 reset`,
  );
});
