import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualCounters } from '#backend/fairness/counters';

const CREDIT = 100;

test('a tenant that comes back is lifted to the least active counter, less the credit', () => {
  const counters = new VirtualCounters(() => CREDIT);
  counters.enter('flood');
  counters.charge('flood', 5_000 + CREDIT);
  counters.enter('small');
  expect([counters.of('flood'), counters.of('small')]).toEqual([5_000, 4_900]);
  counters.charge('small', 60);
  counters.leave('small');
  counters.charge('flood', 20);
  // It has 60 of its credit used, and 20 of them back.
  counters.enter('small');
  expect(counters.of('small')).toBe(4_960);
  counters.leave('small');
  counters.charge('flood', 1_000);
  expect(counters.of('small')).toBe(4_960);
  counters.enter('small');
  expect(counters.of('small')).toBe(5_920);
});

test('nobody wins by leaving: the counter of the last who left is the level', () => {
  const counters = new VirtualCounters(() => 0);
  counters.enter('a');
  counters.charge('a', 300);
  counters.leave('a');
  counters.enter('b');
  expect(counters.of('b')).toBe(300);
});

test('many tenants that came and went are forgotten, those who are there are not', () => {
  const counters = new VirtualCounters(() => CREDIT);
  counters.enter('stays');
  counters.charge('stays', CREDIT + 7);
  for (let index = 0; index < 20_000; index++) {
    counters.enter(`t${index}`);
    counters.charge(`t${index}`, 1_000 + index);
    counters.leave(`t${index}`);
  }
  expect(counters.of('stays')).toBe(7);
  // Somebody who was forgotten begins at the level like anybody new; the latest are still known.
  expect(counters.of('t0')).toBe(counters.of('never seen'));
  expect(counters.of('t19999')).toBeGreaterThan(20_000);
});

test('of two who always want more, neither is ahead by more than credit and one piece of work', () => {
  const piece = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 50, maxLength: 200 }), fc.nat(40), (pieces, late) => {
      const counters = new VirtualCounters(() => CREDIT);
      const given = new Map([
        ['a', 0],
        ['b', 0],
      ]);
      counters.enter('a');
      let since = 0;
      pieces.forEach((cost, index) => {
        if (index === late) {
          counters.enter('b');
          since = given.get('a') as number;
        }
        const next = index >= late && counters.of('b') < counters.of('a') ? 'b' : 'a';
        counters.charge(next, cost);
        given.set(next, (given.get(next) as number) + cost);
      });
      const ahead = (given.get('b') as number) - ((given.get('a') as number) - since);
      expect(Math.abs(ahead)).toBeLessThanOrEqual(CREDIT + 40);
    }),
    { seed: 1 },
  );
});
