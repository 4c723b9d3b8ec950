import { expect, test } from 'vitest';
import { PassCosts } from '#backend/engine/pass-costs';
import { PASS_COST_CELLS } from '#backend/engine/pass-plan';

/** Passes of changing width whose cost is a straight line. */
function taught(costs: PassCosts, rows: number, fixed: number, slope: number, passes = 200): void {
  for (let pass = 0; pass < passes; pass++) {
    const width = 1 + (pass % 6);
    costs.learn(rows, width, fixed + slope * width);
  }
}

test('before it has seen enough, what was measured beforehand holds', () => {
  const costs = new PassCosts();
  expect(costs.fixed(1)).toBe(PASS_COST_CELLS);
  expect(costs.fixed(16)).toBe(PASS_COST_CELLS / 16);
  for (let pass = 0; pass < 100; pass++) costs.learn(1, 1, 5);
  expect(costs.fixed(1)).toBe(PASS_COST_CELLS);
});

test('learns the line of each size of batch, whatever the machine’s speed', () => {
  const costs = new PassCosts();
  taught(costs, 1, 10, 2);
  taught(costs, 16, 30, 40);
  expect(costs.fixed(1)).toBeCloseTo(5, 5);
  expect(costs.fixed(16)).toBeCloseTo(0.75, 5);
  expect(costs.fixed(4)).toBe(PASS_COST_CELLS / 4);
});

test('follows as the cost changes, and a pass that was held up counts for little', () => {
  const costs = new PassCosts();
  taught(costs, 1, 10, 2);
  costs.learn(1, 1, 100_000);
  expect(costs.fixed(1)).toBeGreaterThan(4);
  expect(costs.fixed(1)).toBeLessThan(7);
  taught(costs, 1, 40, 2, 2_000);
  expect(costs.fixed(1)).toBeCloseTo(20, 1);
});

test('stays in bounds where more width costs nothing, or all', () => {
  const flat = new PassCosts();
  taught(flat, 1, 10, 0);
  expect(flat.fixed(1)).toBe(64);
  const steep = new PassCosts();
  taught(steep, 1, 0, 10);
  expect(steep.fixed(1)).toBeCloseTo(0, 5);
});
