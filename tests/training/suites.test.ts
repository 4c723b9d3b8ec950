import { expect, test } from 'vitest';
import { suiteNames } from '#training/eval/suites';

test('no suite hides another', () => {
  expect(new Set(suiteNames).size).toBe(suiteNames.length);
  expect(suiteNames).toEqual(
    expect.arrayContaining(['capabilities', 'depth', 'relative-depth', 'text-math']),
  );
});
