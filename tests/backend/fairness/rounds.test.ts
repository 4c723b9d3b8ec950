import { expect, test } from 'vitest';
import { VirtualCounters } from '#backend/fairness/counters';
import { FairRounds } from '#backend/fairness/rounds';

function roundsOf(atWork: Readonly<Record<string, number>>, had: Readonly<Record<string, number>>) {
  const counters = new VirtualCounters(() => 0);
  for (const [tenant, cost] of Object.entries(had)) counters.charge(tenant, cost);
  const rounds = new FairRounds(counters, (tenant) => atWork[tenant] ?? 0);
  const takePart = (): string => {
    const tenants = Object.keys(atWork);
    const isIn = rounds.begin(tenants);
    return tenants.filter(isIn).join('');
  };
  return { rounds, counters, takePart };
}

test('tenants with about as many steps share every round, whatever they have had', () => {
  const { takePart } = roundsOf({ a: 3, b: 1, c: 2 }, { a: 90_000, b: 0, c: 4_000 });
  expect(takePart()).toBe('abc');
});

test('a crowd that is not ahead shares every round', () => {
  const { takePart } = roundsOf({ a: 16, b: 1 }, { a: 400, b: 0 });
  expect(takePart()).toBe('ab');
});

test('a crowd that has had more sits rounds out, and does a fifth of the work all the same', () => {
  const { rounds, counters, takePart } = roundsOf({ a: 16, b: 1 }, { a: 1_000_000, b: 0 });
  const done = { a: 0, b: 0 };
  for (let round = 0; round < 2_000; round++) {
    const isIn = takePart();
    for (const tenant of ['a', 'b'] as const) {
      if (!isIn.includes(tenant)) continue;
      const cost = tenant === 'a' ? 280 : 9;
      rounds.charge(tenant, cost);
      done[tenant] += cost;
    }
  }
  expect(counters.of('a')).toBe(1_000_000 + done.a);
  expect(done.a / (done.a + done.b)).toBeGreaterThan(0.18);
  expect(done.a / (done.a + done.b)).toBeLessThan(0.22);
});

test('the first of the tenant that has had least is next', () => {
  const { rounds } = roundsOf({ a: 1, b: 1 }, { a: 5, b: 4 });
  const jobs = [
    { tenant: 'a', id: 1 },
    { tenant: 'b', id: 2 },
    { tenant: 'b', id: 3 },
  ];
  expect(rounds.first(jobs)?.id).toBe(2);
  expect(rounds.first([])).toBeUndefined();
});

test('a round is overtaken by a tenant that its own would have to wait for', () => {
  const { rounds } = roundsOf({ a: 16, b: 1 }, { a: 1_000_000, b: 0 });
  rounds.begin(['a']);
  expect(rounds.isOvertaken(['a'])).toBe(false);
  expect(rounds.isOvertaken(['a', 'b'])).toBe(true);
  // Who sits out already is not overtaken again.
  rounds.begin(['a', 'b']);
  expect(rounds.isOvertaken(['a', 'b'])).toBe(false);
});

test('a crowd whose turn it is is not overtaken', () => {
  const { rounds } = roundsOf({ a: 16, b: 1 }, { a: 1_000_000, b: 0 });
  rounds.begin(['a', 'b']);
  rounds.charge('b', 100_000);
  rounds.begin(['a', 'b']);
  expect(rounds.isOvertaken(['a', 'b'])).toBe(false);
});

test('others are expected for as long as they were served not long ago', () => {
  const { rounds } = roundsOf({}, {});
  expect(rounds.expectsOthers).toBe(false);
  rounds.charge('a', 10);
  expect(rounds.expectsOthers).toBe(false);
  rounds.charge('b', 10);
  expect(rounds.expectsOthers).toBe(true);
  rounds.charge('a', 262_000);
  expect(rounds.expectsOthers).toBe(true);
  rounds.charge('a', 1_000);
  expect(rounds.expectsOthers).toBe(false);
});
