/** Runs that are cancelled, deleted and listed. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '#shared/api';
import type { RunList } from '#shared/api/run-list';
import {
  answer,
  bodyOf,
  type Client,
  call,
  eventsOf,
  insideObject,
  migrate,
  newClient,
  ocrRun,
  pngInput,
  problemOf,
  script,
  settings,
} from './support.ts';

let client: Client;
beforeAll(async () => {
  await migrate();
  client = await newClient('endings');
});

const images = [pngInput];
const body = { question: ocrRun(), images };
const slow = {
  question: script(call('OCR', { image: 'image-0' }, { delayMs: 300 }), answer('late')),
  images,
};

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
