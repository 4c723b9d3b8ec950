import { expect, test } from 'vitest';
import { type Compared, comparison } from '#training/eval/compare';

const runOf = (name: string, outcomes: Readonly<Record<string, string>>): Compared => ({
  name,
  items: new Map(
    Object.entries(outcomes).flatMap(([family, marks]) =>
      [...marks].map((mark, at) => [`${family}-${at}`, { family, right: mark === '+' }] as const),
    ),
  ),
});

test('every family counts alike, and owning up stands apart', () => {
  const cota = runOf('cota', { reading: '++++', counting: '+-', unknown: '++' });
  const direct = runOf('direct', { reading: '+---', counting: '+-', unknown: '--' });
  const lines = comparison([cota, direct]).split('\n');
  expect(lines[0]).toBe('|  | cota | direct |');
  expect(lines[2]).toMatch(/^\| counting \| 50.0 % \(0-100\) \| 50.0 % \(0-100\) \|$/);
  expect(lines[3]).toMatch(/^\| reading \| 100.0 % \(100-100\) \| 25.0 % /);
  expect(lines[4]).toBe('| **mean** | 75.0 % | 37.5 % |');
  expect(lines[5]).toMatch(
    /^\| less than the first \| {2}\| 37.5 \(\d+\.\d to \d+\.\d\), behind in 1 of 2 \|$/,
  );
  expect(lines[6]).toMatch(/^\| unknown \| 100.0 % .* \| 0.0 % /);
});

test('runs of other items are refused', () => {
  const one = runOf('one', { reading: '++' });
  expect(() => comparison([one, runOf('two', { reading: '+++' })])).toThrow(/two holds other items than one/);
  expect(() => comparison([one, runOf('two', { counting: '++' })])).toThrow(/other items/);
});
