/** The TypeScript client on a bad network: nothing is lost, nothing is asked twice, and it gives up in words. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ApiError,
  type ClientOptions,
  ConnectionError,
  createClient,
  eventsOf,
  type RunEvent,
} from '../../clients/typescript/index.ts';
import { EVENTS, type FlakyServer, startFlakyServer, streamText } from './flaky-server.ts';

let server: FlakyServer;
let sleeps: number[];
beforeEach(async () => {
  server = await startFlakyServer();
  sleeps = [];
});
afterEach(() => server.stop());

/** Does not wait, and remembers for how long it would have. */
function clientOf(options: Partial<ClientOptions> = {}) {
  const sleep = async (ms: number): Promise<void> => void sleeps.push(ms);
  return createClient({
    baseUrl: server.url,
    credential: 'key',
    ...options,
    ports: { sleep, random: () => 0.5, ...options.ports },
  });
}

/** A generator of numbers that every run of the test gets alike. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

async function collect(events: AsyncGenerator<RunEvent, { answer?: string }>) {
  const seqs: number[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done) return { seqs, answer: next.value.answer };
    if ('seq' in next.value) seqs.push(next.value.seq);
  }
}

const ALL = Array.from({ length: EVENTS }, (_, index) => index + 1);
const request = { question: 'What?', images: [{ type: 'image_id', image_id: 'img_1' }] } as const;
const body = () => ({ ...request, images: [...request.images] });

describe('runs.stream', () => {
  it('gives every event once and in order through 40 streams that are cut ten times each', async () => {
    const random = numbers(20_261_123);
    const length = Buffer.byteLength(streamText('run_', 0));
    let cuts = 0;
    let left = 0;
    server.fault = () => {
      if (left === 0) return undefined;
      left--;
      cuts++;
      return { kind: 'cut', afterBytes: Math.floor(random() * length * 0.15) };
    };
    for (let run = 0; run < 40; run++) {
      left = 10;
      const { seqs, answer } = await collect(clientOf({ retries: 10 }).runs.stream(body()));
      expect(seqs).toEqual(ALL);
      expect(answer).toBe('24.25');
    }
    expect([server.runs.size, cuts]).toEqual([40, 400]);
  });

  it('starts one run only, though the first reply was lost before it named the run', async () => {
    let cuts = 3;
    server.fault = () => (cuts-- > 0 ? { kind: 'cut', afterBytes: 5 } : undefined);
    expect((await collect(clientOf().runs.stream(body()))).seqs).toEqual(ALL);
    const keys = server.seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(server.runs.size).toBe(1);
  });

  it('takes up a stream after the last event that it saw', async () => {
    const half = streamText('run_'.padEnd(36, '0'), 0).indexOf('id: 6');
    server.fault = ({ method }) => (method === 'POST' ? { kind: 'cut', afterBytes: half } : undefined);
    expect((await collect(clientOf().runs.stream(body()))).seqs).toEqual(ALL);
    expect(server.seen.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '5']);
  });

  it('counts a stream that falls silent as broken', async () => {
    server.fault = ({ method }) => (method === 'POST' ? { kind: 'silence', afterBytes: 400 } : undefined);
    expect((await collect(clientOf({ idleMs: 200 }).runs.stream(body()))).seqs).toEqual(ALL);
    expect(server.seen).toHaveLength(2);
  });

  it('gives up after so many cuts in a row without anything new', async () => {
    server.fault = () => ({ kind: 'cut', afterBytes: 300 });
    const events = clientOf({ reconnects: 3 }).runs.watch('run_1', { after: 9 });
    await expect(collect(events)).rejects.toThrow(ConnectionError);
    expect(server.seen).toHaveLength(4);
    // Full jitter under a bound that doubles; random is 0.5 here.
    expect(sleeps).toEqual([250, 500, 1_000]);
  });

  it('stops at the signal, also in the middle of a stream', async () => {
    server.fault = () => ({ kind: 'silence', afterBytes: 300 });
    const abort = new AbortController();
    const events = clientOf().runs.stream(body(), { signal: abort.signal });
    expect((await events.next()).value).toMatchObject({ type: 'run.started' });
    abort.abort(new Error('the user left'));
    await expect(collect(events)).rejects.toThrow('the user left');
  });

  it('reads a stream of a fetch that gives no streams, as in React Native', async () => {
    const whole = async (url: string, init: RequestInit): Promise<Response> => {
      const response = await fetch(url, init);
      const text = await response.text();
      return {
        ok: true,
        status: 200,
        headers: response.headers,
        body: null,
        text: async () => text,
      } as Response;
    };
    expect((await collect(clientOf({ ports: { fetch: whole } }).runs.stream(body()))).seqs).toEqual(ALL);
  });
});

describe('retries', () => {
  const times = (count: number, status: number, headers?: Record<string, string>) => {
    let left = count;
    server.fault = () =>
      left-- > 0 ? { kind: 'status', status, ...(headers ? { headers } : {}) } : undefined;
  };

  it('come after a random part of a bound that doubles', async () => {
    times(3, 503);
    expect((await clientOf().runs.create(body())).answer).toBe('24.25');
    expect(sleeps).toEqual([250, 500, 1_000]);
  });

  it('wait at least as long as the server asks', async () => {
    times(2, 429, { 'retry-after': '7' });
    await clientOf().runs.get('run_1');
    expect(sleeps).toEqual([7_250, 7_500]);
  });

  it.each([
    ['a refusal that will not change', 422, {}],
    ['a quota that is used up, because the server says so', 429, { 'x-should-retry': 'false' }],
    ['a server that wants to be left alone for an hour', 503, { 'retry-after': '3600' }],
  ])('do not come after %s', async (_, status, headers) => {
    times(9, status, headers);
    const error: unknown = await clientOf()
      .runs.get('run_1')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status,
      code: 'overloaded',
      requestId: 'req_1',
      message: `refused with ${status}`,
    });
    expect(server.seen).toHaveLength(1);
  });

  it('end; the error then names the cause', async () => {
    const client = clientOf({ baseUrl: 'http://127.0.0.1:1', retries: 2 });
    await expect(client.tools.list()).rejects.toThrow(/^no server answers at http:\/\/127\.0\.0\.1:1$/);
    expect(sleeps).toHaveLength(2);
  });

  it('keep the idempotency key of the caller', async () => {
    times(2, 500);
    await clientOf().runs.create(body(), { idempotencyKey: 'mine' });
    expect(server.seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['mine', 'mine', 'mine']);
  });
});

describe('a client token', () => {
  it('is fetched once for requests side by side, and anew when it was refused', async () => {
    let fetched = 0;
    const credential = async () => `token-${++fetched}`;
    const client = clientOf({ credential });
    await Promise.all([client.runs.get('run_1'), client.runs.get('run_2')]);
    expect(fetched).toBe(1);
    server.accepts = (token) => token === 'token-2';
    await client.runs.get('run_3');
    expect(fetched).toBe(2);
    expect(sleeps).toEqual([]);
  });

  it('is fetched anew shortly before it ends', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    let fetched = 0;
    const credential = async () => ({ token: `token-${++fetched}`, expires_at: '2026-01-01T00:10:00Z' });
    const client = clientOf({ credential, ports: { now: () => now } });
    await client.runs.get('run_1');
    now += 9 * 60_000;
    await client.runs.get('run_1');
    expect(fetched).toBe(1);
    now += 45_000;
    await client.runs.get('run_1');
    expect(fetched).toBe(2);
  });

  it('that stays refused is an error, after one new token', async () => {
    server.accepts = () => false;
    const client = clientOf({ credential: async () => 'bad' });
    await expect(client.runs.get('run_1')).rejects.toMatchObject({ status: 401, code: 'expired_token' });
    expect(server.seen).toHaveLength(2);
  });

  it('a key that is refused is an error at once', async () => {
    server.accepts = () => false;
    await expect(clientOf().runs.get('run_1')).rejects.toMatchObject({ status: 401 });
    expect(server.seen).toHaveLength(1);
  });
});

it.each([
  ['a run', 'delete', (client: ReturnType<typeof clientOf>) => client.runs.delete('run_1')],
  ['a token', 'revoke', (client: ReturnType<typeof clientOf>) => client.clientTokens.revoke('ct_1')],
] as const)(
  '%s that is gone is no error to %s: the reply to an attempt before may have been lost',
  async (_, __, remove) => {
    let attempt = 0;
    server.fault = () =>
      attempt++ === 0
        ? { kind: 'status', status: 503 }
        : { kind: 'status', status: 404, code: 'not_found', headers: { 'x-should-retry': 'false' } };
    await remove(clientOf());
    expect(server.seen.map(({ method }) => method)).toEqual(['DELETE', 'DELETE']);
    server.fault = () => ({ kind: 'status', status: 403, code: 'insufficient_scope' });
    await expect(remove(clientOf())).rejects.toMatchObject({ code: 'insufficient_scope' });
  },
);

it('a photo goes through the downscale hook before it is uploaded', async () => {
  const small = new Blob(['small'], { type: 'image/jpeg' });
  const client = clientOf({ downscale: async () => small });
  await client.images.upload(new Uint8Array(5_000_000), { mediaType: 'image/png' });
  const headers = server.seen[0]?.headers;
  expect([headers?.['content-type'], headers?.['content-length']]).toEqual(['image/jpeg', '5']);
});

it('a stream may be cut into pieces anywhere, with either line end', async () => {
  const bytes = new TextEncoder().encode(streamText('run_1', 0).replaceAll('\n', '\r\n'));
  const pieces = Array.from(bytes, (_, index) => bytes.slice(index, index + 1));
  const seen: RunEvent[] = [];
  for await (const event of eventsOf(new Response(ReadableStream.from(pieces)))) seen.push(event);
  expect(seen.flatMap((event) => ('seq' in event ? [event.seq] : []))).toEqual(ALL);
  expect(seen.find(({ type }) => type === 'step.delta')).toMatchObject({ text: 'größer 🌮' });
});
