/** The same request again: by Idempotency-Key, and by an SDK that counts its retries. */
import { beforeAll, describe, expect, it } from 'vitest';
import { stubOf } from '#edge/keys/rpc';
import { readIdempotencyKey } from '#edge/run/repeat';
import type { Run } from '#shared/api';
import type { RunList } from '#shared/api/run-list';
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
  insideObject,
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

describe('POST /v1/runs/{id}/cancel', () => {
  it('ends the run at once, and nothing is stored after that', async () => {
    const turns = Array.from({ length: 8 }, (_, index) =>
      call('Calculate', { expression: `${index}` }, { delayMs: 100 }),
    );
    const started = await bodyOf<Run>(
      await client.post('/v1/runs', { question: script(...turns), images, background: true }),
      202,
    );
    const path = `/v1/runs/${started.id}`;
    const watch = client.send(`${path}/events`).then((response) => eventsOf(response));
    await eventsOf(
      await client.send(`${path}/events`),
      (event) => event.type === 'step.started' && event.index === 2,
    );
    const run = await bodyOf<Run>(await client.post(`${path}/cancel`, {}));
    expect(run).toMatchObject({ id: started.id, status: 'canceled' });
    expect(run.steps).toHaveLength(2);
    const events = await watch;
    expect(events.at(-1)).toMatchObject({ type: 'run.canceled', run: { status: 'canceled' } });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await bodyOf<Run>(await client.send(path))).toEqual(run);
    expect(await eventsOf(await client.send(`${path}/events`))).toEqual(
      events.filter((event) => event.type !== 'step.delta'),
    );
  });

  it('leaves a run that has ended as it is', async () => {
    const run = await bodyOf<Run>(await client.post('/v1/runs', body));
    expect(await bodyOf<Run>(await client.post(`/v1/runs/${run.id}/cancel`, {}))).toEqual(run);
  });

  it('wakes those who wait for the run', async () => {
    const started = await bodyOf<Run>(await client.post('/v1/runs', { ...slow, background: true }), 202);
    const waiting = client.send(`/v1/runs/${started.id}`, { headers: { prefer: 'wait=60' } });
    await client.post(`/v1/runs/${started.id}/cancel`, {});
    expect((await bodyOf<Run>(await waiting)).status).toBe('canceled');
  });
});

describe('DELETE /v1/runs/{id}', () => {
  const crop = script(call('Crop', { image: 'image-0', bbox: [0, 0, 0.5, 0.5] }), answer('x'));

  it('204: the run, its events and its images are gone', async () => {
    const by = await newClient('delete');
    const run = await bodyOf<Run>(await by.post('/v1/runs', { question: crop, images }));
    expect(run.images).toHaveLength(2);
    const path = `/v1/runs/${run.id}`;
    expect((await by.send(path, { method: 'DELETE' })).status).toBe(204);
    for (const gone of [path, `${path}/events`, ...run.images.map((id) => `/v1/images/${id}`)]) {
      await problemOf(await by.send(gone), 404);
    }
    await problemOf(await by.send(path, { method: 'DELETE' }), 404);
    await problemOf(await by.post(`${path}/cancel`, {}), 404);
    expect((await bodyOf<RunList>(await by.send('/v1/runs'))).data).toEqual([]);
    const rest = await insideObject('delete', run.id, ({ sql }) =>
      sql.exec(`SELECT name FROM sqlite_master WHERE name IN ('run', 'steps', 'events')`).toArray(),
    );
    expect(rest).toEqual([]);
    expect((await settings.IMAGES.list({ prefix: 'delete/' })).objects).toEqual([]);
  });

  it('leaves the images that another run shows', async () => {
    const by = await newClient('delete-shared');
    const [first, second] = [
      await bodyOf<Run>(await by.post('/v1/runs', { question: crop, images })),
      await bodyOf<Run>(await by.post('/v1/runs', { question: ocrRun(), images })),
    ];
    await by.send(`/v1/runs/${first.id}`, { method: 'DELETE' });
    const [shared, alone] = first.images;
    expect(second.images).toEqual([shared]);
    expect((await by.send(`/v1/images/${shared}`)).status).toBe(200);
    await problemOf(await by.send(`/v1/images/${alone}`), 404);
  });

  it('ends a run that is going', async () => {
    const started = await bodyOf<Run>(await client.post('/v1/runs', { ...slow, background: true }), 202);
    const path = `/v1/runs/${started.id}`;
    const watch = client.send(`${path}/events`).then((response) => eventsOf(response));
    expect((await client.send(path, { method: 'DELETE' })).status).toBe(204);
    expect((await watch).at(-1)?.type).toBe('run.canceled');
    await problemOf(await client.send(path), 404);
  });
});

describe('GET /v1/runs', () => {
  it('gives all runs of the tenant, newest first, page by page', async () => {
    const by = await newClient('list');
    await bodyOf<Run>(await (await newClient('list-other')).post('/v1/runs', body));
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) {
      const run = await bodyOf<Run>(
        await by.post('/v1/runs', { ...body, metadata: { count: String(count) } }),
      );
      ids.unshift(run.id);
    }
    const pages: RunList[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? '' : `&cursor=${cursor}`;
      const page = await bodyOf<RunList>(await by.send(`/v1/runs?limit=2${query}`));
      pages.push(page);
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(pages.flatMap((page) => page.data.map((run) => run.id))).toEqual(ids);
    expect(pages[0]?.data[0]).toMatchObject({
      status: 'succeeded',
      answer: '7.10',
      metadata: { count: '4' },
    });
    expect(pages[0]?.data[0]).not.toHaveProperty('steps');
  });

  it('does not show a request that began no run', async () => {
    const by = await newClient('list-none');
    await problemOf(await by.post('/v1/runs', { ...body, images: [{ ...pngInput, data: 'AAAA' }] }), 415);
    expect(await bodyOf<RunList>(await by.send('/v1/runs'))).toEqual({ object: 'list', data: [] });
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'limit=1.5', `cursor=${'x'.repeat(300)}`])(
    '422: %s',
    async (query) => {
      expect(await problemOf(await client.send(`/v1/runs?${query}`), 422)).toMatchObject({
        code: 'invalid_request',
      });
    },
  );

  it.each(['x', '!!', 'bnVsbA', 'WzEsMl0', 'WzEsInJ1bl9hIl0'])('400: the cursor %j', async (cursor) => {
    expect(await problemOf(await client.send(`/v1/runs?cursor=${cursor}`), 400)).toMatchObject({
      code: 'invalid_cursor',
    });
  });
});
