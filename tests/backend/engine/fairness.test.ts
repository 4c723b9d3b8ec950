/**
 * A small tenant beside a flood, in simulated time: the clock is what the passes cost, not what they took, so that
 * the figures are the same on every machine.
 */
import { expect, test } from 'vitest';
import { PASS_COST_CELLS } from '#backend/engine/pass-plan';
import { openPlanner, type Planner } from '#backend/engine/planner';
import type { Raster } from '#backend/images/raster';
import { CONTRACT_VERSION, type StepRequest } from '#shared/contract';
import { PLANNER_ACTIVE_MAX } from '#shared/limits';
import { expectedOf, fixtureFolder } from '../models/fixture.ts';

const [raster] = expectedOf('grouped-f32').images as [Raster];
const SMALL_STEPS = 5;
const FLOOD = PLANNER_ACTIVE_MAX + 8;
const never = new AbortController().signal;

function request(tenant: string, run: string): StepRequest {
  return {
    version: CONTRACT_VERSION,
    run,
    step: 0,
    tenant,
    conversation: { question: `What does ${run} cost?`, images: ['a'.repeat(64)], steps: [] },
    tools: ['OCR', 'Crop', 'Calculate', 'Terminate'],
    final: false,
    max_tokens: 48,
    deadline_ms: 60_000,
  };
}

async function step(planner: Planner, asked: StepRequest, signal = never): Promise<void> {
  const images = new Map(planner.missingImages(asked).map((digest) => [digest, raster]));
  await planner.step(asked, images, { onText: () => undefined, signal });
}

/** Cells that the passes so far have cost. */
function now(planner: Planner): number {
  const { passes, cells } = planner.counts().passes;
  return passes * PASS_COST_CELLS + cells;
}

/** Cost of each of the small tenant's steps, one after the other, beside so many of a flood that never ends. */
async function beside(
  flooding: number,
  name = 'small',
  steps = SMALL_STEPS,
): Promise<{ costs: number[]; flooded: number }> {
  const planner = await openPlanner(fixtureFolder('grouped-f32'), { device: 'cpu', threads: 1 });
  await step(planner, request('warm', 'warm up'));
  await step(planner, request(name, 'warm up'));
  let flooded = 0;
  let isOver = false;
  const flood = Array.from({ length: flooding }, async (_, index) => {
    for (let round = 0; !isOver; round++, flooded++)
      await step(planner, request('flood', `${index} item ${round}`));
  });
  const costs: number[] = [];
  for (let index = 0; index < steps; index++) {
    // Its tool takes longer than its turn: else it would not be small. The flood has all of its places meanwhile.
    const from = now(planner);
    while (flooding > 0 && now(planner) < from + 1_500) await new Promise((next) => setTimeout(next));
    const start = now(planner);
    await step(planner, request(name, `item ${index}`));
    costs.push(now(planner) - start);
  }
  isOver = true;
  await Promise.all(flood);
  await planner.close();
  return { costs, flooded };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

test('a small tenant waits little for a flooding one, which goes on meanwhile', async () => {
  const alone = await beside(0);
  const flooded = await beside(FLOOD);
  // What is under way when a step comes, and a fifth of the time at most, are the flood's.
  expect(median(flooded.costs) / median(alone.costs)).toBeLessThan(1.3);
  expect(Math.max(...flooded.costs) / Math.max(...alone.costs)).toBeLessThan(2.5);
  expect(flooded.flooded).toBeGreaterThan(SMALL_STEPS);
  // What it is spared: as part of the flood it would stand in line behind all of it.
  const inLine = await beside(FLOOD, 'flood', 2);
  expect(median(inLine.costs)).toBeGreaterThan(5 * median(flooded.costs));
});

test('images and keys and values of one tenant are not found by another; what all begin with is', async () => {
  const planner = await openPlanner(fixtureFolder('grouped-f32'), { device: 'cpu', threads: 1 });
  const ask = async (tenant: string, run: string) => {
    const asked = { ...request(tenant, 'it'), run };
    const missing = planner.missingImages(asked).length;
    const images = new Map([['a'.repeat(64), raster]]);
    const { usage, text } = await planner.step(asked, images, { onText: () => undefined, signal: never });
    return { missing, cached: usage.cached_tokens, prompt: usage.prompt_tokens, text };
  };
  const first = await ask('one', 'run-1');
  const again = await ask('one', 'run-2');
  const other = await ask('two', 'run-1');
  expect([first.missing, again.missing, other.missing]).toEqual([1, 0, 1]);
  expect(first.cached).toBe(0);
  expect(again.cached).toBe(again.prompt - 1);
  expect(other.cached).toBeGreaterThan(30);
  expect(other.cached).toBeLessThan(again.cached);
  expect(new Set([first.text, again.text, other.text]).size).toBe(1);
  expect(planner.counts().steps).toMatchObject({ encoded: 2, known: 1 });
  await planner.close();
});
