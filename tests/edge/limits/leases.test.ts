/** A run asked for again before it is there: its first request died, or is slow. */
import { beforeEach, expect, it } from 'vitest';
import { Ledger } from '#edge/limits/ledger';
import type { Ask, Lease } from '#edge/limits/terms';
import { plans } from '#shared/plans';
import { memoryDatabase } from './memory.ts';

const NOON = Date.UTC(2026, 10, 26, 12);
const LEASE_MS = 150_000;
const FREE = { keyId: 'abcdefgh', account: 'a', plan: 'free' } as const;
const USED = {
  steps: 3,
  tool_calls: 2,
  input_tokens: 9,
  cached_tokens: 0,
  output_tokens: 9,
  cost_units: 3,
};

let ledger: Ledger;
let count = 0;
beforeEach(() => {
  ledger = new Ledger(memoryDatabase());
});

function admit(more: Partial<Ask> = {}, now = NOON): Lease {
  const wish: Ask = { ...FREE, kind: 'run', units: 8, leaseMs: LEASE_MS, run: 'run', ...more };
  const decision = ledger.admit(wish, `lease-${count++}`, now);
  if (!decision.ok) throw new Error(`refused by ${decision.violated}`);
  return decision.lease;
}
const left = (name: string, now = NOON) =>
  ledger.meters('free', undefined, now).find((meter) => meter.name === name)?.remaining;
const FULL = { runs: plans.free.concurrentRuns, day: plans.free.unitsPerDay };

it('a run whose first request died is booked once, and settled by what it used', () => {
  admit();
  const retried = admit({}, NOON + 1_000);
  expect([left('runs'), left('day')]).toEqual([FULL.runs - 1, FULL.day - 8]);
  ledger.settle(retried, USED, NOON + 2_000);
  expect([left('runs'), left('day')]).toEqual([FULL.runs, FULL.day - 3]);
  ledger.settle(retried, USED, NOON + 3_000);
  expect(left('day')).toBe(FULL.day - 3);
});

it('it is not refused where no place is free, and holds its own for as long as a new one', () => {
  admit();
  for (let index = 1; index < FULL.runs; index++) admit({ run: `other-${index}` });
  expect(() => admit({ run: 'one more' })).toThrow('runs');
  admit({}, NOON + LEASE_MS - 1);
  expect(left('runs', NOON + LEASE_MS + 1)).toBe(FULL.runs - 1);
});

it.each([
  ['the slow first request', 0],
  ['the second one', 1],
])('of two that prepare one run at once, %s does not give away the place of the other', (_, loser) => {
  const leases = [admit(), admit()];
  ledger.settle(leases[loser] as Lease, 'nothing', NOON);
  expect([left('runs'), left('day')]).toEqual([FULL.runs - 1, FULL.day - 8]);
  ledger.settle(leases[1 - loser] as Lease, USED, NOON);
  expect([left('runs'), left('day')]).toEqual([FULL.runs, FULL.day - 3]);
});

it('nor does it when it is late; and when both fail, all is as it was', () => {
  const [first, second] = [admit(), admit()];
  ledger.settle(second, USED, NOON);
  ledger.settle(first, 'nothing', NOON);
  expect([left('runs'), left('day')]).toEqual([FULL.runs, FULL.day - 3]);
  for (const lease of [admit({ run: 'another' }), admit({ run: 'another' })])
    ledger.settle(lease, 'nothing', NOON);
  expect([left('runs'), left('day')]).toEqual([FULL.runs, FULL.day - 3]);
});

it('a wish for more is booked anew, and so is one after the lease has ended', () => {
  admit();
  expect(admit({ units: 16 }).units).toBe(16);
  expect(left('day')).toBe(FULL.day - 24);
  admit({}, NOON + LEASE_MS);
  expect(left('day')).toBe(FULL.day - 32);
});
