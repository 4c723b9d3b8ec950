import { expect, test } from 'vitest';
import { openPlanner, type Planner } from '#backend/engine/planner';
import type { Raster } from '#backend/images/raster';
import { CONTRACT_VERSION, type StepRequest } from '#shared/contract';
import { randomOf } from '#training/random';
import { expectedOf, fixtureFolder } from '../models/fixture.ts';

const STEPS = 120;
const [raster] = expectedOf('grouped-f32').images as [Raster];

/** Twelve questions under three lists of actions, so that beginnings differ, too. */
function request(index: number): StepRequest {
  const tools = [
    ['OCR', 'Terminate'],
    ['OCR', 'Crop', 'Terminate'],
    ['Calculate', 'Terminate'],
  ];
  return {
    version: CONTRACT_VERSION,
    run: `run-${index}`,
    step: 0,
    conversation: {
      question: `What is item ${index % 12}?`,
      images: ['0'.repeat(63) + (index % 5)],
      steps: [],
    },
    tools: tools[index % 3] as string[],
    final: false,
    max_tokens: 48,
    deadline_ms: 60_000,
  };
}

function ask(planner: Planner, index: number, signal: AbortSignal, onText = (): void => {}): Promise<string> {
  const asked = request(index);
  const images = new Map(planner.missingImages(asked).map((digest) => [digest, raster]));
  return planner.step(asked, images, { onText, signal }).then((event) => event.text);
}

test('of many steps a fifth is given up at any time; the others write what they write alone, and no place leaks', async () => {
  const [planner, calm] = [0, 1].map(() =>
    openPlanner(fixtureFolder('grouped-f32'), { device: 'cpu', threads: 1 }),
  );
  const [busy, alone] = [await planner, await calm] as [Planner, Planner];
  const random = randomOf(5);
  const left = new Error('the client left');
  const outcomes = await Promise.all(
    Array.from({ length: STEPS }, async (_, index) => {
      const controller = new AbortController();
      const leaves = index % 5 === 0;
      let pieces = random.int(0, 12);
      // Some leave while they wait or read, some while they write.
      if (leaves && pieces < 4) setTimeout(() => controller.abort(left), random.int(0, 400));
      const onText = (): void => {
        if (leaves && pieces-- === 0) controller.abort(left);
      };
      const text = await ask(busy, index, controller.signal, onText).catch((error: unknown) => {
        expect([leaves, error]).toEqual([true, left]);
        return undefined;
      });
      return { index, text };
    }),
  );
  const ended = outcomes.filter(({ text }) => text !== undefined);
  expect(ended.length).toBeGreaterThanOrEqual((STEPS * 4) / 5);
  expect(ended.length).toBeLessThan(STEPS);
  const expected = new Map<string, string>();
  for (const { index, text } of ended) {
    const { conversation, tools } = request(index);
    const key = JSON.stringify([conversation, tools]);
    expected.set(key, expected.get(key) ?? (await ask(alone, index, new AbortController().signal)));
    expect([index, text]).toEqual([index, expected.get(key)]);
  }
  const { steps, running, waiting, rows, passes } = busy.counts();
  expect({ running, waiting, rows }).toEqual({ running: 0, waiting: 0, rows: 0 });
  expect(steps.steps).toBe(ended.length);
  expect(passes.passes).toBeLessThan(passes.tokens / 4);
  await Promise.all([busy.close(), alone.close()]);
});
