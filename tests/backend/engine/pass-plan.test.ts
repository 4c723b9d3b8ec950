import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planDecode, type Waiting } from '#backend/engine/pass-plan';

const widths = (passes: readonly (readonly Waiting[])[]): number[][] =>
  passes.map((pass) => pass.map(({ tokens }) => tokens));
const of = (...tokens: number[]): Waiting[] => tokens.map((count) => ({ tokens: count, prefix: undefined }));

test('rows of the same length go together', () => {
  expect(widths(planDecode(of(1, 1, 1)))).toEqual([[1, 1, 1]]);
});

test('one long row beside many short ones goes alone, beside few it does not', () => {
  expect(widths(planDecode(of(...Array(12).fill(1), 9)))).toEqual([Array(12).fill(1), [9]]);
  expect(widths(planDecode(of(1, 3)))).toEqual([[1, 3]]);
});

test('rows of different prefixes never meet, and none is lost', () => {
  const item = fc.record({ tokens: fc.integer({ min: 1, max: 16 }), prefix: fc.constantFrom('a', 'b') });
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const passes = planDecode(items);
      for (const pass of passes) expect(new Set(pass.map(({ prefix }) => prefix)).size).toBe(1);
      expect(new Set(passes.flat())).toEqual(new Set(items));
      expect(passes.flat().length).toBe(items.length);
    }),
    { seed: 1 },
  );
});
