/** POST /v1/step, with a planner process that has no model: the plumbing, deadlines, deaths and the full line. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepEvent } from '#shared/contract';
import { BACKEND_QUEUE_MAX, PLANNER_ACTIVE_MAX } from '#shared/limits';
import { type Harness, problem, startHarness, startWithPhoto, stepBody } from './harness.ts';

let backend: Harness;
let photo: Uint8Array;
let digest: string;

beforeAll(async () => {
  ({ backend, photo, digest } = await startWithPhoto());
});
afterAll(() => backend.stop());

async function lines(response: Response): Promise<unknown[]> {
  const text = await response.text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => stepEvent.parse(JSON.parse(line)));
}

describe('steps', () => {
  const step = (
    question: string,
    images: readonly string[] = [digest],
    deadlineMs?: number,
    signal?: AbortSignal,
  ): Promise<Response> =>
    backend.call('POST', '/v1/step', stepBody(question, images, deadlineMs), signal ? { signal } : {});

  it('answers with the turn alone when that comes before a piece of it', async () => {
    const response = await step('at once');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(await lines(response)).toMatchObject([
      { type: 'turn', turn: { actions: [{ arguments: { answer: 'at once' } }] } },
    ]);
  });

  it('streams tokens, then the turn', async () => {
    const response = await step('hello');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const events = await lines(response);
    expect(events).toMatchObject([
      { type: 'token' },
      { type: 'turn', turn: { actions: [{ arguments: { answer: 'hello' } }] } },
    ]);
  });

  it('lists the images that it lacks', async () => {
    const response = await step('hello', [digest, 'f'.repeat(64)]);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'images_missing', missing: ['f'.repeat(64)] });
  });

  it('refuses bodies that do not fit', async () => {
    expect(await problem(await backend.call('POST', '/v1/step', '{'))).toEqual([400, 'invalid_json']);
    expect(await problem(await backend.call('POST', '/v1/step', new Uint8Array([0x22, 0xff, 0x22])))).toEqual(
      [400, 'invalid_json'],
    );
    expect(await problem(await backend.call('POST', '/v1/step', '{"__proto__":{}}'))).toEqual([
      422,
      'invalid_request',
    ]);
    expect(await problem(await step('x'.repeat(100_000)))).toEqual([422, 'invalid_request']);
  });

  it('ends at the deadline and takes the next step', async () => {
    expect(await lines(await step('slow', [digest], 1_500))).toMatchObject([
      { type: 'token' },
      { type: 'error', code: 'deadline_exceeded' },
    ]);
    expect(await lines(await step('hello'))).toHaveLength(2);
  });

  it('frees the place of a caller that has gone', async () => {
    const gone = new AbortController();
    const response = await step('slow', [digest], 10_000, gone.signal);
    gone.abort();
    await response.text().catch(() => undefined);
    expect(await lines(await step('hello'))).toHaveLength(2);
  });

  it('reports a death after the first byte as an event, and starts the process again', async () => {
    expect(await lines(await step('die'))).toMatchObject([
      { type: 'token' },
      { type: 'error', code: 'backend_unavailable' },
    ]);
    await expect.poll(() => backend.planner.state, { timeout: 10_000 }).toBe('ready');
    expect(await lines(await step('hello'))).toHaveLength(2);
  });

  it('kills a process that is stuck', async () => {
    expect(await lines(await step('block', [digest], 1_500))).toMatchObject([
      { type: 'token' },
      { type: 'error', code: 'deadline_exceeded' },
    ]);
    const restarts = backend.events.filter((event) => event === 'child_died').length;
    await expect
      .poll(() => backend.events.filter((event) => event === 'child_died').length, { timeout: 20_000 })
      .toBe(restarts + 1);
    expect(backend.events).toContain('call_overdue');
    await expect.poll(() => backend.planner.state, { timeout: 10_000 }).toBe('ready');
    expect(await lines(await step('hello'))).toHaveLength(2);
  });
});

it('turns callers away at once when the line is full', async () => {
  // A backend of its own: one that has measured steps may turn callers away before that.
  const fresh = await startHarness();
  await fresh.put(photo);
  const leaving = new AbortController();
  const step = (question: string, signal?: AbortSignal): Promise<Response> =>
    fresh.call('POST', '/v1/step', stepBody(question, [digest], 50_000), signal ? { signal } : {});
  const running = Array.from({ length: BACKEND_QUEUE_MAX + PLANNER_ACTIVE_MAX }, () =>
    step('slow', leaving.signal).then(
      (response) => response.text(),
      () => undefined,
    ),
  );
  const response = await step('hello');
  expect(response.headers.get('retry-after')).toBe('1');
  expect(await problem(response)).toEqual([503, 'overloaded']);
  leaving.abort();
  await Promise.allSettled(running);
  await fresh.stop();
});
