/** R1 in small: the first 5,000 of the requests of `npm run bench -- malformed`, over real sockets. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EdgeUnderTest, startEdgeUnderTest } from '../../bench/edge-under-test.ts';
import { attack, print } from '../../bench/malformed.ts';
import { generators } from '../../bench/malformed-corpus.ts';

const COUNT = 5_000;

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await startEdgeUnderTest();
});
afterAll(() => edge.stop());

it(`R1: ${COUNT} malformed requests: no 5xx, no hang, a problem with each refusal, alive afterwards`, async () => {
  const result = await attack(edge, COUNT);
  print(result);
  expect(result.faults).toEqual([]);
  expect(result.hangs).toBe(0);
  expect(result.unanswered).toBe(0);
  expect(result.isAlive).toBe(true);
  const counted = [...result.ours.values(), ...result.native.values()].reduce((sum, count) => sum + count, 0);
  expect(counted).toBe(COUNT);
  expect(result.byGenerator.size).toBe(Object.keys(generators).length);
  // The requests are wrong, and are told so: hardly any is carried out.
  const refused = [...result.ours].reduce((sum, [status, count]) => sum + (status >= 400 ? count : 0), 0);
  expect(refused).toBeGreaterThan(COUNT / 2);
}, 300_000);
