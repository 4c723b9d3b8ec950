import { beforeAll, describe, expect, it } from 'vitest';
import type { Run, RunEvent } from '#shared/api';
import {
  answer,
  bodyOf,
  type Client,
  call,
  callsOf,
  eventsOf,
  migrate,
  newClient,
  ocrRun,
  pngInput,
  problemOf,
  script,
  sequence,
  upload,
} from './support.ts';

let client: Client;
let stranger: Client;
beforeAll(async () => {
  await migrate();
  client = await newClient('runs');
  stranger = await newClient('stranger');
});

const images = [pngInput];
const slow = script(call('OCR', { image: 'image-0' }, { delayMs: 400 }), answer('late', { delayMs: 400 }));

describe('POST /v1/runs', () => {
  it('200: the whole run, when it has ended', async () => {
    const response = await client.post('/v1/runs', { question: ocrRun(), images, metadata: { order: '7' } });
    const run = await bodyOf<Run>(response);
    expect(run).toMatchObject({
      object: 'run',
      status: 'succeeded',
      answer: '7.10',
      metadata: { order: '7' },
    });
    expect(run.steps.map((step) => step.observation)).toEqual([
      expect.objectContaining({ text: 'TOTAL 14.20' }),
      { result: 7.1 },
      undefined,
    ]);
    expect(run.usage).toEqual({
      steps: 3,
      tool_calls: 2,
      input_tokens: 300,
      cached_tokens: 120,
      output_tokens: 27,
      cost_units: 3,
    });
    expect(response.headers.get('location')).toBe(`/v1/runs/${run.id}`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(await bodyOf<Run>(await client.send(`/v1/runs/${run.id}`))).toEqual(run);
  });

  it('202 with Location: in the background; the run goes on by itself', async () => {
    const response = await client.post('/v1/runs', { question: slow, images, background: true });
    const run = await bodyOf<Run>(response, 202);
    expect(['queued', 'running']).toContain(run.status);
    const ended = await client.send(response.headers.get('location') ?? '', {
      headers: { prefer: 'wait=20' },
    });
    expect(await bodyOf<Run>(ended)).toMatchObject({ id: run.id, status: 'succeeded', answer: 'late' });
  });

  it('202: once the time of Prefer has elapsed', async () => {
    const response = await client.post(
      '/v1/runs',
      { question: slow, images },
      { prefer: 'respond-async, wait=0' },
    );
    expect(response.headers.get('preference-applied')).toBe('wait=0');
    expect((await bodyOf<Run>(response, 202)).finished_at).toBeUndefined();
  });

  it.each([
    ['stream: true', { stream: true }, {}],
    ['Accept', {}, { accept: 'text/event-stream' }],
  ])('an event stream by %s', async (_, body, headers) => {
    const response = await client.post('/v1/runs', { question: ocrRun(), images, ...body }, headers);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = await eventsOf(response);
    expect(sequence(events)).toEqual(events.filter((event) => 'seq' in event).map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ type: 'run.completed', run: { answer: '7.10' } });
    const written = events.flatMap((event) =>
      event.type === 'step.delta' && event.index === 0 ? event.text : [],
    );
    expect(JSON.parse(written.join(''))).toMatchObject({ actions: [{ name: 'OCR' }] });
  });

  it('takes images by id, and numbers them in order', async () => {
    const image = await upload(client);
    const question = script(call('OCR', { image: 'image-1' }), answer('two'));
    const both = [{ type: 'image_id', image_id: image.id }, pngInput];
    const run = await bodyOf<Run>(await client.post('/v1/runs', { question, images: both }));
    expect(run).toMatchObject({ answer: 'two', images: [image.id, image.id] });
  });

  it('lets the planner choose only what the caller named, and always Terminate', async () => {
    const question = script(call('OCR', { image: 'image-0' }), answer('none'));
    const run = await bodyOf<Run>(await client.post('/v1/runs', { question, images, tools: ['Calculate'] }));
    const [first] = await callsOf(run);
    expect(first?.body['tools']).toEqual(['Calculate', 'Terminate']);
    expect(run.steps[0]?.observation).toMatchObject({ error: { code: 'tool_unavailable' } });
    expect(run.answer).toBe('none');
  });

  it('leaves out of the prompt what has no model here, and what the paper does not advertise', async () => {
    const run = await bodyOf<Run>(await client.post('/v1/runs', { question: ocrRun(), images }));
    const [first] = await callsOf(run);
    expect(first?.body['tools']).toEqual([
      'OCR',
      'Crop',
      'QueryKnowledgeBase',
      'Calculate',
      'SolveMathEquation',
      'Terminate',
    ]);
  });

  it('ends with a coded reason when the planner never answers', async () => {
    const question = script(call('OCR', { image: 'image-0' }));
    const run = await bodyOf<Run>(await client.post('/v1/runs', { question, images, max_steps: 2 }));
    expect(run).toMatchObject({ status: 'failed', error: { code: 'no_answer' } });
    const steps = (await callsOf(run)).filter(({ path }) => path === '/v1/step');
    expect(steps.map(({ body }) => body['final'])).toEqual([false, true]);
    // The backend is fair among tenants, and knows none of them: the same digest for each step.
    const [tenant, ...others] = steps.map(({ body }) => body['tenant']);
    expect(tenant).toMatch(/^[0-9a-f]{32}$/);
    expect(others).toEqual([tenant]);
  });

  it.each(['html', 'schema', 'cut', 'unavailable', 'reset', 'error-event', 'hang'] as const)(
    'outlives a backend that says "%s"',
    async (fault) => {
      const question = script(call('OCR', { image: 'image-0' }, { fault }), answer('fine', { fault }));
      const run = await bodyOf<Run>(await client.post('/v1/runs', { question, images }));
      expect(run).toMatchObject({ status: 'succeeded', answer: 'fine' });
    },
  );

  it('ends with a coded reason when the backend stays away too long', async () => {
    const question = script(answer('never', { fault: 'unavailable', times: 99 }));
    const run = await bodyOf<Run>(await client.post('/v1/runs', { question, images }));
    expect(run).toMatchObject({ status: 'failed', error: { code: 'backend_unavailable' } });
  });
});

describe('an image that a tool made', () => {
  const question = script(
    call('Crop', { image: 'image-0', bbox: [0, 0, 0.5, 0.5] }),
    call('OCR', { image: 'image-1' }),
    answer('seen'),
  );

  it('gets the next number, and its bytes can be read by its owner alone', async () => {
    const run = await bodyOf<Run>(await client.post('/v1/runs', { question, images }));
    expect(run.answer).toBe('seen');
    const id = run.steps[0]?.image_id ?? '';
    expect(run.images[1]).toBe(id);
    const response = await client.send(`/v1/images/${id}`);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(60);
    await problemOf(await stranger.send(`/v1/images/${id}`), 404);
  });

  it('is pushed back to a backend that has lost everything', async () => {
    const withPause = script(
      call('Crop', { image: 'image-0', bbox: [0, 0, 0.5, 0.5] }),
      call('OCR', { image: 'image-1' }, { delayMs: 300 }),
      answer('seen'),
    );
    const started = await bodyOf<Run>(
      await client.post('/v1/runs', { question: withPause, images, background: true }),
      202,
    );
    const watch = await client.send(`/v1/runs/${started.id}/events`);
    await eventsOf(watch, (event) => event.type === 'step.started' && event.index === 1);
    const { settings } = await import('./support.ts');
    await fetch(`${settings.BACKEND_URLS[0]}/_forget`);
    const ended = await client.send(`/v1/runs/${started.id}`, { headers: { prefer: 'wait=20' } });
    expect(await bodyOf<Run>(ended)).toMatchObject({ status: 'succeeded', answer: 'seen' });
  });
});

describe('the cache of tool results', () => {
  const question = script(call('OCR', { image: 'image-0' }), answer('x'));
  const ocrStep = async (by: Client, more = {}) =>
    (await bodyOf<Run>(await by.post('/v1/runs', { question, images, ...more }))).steps[0];

  it('serves the tenant that filled it, and no other', async () => {
    const first = await newClient('cache-a');
    const second = await newClient('cache-b');
    expect(await ocrStep(first)).toMatchObject({ cached: false });
    expect(await ocrStep(first)).toMatchObject({
      cached: true,
      tool_ms: 0,
      observation: { text: 'TOTAL 14.20' },
    });
    expect(await ocrStep(second)).toMatchObject({ cached: false });
  });

  it('is neither read nor filled with no-store', async () => {
    const by = await newClient('cache-c');
    await ocrStep(by, { cache: 'no-store' });
    expect(await ocrStep(by)).toMatchObject({ cached: false });
    expect(await ocrStep(by, { cache: 'no-store' })).toMatchObject({ cached: false });
  });

  it('brings back the image that a tool made', async () => {
    const crop = script(call('Crop', { image: 'image-0', bbox: [0, 0, 1, 1] }), answer('x'));
    const by = await newClient('cache-d');
    const runs = [];
    for (let time = 0; time < 2; time++)
      runs.push(await bodyOf<Run>(await by.post('/v1/runs', { question: crop, images })));
    expect(runs.map((run) => run.steps[0]?.cached)).toEqual([false, true]);
    expect(runs[1]?.images).toEqual(runs[0]?.images);
  });
});

describe('GET /v1/runs/{id} and its events', () => {
  it('404: a run of another tenant does not exist, nor does one that never was', async () => {
    const run = await bodyOf<Run>(await client.post('/v1/runs', { question: ocrRun(), images }));
    for (const path of [`/v1/runs/${run.id}`, `/v1/runs/${run.id}/events`]) {
      expect(await problemOf(await stranger.send(path), 404)).toMatchObject({ code: 'not_found' });
    }
    for (const id of ['run_0', `run_${'0'.repeat(32)}`, '..%2F..%2Fetc', 'x'.repeat(9_000)]) {
      await problemOf(await client.send(`/v1/runs/${id}`), 404);
      await problemOf(await client.send(`/v1/runs/${id}/events`), 404);
    }
  });

  it('resumes after any event, by header or by query, with the same events', async () => {
    const run = await bodyOf<Run>(await client.post('/v1/runs', { question: ocrRun(), images }));
    const path = `/v1/runs/${run.id}/events`;
    const all = await eventsOf(await client.send(path));
    expect(sequence(all)).toEqual(all.map((_, index) => index + 1));
    for (const { seq } of all.slice(0, -1) as Array<RunEvent & { seq: number }>) {
      expect(await eventsOf(await client.send(`${path}?after=${seq}`))).toEqual(all.slice(seq));
      const headers = { 'last-event-id': String(seq) };
      expect(await eventsOf(await client.send(`${path}?after=0`, { headers }))).toEqual(all.slice(seq));
    }
  });

  it('204: when the run has ended and nothing is left', async () => {
    const run = await bodyOf<Run>(await client.post('/v1/runs', { question: ocrRun(), images }));
    expect((await client.send(`/v1/runs/${run.id}/events?after=999999999`)).status).toBe(204);
  });

  it.each(['-1', 'abc', '1.5', '1e9', ' ', '99999999999999999999'])('400: the cursor %j', async (cursor) => {
    const path = `/v1/runs/run_${'0'.repeat(32)}/events?after=${encodeURIComponent(cursor)}`;
    expect(await problemOf(await client.send(path), 400)).toMatchObject({ code: 'invalid_cursor' });
  });

  it('serves several watchers, each from its own cursor, and pings the patient', async () => {
    const started = await bodyOf<Run>(
      await client.post('/v1/runs', { question: slow, images, background: true }),
      202,
    );
    const path = `/v1/runs/${started.id}/events`;
    const [whole, late, text] = await Promise.all([
      client.send(path).then((response) => eventsOf(response)),
      client.send(`${path}?after=2`).then((response) => eventsOf(response)),
      client.send(path).then((response) => response.text()),
    ]);
    expect(sequence(whole)).toEqual(sequence(whole).map((_, index) => index + 1));
    expect(sequence(late)).toEqual(sequence(whole).slice(2));
    expect(text).toMatch(/^retry: \d+\n\n/);
    expect(text).toContain(': ping\n\n');
    expect(text).not.toContain('[DONE]');
  });

  it('a client that leaves does not stop the run', async () => {
    const response = await client.post('/v1/runs', { question: slow, images, stream: true });
    const id = (response.headers.get('location') ?? '').replace('/v1/runs/', '');
    await eventsOf(response, (event) => event.type === 'run.started');
    const ended = await client.send(`/v1/runs/${id}`, { headers: { prefer: 'wait=20' } });
    expect(await bodyOf<Run>(ended)).toMatchObject({ status: 'succeeded', answer: 'late' });
  });
});
