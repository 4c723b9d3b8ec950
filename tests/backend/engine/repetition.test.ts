import { expect, test } from 'vitest';
import { loopingToken } from '#backend/engine/repetition';

const times = (block: readonly number[], count: number): number[] =>
  Array.from({ length: count }, () => block).flat();

test.each([
  { name: 'one token', block: [7], count: 48, next: 7 },
  { name: 'a block of three', block: [1, 2, 3], count: 16, next: 1 },
  { name: 'a line', block: Array.from({ length: 40 }, (_, index) => index), count: 4, next: 0 },
])('a loop of $name is seen, with what would go on with it', ({ block, count, next }) => {
  expect(loopingToken([90, 91, ...times(block, count)])).toBe(next);
});

test('a loop that stands in the middle of its block goes on with the rest of the block', () => {
  expect(loopingToken([...times([1, 2, 3, 4, 5, 6], 9), 1, 2])).toBe(3);
});

test.each([
  { name: 'a text without repeats', tokens: Array.from({ length: 200 }, (_, index) => index) },
  {
    name: 'three equal lines',
    tokens: times(
      Array.from({ length: 30 }, (_, index) => index),
      3,
    ),
  },
  { name: 'a short run of zeros', tokens: [5, 6, ...times([0], 40)] },
  {
    name: 'rows that differ in one token',
    tokens: Array.from({ length: 10 }, (_, row) => [1, 2, 3, 4, 5, 6, 7, 100 + row]).flat(),
  },
])('$name is no loop', ({ tokens }) => {
  expect(loopingToken(tokens)).toBeUndefined();
});
