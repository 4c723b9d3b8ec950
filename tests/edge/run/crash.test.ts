import fc from 'fast-check';
import { expect, it } from 'vitest';
import { act, inTurn, World, type WorldOptions } from './world.ts';

const options: WorldOptions = {
  plan: inTurn(
    act('OCR', { image: 'image-0' }),
    act('Crop', { image: 'image-0', bbox: [0, 0, 0.5, 0.5] }),
    act('Frobnicate', {}),
    act('Calculate', { expression: '14.20 / 2' }),
    act('Terminate', { answer: '7.10' }),
  ),
  tool: (name) =>
    name === 'Crop' ? { bbox: [0, 0, 1, 1] } : name === 'OCR' ? { text: 'T', regions: [] } : { result: 7.1 },
  // Time stands still, so that a repeated step cannot be told from the first.
  stepMs: 0,
};

async function uninterrupted(): Promise<World> {
  const world = new World(options);
  await world.run();
  return world;
}

// In production this is a deployment, an eviction or a SIGKILL at the worst moment.
it('a crash at any single point changes neither the result nor the events', async () => {
  const expected = await uninterrupted();
  expect(expected.state.answer).toBe('7.10');
  for (let point = 1; point <= expected.points; point++) {
    const world = new World(options);
    world.crashAt = point;
    expect(await world.run(), `point ${point}`).toBe(2);
    expect(world.state, `point ${point}`).toEqual(expected.state);
    expect(world.events, `point ${point}`).toEqual(expected.events);
    // At most the call that was cut off is repeated, with the same step number.
    expect(world.toolCalls.length - expected.toolCalls.length, `point ${point}`).toBeLessThanOrEqual(1);
    expect(new Set(world.toolCalls)).toEqual(new Set(expected.toolCalls));
  }
});

it('nor do many crashes at random points', async () => {
  const expected = await uninterrupted();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }), async (gaps) => {
      const world = new World(options);
      for (const gap of gaps) {
        world.crashAt = world.points + gap;
        if ((await world.run()) === 1) break;
      }
      world.crashAt = Number.POSITIVE_INFINITY;
      await world.run();
      expect(world.state).toEqual(expected.state);
      expect(world.events).toEqual(expected.events);
    }),
    { seed: 20_261_122, numRuns: 300 },
  );
});

it('a step that had to be the answer is asked for as such again after a crash', async () => {
  const plan: WorldOptions['plan'] = ({ final }) => ({
    turn: final ? act('Terminate', { answer: 'yes' }) : act('OCR', { image: 'image-0' }),
  });
  const world = new World({ plan, maxSteps: 1 });
  world.crashAt = 9;
  await world.run();
  expect(world.requests.map((request) => request.final)).not.toContain(false);
  expect(world.state.answer).toBe('yes');
});
