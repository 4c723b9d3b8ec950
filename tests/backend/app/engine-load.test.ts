/** `npm run bench -- engine-load` in small, without its times: those belong to a quiet machine. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallBesideFlood } from '../../../bench/load/fairness.ts';
import { overload } from '../../../bench/load/overload.ts';
import { Site } from '../../../bench/load/site.ts';
import { soak } from '../../../bench/load/soak.ts';

let site: Site;

beforeAll(async () => {
  site = await Site.start();
}, 120_000);
afterAll(() => site.stop());

test('runs of several tenants, some given up, end although the planner is killed, and no place is lost', async () => {
  const soaked = await soak(site, { runs: 60, kills: 1 });
  expect(soaked.faults).toEqual([]);
  expect(soaked.ended + soaked.canceled).toBe(60);
  expect(soaked.canceled).toBeGreaterThan(0);
  expect(soaked.left).toEqual({
    num_requests_running: 0,
    num_requests_waiting: 0,
    planner_steps: 0,
    decoder_batch_rows: 0,
  });
  // Those whose planner died came back.
  expect(soaked.repeated).toBeGreaterThan(0);
  for (const { samples } of soaked.memory) expect(samples).toBeGreaterThan(0);
}, 300_000);

test('beside a flood a small tenant is always served, and the flood is told when to come back', async () => {
  const fairness = await smallBesideFlood(site, { blocks: 1, steps: 4, flooding: 64 });
  expect(fairness.faults).toEqual([]);
  expect([fairness.alone.length, fairness.beside.length]).toEqual([4, 4]);
  expect(fairness.flooded).toBeGreaterThan(0);
  expect(fairness.refused).toBeGreaterThan(0);
  expect(fairness.healthFlooded.length).toBeGreaterThan(0);
}, 300_000);

test('under overload a step is served, or told when to come back', async () => {
  const overloaded = await overload(site, { peakS: 2, overloadS: 3, factor: 10 });
  expect(overloaded.faults).toEqual([]);
  expect(overloaded.served.length).toBeGreaterThan(0);
  expect(overloaded.refused.length).toBeGreaterThan(0);
  for (const seconds of overloaded.refused) expect(seconds).toBeGreaterThanOrEqual(1);
}, 300_000);
