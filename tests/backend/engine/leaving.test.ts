/** A client that leaves costs at most the pass that is under way, whether it reads along or waits for the whole. */
import { describe, expect, test } from 'vitest';
import { openPlanner, type Planner } from '#backend/engine/planner';
import type { Raster } from '#backend/images/raster';
import { CONTRACT_VERSION, type StepRequest } from '#shared/contract';
import { expectedOf, fixtureFolder } from '../models/fixture.ts';

const [raster] = expectedOf('grouped-f32').images as [Raster];
const left = new Error('the client left');

function request(run: string, observation = ''): StepRequest {
  const steps = observation === '' ? [] : [{ text: '{}', observation: { text: observation } }];
  return {
    version: CONTRACT_VERSION,
    run,
    step: steps.length,
    conversation: { question: 'What does it cost?', images: ['a'.repeat(64)], steps },
    tools: ['OCR', 'Terminate'],
    final: false,
    max_tokens: 64,
    deadline_ms: 60_000,
  };
}

const ask = (planner: Planner, asked: StepRequest, signal: AbortSignal, onText = (): void => undefined) =>
  planner.step(asked, new Map([['a'.repeat(64), raster]]), { onText, signal });

const open = (): Promise<Planner> => openPlanner(fixtureFolder('grouped-f32'), { device: 'cpu', threads: 1 });

describe('a client that leaves', () => {
  test('in the middle of its turn', async () => {
    const planner = await open();
    const gone = new AbortController();
    let passes = 0;
    const onText = (): void => {
      passes ||= planner.counts().passes.passes;
      gone.abort(left);
    };
    await expect(ask(planner, request('one'), gone.signal, onText)).rejects.toBe(left);
    const counts = planner.counts();
    expect(counts.passes.passes - passes).toBeLessThanOrEqual(1);
    expect(counts).toMatchObject({ running: 0, waiting: 0, rows: 0 });
    await planner.close();
  });

  test('while its prompt is read, chunk by chunk', async () => {
    const planner = await open();
    const gone = new AbortController();
    const leaving = ask(planner, request('one', 'a row of text '.repeat(1_000)), gone.signal);
    while (planner.counts().passes.passes < 2) await new Promise((next) => setImmediate(next));
    const { passes } = planner.counts().passes;
    gone.abort(left);
    await expect(leaving).rejects.toBe(left);
    const counts = planner.counts();
    expect(counts.passes.passes - passes).toBeLessThanOrEqual(1);
    // A prompt of this length has more chunks than were read.
    expect(counts.passes.tokens).toBeLessThan(1_000);
    expect(counts).toMatchObject({ running: 0, waiting: 0, rows: 0 });
    await planner.close();
  });

  test('while it waits for a place', async () => {
    const planner = await open();
    const gone = new AbortController();
    const many = Array.from({ length: planner.places }, (_, index) =>
      ask(planner, request(`run ${index}`), new AbortController().signal),
    );
    const leaving = ask(planner, request('late'), gone.signal);
    await new Promise((next) => setImmediate(next));
    expect(planner.counts()).toMatchObject({ running: planner.places, waiting: 1 });
    gone.abort(left);
    await expect(leaving).rejects.toBe(left);
    expect(planner.counts().waiting).toBe(0);
    await Promise.all(many);
    expect(planner.counts().steps.steps).toBe(planner.places);
    await planner.close();
  });
});
