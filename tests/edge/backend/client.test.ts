import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackendClient, type CallOptions } from '#edge/backend/client';
import { BackendFailure, publicError } from '#edge/backend/failure';
import { hmacSigner } from '#edge/storage/digest';
import { BACKEND_ATTEMPTS_MAX } from '#shared/limits';
import { type FakeBackend, startFakeBackend } from '../fake-backend.ts';
import type { Script, ScriptedTurn } from '../script.ts';

const SECRET = 'a secret that only tests know';
const DEAD = 'http://127.0.0.1:9';
const PNG = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQI12M4Y2wMQQxwFgBLYgctOrxZ4QAAAABJRU5ErkJggg==',
    'base64',
  ),
);
const DIGEST = Buffer.from(await crypto.subtle.digest('SHA-256', PNG)).toString('hex');

let backend: FakeBackend;
beforeAll(async () => {
  backend = await startFakeBackend(SECRET);
});
afterAll(() => backend.stop());

const done: ScriptedTurn = {
  turn: { thought: 'I see', actions: [{ name: 'Terminate', arguments: { answer: 'yes' } }] },
};

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Sleeping costs no time here: it only moves the clock. */
function clientOf(urls: readonly string[], { secret = SECRET, fetcher = fetch as Fetch } = {}) {
  let skipped = 0;
  const now = () => Date.now() + skipped;
  const sleeps: number[] = [];
  const sleep = async (ms: number) => {
    sleeps.push(ms);
    skipped += ms;
  };
  const transport = { fetch: fetcher, now, sign: hmacSigner(secret), headers: {} };
  const client = new BackendClient(urls, transport, { now, random: () => 0.5, sleep });
  return { client, sleeps, now };
}

let runs = 0;
function step(
  client: BackendClient,
  turn: ScriptedTurn,
  options: Partial<CallOptions> = {},
  heard: unknown[] = [],
) {
  const script: Script = { turns: [turn] };
  const conversation = { question: JSON.stringify(script), images: [DIGEST], steps: [] };
  const request = {
    run: `run-${++runs}`,
    step: 0,
    conversation,
    tools: ['Terminate'],
    final: true,
    max_tokens: 64,
  };
  const now = Date.now();
  const defaults = {
    affinity: request.run,
    idempotencyKey: `${request.run}:0`,
    timeoutMs: 5_000,
    until: now + 60_000,
    deadline: now + 120_000,
  };
  return client.step(request, { ...defaults, images: async () => PNG, ...options }, (text, offset) =>
    heard.push([offset, text]),
  );
}

describe('a planner step', () => {
  it('is signed, streams its text with offsets, and resolves with the turn', async () => {
    const heard: unknown[] = [];
    const turn = await step(clientOf([backend.url]).client, done, {}, heard);
    expect(turn.turn.actions[0]?.name).toBe('Terminate');
    expect(heard).toEqual([
      [0, turn.text.slice(0, 5)],
      [5, turn.text.slice(5)],
    ]);
  });

  it('pushes the images that the backend lacks and repeats', async () => {
    await fetch(`${backend.url}/_forget`);
    expect((await step(clientOf([backend.url]).client, done)).type).toBe('turn');
  });

  it('says so when an image has expired here too', async () => {
    await fetch(`${backend.url}/_forget`);
    await expect(
      step(clientOf([backend.url]).client, done, { images: async () => undefined }),
    ).rejects.toMatchObject({
      kind: 'refusal',
      code: 'image_unknown',
    });
  });

  it.each(['html', 'huge', 'schema', 'cut', 'unavailable', 'overloaded', 'reset', 'error-event'] as const)(
    'outlives two replies of the kind "%s"',
    async (fault) => {
      const turn = await step(clientOf([backend.url]).client, { ...done, fault, times: 2 });
      expect(turn.turn).toEqual(done.turn);
    },
  );

  it.each(['html', 'huge', 'schema', 'error-event'] as const)(
    'gives up on a backend that only says "%s"',
    async (fault) => {
      let attempts = 0;
      const fetcher: Fetch = (url, init) => {
        if (url.endsWith('/v1/step')) attempts += 1;
        return fetch(url, init);
      };
      const { client } = clientOf([backend.url], { fetcher });
      const failure = await step(client, { ...done, fault, times: 99 }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(BackendFailure);
      expect(publicError(failure as BackendFailure).code).toBe('backend_error');
      expect(attempts).toBe(BACKEND_ATTEMPTS_MAX);
    },
  );

  it('waits as long as a busy backend asks, with full jitter beyond that', async () => {
    const { client, sleeps } = clientOf([backend.url]);
    await step(client, { ...done, fault: 'overloaded', times: 3 });
    expect(sleeps).toEqual([1_000, 1_000, 1_000]);
  });

  it('waits for a backend that is away, until the outage has lasted too long', async () => {
    const { client, sleeps } = clientOf([DEAD]);
    await expect(step(client, done, { until: Date.now() + 30_000 })).rejects.toMatchObject({
      code: 'backend_unavailable',
    });
    const waited = sleeps.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThan(25_000);
    expect(waited).toBeLessThan(30_000);
  });

  it('falls over to the next backend at once', async () => {
    const { client, sleeps } = clientOf([DEAD, backend.url]);
    await step(client, done, { affinity: 'any' });
    expect(sleeps.length).toBeLessThanOrEqual(1);
    expect(sleeps).toEqual([]);
  });

  it('stops waiting for a reply that does not come', async () => {
    const { client } = clientOf([backend.url]);
    const slow = { ...done, delayMs: 10_000 };
    await expect(step(client, slow, { timeoutMs: 50, until: Date.now() })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
  });

  it('does not tell the caller that our own signature was refused', async () => {
    const { client } = clientOf([backend.url], { secret: 'another secret, and a wrong one' });
    const failure = await step(client, done, { until: Date.now() }).catch((error: BackendFailure) => error);
    expect(publicError(failure as BackendFailure)).toMatchObject({ code: 'backend_error' });
  });
});

describe('images', () => {
  it('a file that the backend cannot decode is refused in its words', async () => {
    const broken = PNG.slice(0, 60);
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', broken)).toString('hex');
    const { client } = clientOf([backend.url]);
    await expect(client.putImage(digest, broken, 1_000, Date.now() + 5_000)).rejects.toMatchObject({
      kind: 'refusal',
      code: 'image_undecodable',
    });
  });

  it('bytes that do not match their digest are not taken', async () => {
    const fetcher: Fetch = async () => new Response('something else');
    const { client } = clientOf([backend.url], { fetcher });
    await expect(client.getImage(DIGEST, 'x', 1_000, Date.now())).rejects.toMatchObject({ kind: 'reply' });
  });
});

describe('health', () => {
  it('is undefined for a backend that does not answer or speaks another contract', async () => {
    const fetcher: Fetch = async (url, init) => {
      if (!url.startsWith(DEAD)) return fetch(url, init);
      const health = { status: 'ok', contract: 999, device: 'cpu', planner: null, tools: [] };
      return Response.json(health);
    };
    const { client } = clientOf([backend.url, DEAD, 'http://127.0.0.1:1'], { fetcher });
    expect((await client.health(5_000)).map((health) => health?.status)).toEqual([
      'ok',
      undefined,
      undefined,
    ]);
  });
});
