import { abortAllDurableObjects, runDurableObjectAlarm } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run, RunEvent } from '#shared/api';
import {
  answer,
  bodyOf,
  type Client,
  call,
  callsOf,
  eventsOf,
  insideObject,
  migrate,
  newClient,
  objectOf,
  pngInput,
  script,
  sequence,
} from './support.ts';

const TENANT = 'durable';
let client: Client;
beforeAll(async () => {
  await migrate();
  client = await newClient(TENANT);
});

const question = script(
  call('OCR', { image: 'image-0' }, { delayMs: 60 }),
  call('Crop', { image: 'image-0', bbox: [0, 0, 0.5, 0.5] }, { delayMs: 60 }),
  call('Calculate', { expression: '14.20 / 2' }, { delayMs: 60 }),
  answer('7.10', { delayMs: 60 }),
);

const start = async (): Promise<Run> =>
  bodyOf(
    await client.post('/v1/runs', { question, images: [pngInput], background: true, cache: 'no-store' }),
    202,
  );

const ended = async (id: string): Promise<Run> => {
  for (let wait = 0; wait < 10; wait++) {
    const response = await client
      .send(`/v1/runs/${id}`, { headers: { prefer: 'wait=5' } })
      .catch(() => undefined);
    if (!response?.ok) continue;
    const run = (await response.json()) as Run;
    if (run.finished_at !== undefined) return run;
  }
  throw new Error('the run does not end');
};

const resumesOf = (id: string): Promise<number> =>
  insideObject(TENANT, id, ({ sql }) => Number(sql.exec('SELECT resumes FROM run').one()['resumes']));

async function expectWhole(id: string): Promise<void> {
  const run = await ended(id);
  expect(run).toMatchObject({ status: 'succeeded', answer: '7.10' });
  const events = await eventsOf(await client.send(`/v1/runs/${id}/events`));
  expect(sequence(events)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
  const calls = await callsOf(run);
  const tools = calls
    .filter(({ path }) => path.startsWith('/v1/tools/'))
    .map(({ path, key }) => `${path} ${key.slice(id.length)}`);
  // The backend suppresses what is repeated under the same key.
  expect(tools).toEqual(['/v1/tools/OCR :0:tool', '/v1/tools/Crop :1:tool']);
}

describe('a run whose object dies', () => {
  const moments: ReadonlyArray<[RunEvent['type'], number]> = [
    ['run.started', 0],
    ['step.started', 0],
    ['step.completed', 0],
    ['tool.completed', 0],
    ['step.started', 1],
    ['step.completed', 1],
    ['tool.completed', 1],
    ['step.started', 2],
    ['tool.completed', 2],
    ['step.started', 3],
  ];

  it.each(moments)(
    'after %s %i ends with the right answer, without a gap or a double',
    async (type, index) => {
      const run = await start();
      const here = (event: RunEvent) => event.type === type && (!('index' in event) || event.index === index);
      await eventsOf(await client.send(`/v1/runs/${run.id}/events`), here);
      await abortAllDurableObjects();
      await expectWhole(run.id);
      expect(await resumesOf(run.id)).toBe(1);
    },
  );

  it('again and again ends all the same', async () => {
    const run = await start();
    for (let time = 0; time < 4; time++) {
      await new Promise((resolve) => setTimeout(resolve, 130));
      await abortAllDurableObjects();
    }
    await expectWhole(run.id);
    expect(await resumesOf(run.id)).toBeGreaterThan(0);
  });

  it('resumes its event stream after the last id that was seen', async () => {
    const run = await start();
    const path = `/v1/runs/${run.id}/events`;
    const before = await eventsOf(await client.send(path), (event) => event.type === 'tool.completed');
    await abortAllDurableObjects();
    const cursor = sequence(before).at(-1) ?? 0;
    const after = await eventsOf(await client.send(path, { headers: { 'last-event-id': String(cursor) } }));
    expect([...sequence(before), ...sequence(after)]).toEqual(
      Array.from({ length: 13 }, (_, index) => index + 1),
    );
  });
});

describe('the object of a run', () => {
  it('starts once, however often it is told to', async () => {
    const run = await start();
    const object = objectOf(TENANT, run.id);
    const input = {
      id: run.id,
      tenant: TENANT,
      fingerprint: '',
      question,
      images: [],
      tools: [],
      maxSteps: 1,
      cache: 'auto',
    } as const;
    await Promise.all([object.start(input), object.start(input)]);
    await expectWhole(run.id);
  });

  it('that never was stores nothing when it is asked', async () => {
    const id = `run_${'f'.repeat(32)}`;
    const object = objectOf(TENANT, id);
    expect(await object.view()).toBeNull();
    expect(await object.watch(0)).toBeNull();
    const named = `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name IN ('run', 'steps', 'events')`;
    expect(await insideObject(TENANT, id, ({ sql }) => sql.exec(named).toArray())).toEqual([]);
  });

  it('is gone after its retention', async () => {
    const run = await start();
    await expectWhole(run.id);
    const object = objectOf(TENANT, run.id);
    const alarm = () => insideObject(TENANT, run.id, (storage) => storage.getAlarm());
    // Once the limits have been told; until then the alarm stands for that.
    await expect.poll(alarm).toBe(Date.parse(run.expires_at));
    await insideObject(TENANT, run.id, ({ sql }) => void sql.exec('UPDATE run SET expires_at = 1'));
    expect(await runDurableObjectAlarm(object)).toBe(true);
    expect(await object.view()).toBeNull();
    expect(await alarm()).toBeNull();
  });

  it('fails with a reason when it was interrupted too often', async () => {
    const run = await start();
    await eventsOf(await client.send(`/v1/runs/${run.id}/events`), (event) => event.type === 'step.started');
    await insideObject(TENANT, run.id, ({ sql }) => void sql.exec('UPDATE run SET resumes = 1000'));
    await abortAllDurableObjects();
    expect(await ended(run.id)).toMatchObject({ status: 'failed', error: { code: 'interrupted' } });
  });
});
