import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planDecode, type Waiting } from '#backend/engine/pass-plan';

const widths = (passes: readonly (readonly Waiting[])[]): number[][] =>
  passes.map((pass) => pass.map(({ tokens }) => tokens));
const of = (...tokens: number[]): Waiting[] =>
  tokens.map((count, place) => ({ tokens: count, prefix: undefined, place }));

test('rows of the same length go together', () => {
  expect(widths(planDecode(of(1, 1, 1)))).toEqual([[1, 1, 1]]);
});

test('one long row beside many short ones goes alone, beside few it does not', () => {
  expect(widths(planDecode(of(...Array(12).fill(1), 9)))).toEqual([Array(12).fill(1), [9]]);
  expect(widths(planDecode(of(1, 3)))).toEqual([[1, 3]]);
});

test('rows of different prefixes never meet, and none is lost', () => {
  const item = fc.record({
    tokens: fc.integer({ min: 1, max: 16 }),
    prefix: fc.constantFrom('a', 'b'),
    place: fc.constantFrom(0, 1, 2, 3, Number.POSITIVE_INFINITY),
  });
  fc.assert(
    fc.property(fc.array(item), fc.integer({ min: 8, max: 100 }), (items, cellsMax) => {
      const passes = planDecode(items, cellsMax);
      for (const pass of passes) expect(new Set(pass.map(({ prefix }) => prefix)).size).toBe(1);
      expect(new Set(passes.flat())).toEqual(new Set(items));
      expect(passes.flat().length).toBe(items.length);
      for (const pass of passes.filter(({ length }) => length > 1))
        expect(Math.max(...pass.map(({ tokens }) => tokens)) * pass.length).toBeLessThanOrEqual(cellsMax);
    }),
    { seed: 1 },
  );
});

test('a pass with too many cells becomes some that are about equal, of rows that lie together', () => {
  const items = [3, 0, 4, 1, 5, 2].map((place) => ({ tokens: 4, prefix: undefined, place }));
  const places = planDecode(items, 16).map((pass) => pass.map(({ place }) => place));
  expect(places).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
  // A row that is too long by itself still has its pass.
  expect(widths(planDecode(of(9, 9), 8))).toEqual([[9], [9]]);
});
