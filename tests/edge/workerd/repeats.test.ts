/** The same request again: by Idempotency-Key, and by an SDK that counts its retries. */
import { beforeAll, describe, expect, it } from 'vitest';
import { stubOf } from '#edge/keys/rpc';
import { readIdempotencyKey } from '#edge/run/repeat';
import type { Run } from '#shared/api';
import {
  answer,
  bodyOf,
  type Client,
  call,
  callsOf,
  clientOf,
  eventsOf,
  freeze,
  idOf,
  migrate,
  newClient,
  newKey,
  ocrRun,
  pngInput,
  problemOf,
  script,
  settings,
} from './support.ts';

const TENANT = 'repeats';
let client: Client;
beforeAll(async () => {
  await migrate();
  client = await newClient(TENANT);
});

const images = [pngInput];
const body = { question: ocrRun(), images };
const slow = {
  question: script(call('OCR', { image: 'image-0' }, { delayMs: 300 }), answer('late')),
  images,
};
const key = () => crypto.randomUUID();
const post = (by: Client, what: unknown, idempotencyKey: string, headers = {}) =>
  by.post('/v1/runs', what, { 'idempotency-key': idempotencyKey, ...headers });

describe('Idempotency-Key', () => {
  it('gives the same run for the same body, and does nothing again', async () => {
    const id = key();
    const first = await post(client, body, id);
    const again = await post(client, body, id);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const run = await bodyOf<Run>(first);
    expect(await bodyOf<Run>(again)).toEqual(run);
    expect(again.headers.get('location')).toBe(`/v1/runs/${run.id}`);
    expect((await callsOf(run)).filter(({ path }) => path === '/v1/step')).toHaveLength(3);
  });

  it('means the same in quotes as without', async () => {
    const id = key();
    const runs = [await post(client, body, id), await post(client, body, `"${id}"`)];
    const [bare, quoted] = await Promise.all(runs.map((response) => bodyOf<Run>(response)));
    expect(quoted?.id).toBe(bare?.id);
    expect(readIdempotencyKey('"a\\"b\\\\c"')).toBe('a"b\\c');
  });

  it('joins a run that is still going: as an answer and as a stream', async () => {
    const id = key();
    const started = await bodyOf<Run>(await post(client, slow, id, { prefer: 'wait=0' }), 202);
    const [joined, stream] = await Promise.all([
      post(client, slow, id).then((response) => bodyOf<Run>(response)),
      post(client, slow, id, { accept: 'text/event-stream' }).then((response) => eventsOf(response)),
    ]);
    expect(joined).toMatchObject({ id: started.id, status: 'succeeded', answer: 'late' });
    expect(stream.at(-1)).toMatchObject({ type: 'run.completed', run: { id: started.id } });
  });

  it('422 idempotency_mismatch: with another body', async () => {
    const id = key();
    await bodyOf<Run>(await post(client, body, id));
    const problem = await problemOf(await post(client, { ...body, max_steps: 3 }, id), 422);
    expect(problem.code).toBe('idempotency_mismatch');
  });

  it('means nothing to another tenant', async () => {
    const id = key();
    const mine = await bodyOf<Run>(await post(client, body, id));
    const other = await newClient('repeats-other');
    const theirs = await bodyOf<Run>(await post(other, { ...body, max_steps: 5 }, id));
    expect(theirs.id).not.toBe(mine.id);
  });

  it('is not used up by a request that was refused', async () => {
    const id = key();
    await problemOf(await post(client, { ...body, tools: ['rm'] }, id), 422);
    await problemOf(await post(client, { ...body, images: [{ ...pngInput, data: 'AAAA' }] }, id), 415);
    expect(await bodyOf<Run>(await post(client, body, id))).toMatchObject({ status: 'succeeded' });
  });

  it('starts one run, whatever number of requests come at once', async () => {
    const id = key();
    const responses = await Promise.all(Array.from({ length: 50 }, () => post(client, body, id)));
    const runs = await Promise.all(responses.map((response) => bodyOf<Run>(response)));
    expect(new Set(runs.map((run) => run.id)).size).toBe(1);
    expect(responses.filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1);
    const steps = (await callsOf(runs[0] as Run)).filter(({ path }) => path === '/v1/step');
    expect(steps).toHaveLength(3);
  });

  it('does not bring back a run that was deleted', async () => {
    const id = key();
    const run = await bodyOf<Run>(await post(client, body, id));
    expect((await client.send(`/v1/runs/${run.id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await problemOf(await post(client, body, id), 404)).toMatchObject({ code: 'not_found' });
  });

  it('takes 255 characters', async () => {
    expect((await post(client, body, 'k'.repeat(255))).status).toBe(200);
  });

  it.each([
    ['256 characters', 'k'.repeat(256)],
    ['nothing', ''],
    ['nothing in quotes', '""'],
    ['a tab', 'a\tb'],
    ['letters beyond ASCII', 'schl\u00fcssel'],
  ])('400 invalid_idempotency_key: %s', async (_, bad) => {
    expect(await problemOf(await post(client, body, bad), 400)).toMatchObject({
      code: 'invalid_idempotency_key',
    });
  });
});

describe('a retry that an SDK counts, without a key', () => {
  const attempt = (by: Client, count: number, what: unknown = body) =>
    by
      .post('/v1/runs', what, { 'x-stainless-retry-count': String(count) })
      .then((response) => bodyOf<Run>(response));

  it('means the run that the same body began, and no other', async () => {
    const by = await newClient('retries');
    const first = await attempt(by, 0);
    const second = await attempt(by, 0);
    expect(second.id).not.toBe(first.id);
    expect((await attempt(by, 1)).id).toBe(second.id);
    expect((await attempt(by, 2)).id).toBe(second.id);
    expect((await attempt(by, 1, { ...body, max_steps: 7 })).id).not.toBe(second.id);
    expect((await attempt(await newClient('retries'), 1)).id).not.toBe(second.id);
    expect((await attempt(await newClient('retries-other'), 1)).id).not.toBe(second.id);
  });

  it('that is the first to arrive starts the run', async () => {
    const by = await newClient('retries-late');
    const run = await attempt(by, 1);
    expect((await attempt(by, 2)).id).toBe(run.id);
  });

  it('asks for another try where the run failed', async () => {
    const by = await newClient('retries-failed');
    const failing = { question: script(answer('x', { fault: 'unavailable', times: 99 })), images };
    const first = await attempt(by, 0, failing);
    expect(first.status).toBe('failed');
    expect((await attempt(by, 1, failing)).id).not.toBe(first.id);
  });

  it('is a new request after ten minutes', async () => {
    const secret = await newKey('retries-old');
    const by = clientOf(secret);
    const object = stubOf(settings.KEYS, idOf(secret));
    const now = Date.now();
    await freeze(object, now);
    const first = await attempt(by, 0);
    await freeze(object, now + 599_999);
    expect((await attempt(by, 1)).id).toBe(first.id);
    await freeze(object, now + 600_001);
    expect((await attempt(by, 1)).id).not.toBe(first.id);
  });
});
