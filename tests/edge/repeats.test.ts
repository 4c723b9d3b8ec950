/**
 * Clients on bad networks, over real sockets: the same request from fifty places at once, one that is gone
 * before its answer, streams that are cut again and again. In full by `npm run bench -- reliability`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKey } from '#edge/storage/keys';
import type { Run } from '#shared/api';
import type { RunList, RunSummary } from '#shared/api/run-list';
import type { Problem } from '#shared/errors';
import { bundleWorker, startWorker, type Worker } from '../../scripts/cli/worker.ts';
import { watchReplies } from '../spec/checked-fetch.ts';
import { type FakeBackend, startFakeBackend } from './fake-backend.ts';
import { roundsOf, shareOf } from './rounds.ts';
import type { ScriptedTurn } from './script.ts';

const SECRET = 'a secret that only tests know';
const ROUNDS = roundsOf(process.env['RELIABILITY_ROUNDS']);
const SAME_KEY_ROUNDS = shareOf(50, ROUNDS);
const OTHER_BODIES = 5;
/** A clear case at least, whatever the machine is busy with. */
const LEAVERS = Math.max(15, shareOf(200, ROUNDS));
const LEAVERS_AT_ONCE = 5;
const STREAM_ROUNDS = shareOf(20, ROUNDS);
const STREAMS_AT_ONCE = 5;
const CUTS_MIN = 10;
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQI12M4Y2wMQQxwFgBLYgctOrxZ4QAAAABJRU5ErkJggg==';

let folder: string;
let backend: FakeBackend;
let worker: Worker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-repeats-'));
  backend = await startFakeBackend(SECRET);
  worker = await startWorker({
    host: '127.0.0.1',
    port: 0,
    stateFolder: folder,
    bundle: await bundleWorker(),
    settings: {
      BACKEND_URLS: backend.url,
      BACKEND_SECRET: SECRET,
      WATCHDOG_MS: '500',
      HEALTH_WALL_MS: '10000',
    },
  });
  watchReplies(worker.url);
});

afterAll(async () => {
  await worker.stop();
  await backend.stop();
  await rm(folder, { recursive: true, force: true });
});

type Send = (path: string, init?: RequestInit) => Promise<Response>;
type Caller = { readonly headers: Record<string, string>; readonly send: Send };

async function newCaller(tenant: string): Promise<Caller> {
  const { key } = await createKey(
    await worker.database(),
    { mode: 'test', name: tenant, tenant, plan: 'development' },
    Date.now(),
  );
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const send: Send = (path, init = {}) =>
    fetch(worker.url + path, { ...init, headers: { ...headers, ...(init.headers as object) } });
  return { headers, send };
}

const act = (name: string, args: Record<string, string>, delayMs = 0): ScriptedTurn => ({
  turn: { thought: '', actions: [{ name, arguments: args }] },
  delayMs,
});
const wish = (turns: readonly ScriptedTurn[], more = {}) =>
  JSON.stringify({
    question: JSON.stringify({ turns }),
    images: [{ type: 'base64', media_type: 'image/png', data: PNG }],
    ...more,
  });
const short = [act('Calculate', { expression: '1 + 1' }, 10), act('Terminate', { answer: '2' }, 10)];

it(`R4: 50 requests with one key at once, ${SAME_KEY_ROUNDS} times: one run each time, and 422 for another body`, async () => {
  const { send } = await newCaller('same-key');
  const post = (key: string, body: string) =>
    send('/v1/runs', { method: 'POST', body, headers: { 'idempotency-key': key } });
  let refused = 0;
  for (let round = 0; round < SAME_KEY_ROUNDS; round++) {
    const key = `round-${round}`;
    const before = backend.calls.length;
    const replies = await Promise.all(Array.from({ length: 50 }, () => post(key, wish(short))));
    const runs = (await Promise.all(replies.map((reply) => reply.json()))) as Run[];
    expect(runs.map((run) => run.status)).toEqual(Array.from({ length: 50 }, () => 'succeeded'));
    expect(new Set(runs.map((run) => run.id)).size).toBe(1);
    expect(replies.filter((reply) => !reply.headers.has('idempotent-replayed'))).toHaveLength(1);
    expect(backend.calls.slice(before).filter((call) => call.path === '/v1/step')).toHaveLength(2);
    const others = await Promise.all(
      Array.from({ length: OTHER_BODIES }, () => post(key, wish(short, { max_steps: 3 }))),
    );
    for (const other of others) {
      expect([other.status, ((await other.json()) as Problem).code]).toEqual([422, 'idempotency_mismatch']);
      refused++;
    }
  }
  const runs = await runsOf(send);
  expect(runs).toHaveLength(SAME_KEY_ROUNDS);
  console.log(
    `R4: ${SAME_KEY_ROUNDS} x 50 requests with the same key at once: ${runs.length} runs; ` +
      `${refused} of ${SAME_KEY_ROUNDS * OTHER_BODIES} with another body refused by 422`,
  );
});

/** Sends the whole request and closes the connection some time later, whatever has come back. */
function sendAndLeave(url: string, headers: Record<string, string>, body: string, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const sending: ClientRequest = request(url, { method: 'POST', headers, agent: false });
    sending.on('error', () => undefined);
    sending.on('response', (response) => response.on('error', () => undefined).resume());
    sending.on('close', resolve);
    sending.end(body, () => setTimeout(() => sending.destroy(), ms));
  });
}

it('R5: clients that leave 0 to 50 ms after their POST: what they began ends, and each finds its one run', async () => {
  const { send, headers } = await newCaller('gone');
  const keyed = (index: number) => ({ ...headers, 'idempotency-key': `gone-${index}` });
  let begun: RunSummary[] = [];
  for (let sent = 0; sent < LEAVERS; sent += LEAVERS_AT_ONCE) {
    const group = Math.min(LEAVERS_AT_ONCE, LEAVERS - sent);
    await Promise.all(
      Array.from({ length: group }, (_, index) =>
        sendAndLeave(`${worker.url}/v1/runs`, keyed(sent + index), wish(short), ((sent + index) * 7) % 51),
      ),
    );
    // Nobody asks for these runs: they begin by themselves, or it is seen here. Others leave only then, since a
    // service that is given all of them at once may refuse some, as it should.
    begun = await untilNoMore(send, begun.length + group);
  }
  const left = await untilAll(send, (run) => run.finished_at !== undefined);
  expect(begun.length).toBeGreaterThan(0);
  expect(left.map((run) => run.status)).toEqual(left.map(() => 'succeeded'));
  expect(left.map((run) => run.id)).toEqual(expect.arrayContaining(begun.map((run) => run.id)));
  for (let index = 0; index < LEAVERS; index++) {
    const reply = await send('/v1/runs', { method: 'POST', body: wish(short), headers: keyed(index) });
    expect((await reply.json()) as Run).toMatchObject({ status: 'succeeded', answer: '2' });
  }
  const runs = await untilAll(send, (run) => run.finished_at !== undefined);
  expect(runs.map((run) => run.status)).toEqual(Array.from({ length: LEAVERS }, () => 'succeeded'));
  expect(left.filter((run) => !runs.some((other) => other.id === run.id))).toEqual([]);
  console.log(
    `R5: ${LEAVERS} clients left: ${left.length} runs begun by them, ${left.length} ended, 0 stuck; ` +
      `all came back: ${runs.length} runs, ${runs.length} succeeded`,
  );
});

/** All runs of a caller. */
async function runsOf(send: Send): Promise<RunSummary[]> {
  const runs: RunSummary[] = [];
  let cursor = '';
  do {
    const page = (await (await send(`/v1/runs?limit=100${cursor}`)).json()) as RunList;
    runs.push(...page.data);
    cursor = page.next_cursor === undefined ? '' : `&cursor=${page.next_cursor}`;
  } while (cursor !== '');
  return runs;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The runs once there are `count`, or none has been added for two seconds: what was cut off before began none. */
async function untilNoMore(send: Send, count: number): Promise<RunSummary[]> {
  let runs = await runsOf(send);
  for (let quiet = 0; quiet < 20 && runs.length < count; quiet++) {
    await pause(100);
    const now = await runsOf(send);
    if (now.length > runs.length) quiet = 0;
    runs = now;
  }
  return runs;
}

/** All runs of a caller, once each of them is as wanted. */
async function untilAll(send: Send, wanted: (run: RunSummary) => boolean): Promise<RunSummary[]> {
  for (let wait = 0; wait < 200; wait++) {
    const runs = await runsOf(send);
    if (runs.every(wanted)) return runs;
    await pause(100);
  }
  throw new Error('not all runs came to be as wanted');
}

/** Reads the ids of a stream until `most` of them have come, then cuts the connection. */
function readSome(
  url: string,
  headers: Record<string, string>,
  after: number,
  most: number,
): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const ids: number[] = [];
    const resume: Record<string, string> = after > 0 ? { 'last-event-id': String(after) } : {};
    const sending = request(url, { headers: { ...headers, ...resume }, agent: false });
    sending.on('error', () => resolve(ids));
    sending.on('response', (response: IncomingMessage) => {
      if (response.statusCode !== 200) return reject(new Error(`status ${response.statusCode}`));
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        const blocks = (rest + piece).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const id = /^id: (\d+)$/m.exec(block)?.[1];
          if (id !== undefined && ids.length < most) ids.push(Number(id));
        }
        if (ids.length >= most) sending.destroy();
      });
      response.on('error', () => resolve(ids));
      response.on('close', () => resolve(ids));
    });
    sending.end();
  });
}

it('R6: streams that are cut at least ten times: every client sees each event once, in order', async () => {
  const { send, headers } = await newCaller('streams');
  const turns = Array.from({ length: 11 }, (_, index) => act('Calculate', { expression: `${index}` }, 20));
  const body = wish([...turns, act('Terminate', { answer: 'x' }, 20)], { max_steps: 12, background: true });
  // Started, twelve steps begun and completed, eleven observations, the end.
  const last = 37;
  const watch = async (url: string, client: number): Promise<{ ids: number[]; cuts: number }> => {
    const ids: number[] = [];
    let cuts = 0;
    while ((ids.at(-1) ?? 0) < last) {
      ids.push(...(await readSome(url, headers, ids.at(-1) ?? 0, 1 + ((client + cuts) % 4))));
      cuts++;
    }
    return { ids, cuts };
  };
  let clients = 0;
  let cuts = 0;
  let fewest = Number.POSITIVE_INFINITY;
  // Few clients to a run: one has no more than so many watchers at a time.
  for (let round = 0; round < STREAM_ROUNDS; round++) {
    const started = await send('/v1/runs', { method: 'POST', body });
    expect(started.status).toBe(202);
    const url = `${worker.url}/v1/runs/${((await started.json()) as Run).id}/events`;
    const seen = await Promise.all(
      Array.from({ length: STREAMS_AT_ONCE }, (_, client) => watch(url, client)),
    );
    for (const one of seen) {
      expect(one.ids).toEqual(Array.from({ length: last }, (_, index) => index + 1));
      expect(one.cuts).toBeGreaterThanOrEqual(CUTS_MIN);
      fewest = Math.min(fewest, one.cuts);
      clients++;
      cuts += one.cuts;
    }
  }
  console.log(
    `R6: ${clients} streams, ${cuts} cuts, ${fewest} of a stream at least: each client saw 1..${last} once`,
  );
});
