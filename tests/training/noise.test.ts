import { describe, expect, test } from 'vitest';
import { alignRows, editsOf, similarity } from '#training/noise/align';
import { noisyText, sampleRates } from '#training/noise/apply';
import { fitNoise } from '#training/noise/fit';
import type { Reading } from '#training/noise/measure';
import { characterKey, loadNoiseModel, spaceContext } from '#training/noise/model';
import { randomOf } from '#training/random';

describe('alignment', () => {
  test('finds a shortest edit script', () => {
    const edits = editsOf('Flat white', 'Flatwh1te.');
    expect(edits.filter(({ type }) => type !== 'same')).toEqual([
      { type: 'drop', printed: ' ' },
      { type: 'substitute', printed: 'i', read: '1' },
      { type: 'insert', read: '.' },
    ]);
  });

  test('spaces and case do not make rows differ', () => {
    expect(similarity('Flat White', 'flatwhite')).toBe(1);
    expect(similarity('abcd', 'wxyz')).toBe(0);
  });

  test('knows whole, split, merged, lost and extra rows', () => {
    const printed = [
      ['Corner Bakery'],
      ['Rye roll', '4.40'],
      ['Apple juice', '2.95'],
      ['Total', '7.35'],
      ['Thanks'],
      ['Goodbye now'],
    ];
    const read = [
      'CornerBakery',
      '4.40',
      'Rye roll',
      'Apple juice 2.95',
      'Total 7.35',
      'Thanks Goodbye now',
      '@@##',
    ];
    const { matches, inserted } = alignRows(printed, read);
    expect(matches).toEqual([
      { type: 'whole', row: 0, at: 0 },
      { type: 'split', row: 1, cut: 1, at: [2, 1] },
      { type: 'whole', row: 2, at: 3 },
      { type: 'whole', row: 3, at: 4 },
      { type: 'merged', row: 4, at: 5 },
    ]);
    expect(inserted).toEqual([6]);
    expect(alignRows([['Lost row']], []).matches).toEqual([{ type: 'dropped', row: 0 }]);
  });
});

test('fitting counts what happened', () => {
  const reading = (printed: string[][], read: string[]): Reading => ({
    seed: 1,
    kind: 'receipt',
    style: 's',
    family: 'f',
    quality: 'clean',
    turned: false,
    printed,
    read,
    ms: 1,
  });
  const model = fitNoise([
    reading([['Rye roll', '4.50']], ['Ryeroll 450']),
    reading([['Tea', '€2.00']], ['Tea 2.00']),
  ]);
  expect(model.spaces.letters).toEqual({ count: 1, lost: 1 });
  expect(model.spaces.cells).toEqual({ count: 2, lost: 0 });
  expect(model.characters['0.0']).toEqual({ count: 2, read: { '': 1 } });
  expect(model.characters['€']).toEqual({ count: 1, read: { '': 1 } });
  expect(model.scenes[0]).toMatchObject({ space: 0.5, split: 0, dropped: 0, junk: 0 });
  expect(model.scenes[1]).toMatchObject({ space: 0, character: 0 });
});

test('marks are counted by what stands around them', () => {
  expect(characterKey('4.50', 1)).toBe('0.0');
  expect(characterKey('Tea ....', 5)).toBe('...');
  expect(characterKey('No. 5', 2)).toBe('.');
  expect(characterKey('x3', 0)).toBe('x0');
  expect([
    spaceContext('a', 'b', false),
    spaceContext('a', '1', false),
    spaceContext(':', '1', false),
    spaceContext('1', '1', true),
  ]).toEqual(['letters', 'mixed', 'marks', 'cells']);
});

describe('sampled readings', () => {
  const rows = [['Corner Bakery'], ['Rye roll', '4.40'], ['Apple juice', '2.95'], ['Total', '7.35']];
  const printed = rows.map((cells) => cells.join(' ')).join('\n');

  test('are the same for the same seed', () => {
    expect(noisyText(rows, randomOf(4))).toBe(noisyText(rows, randomOf(4)));
  });

  test('are perfect about as often as measured, and else mostly lose spaces', () => {
    const random = randomOf(2);
    const read = Array.from({ length: 1000 }, () => noisyText(rows, random));
    const perfect = read.filter((text) => text === printed).length / 1000;
    const readable =
      read.filter((text) => text.replaceAll(' ', '') === printed.replaceAll(' ', '')).length / 1000;
    const { scenes } = loadNoiseModel();
    const clean = scenes.filter(
      ({ space, character, split, dropped, merged, junk }) =>
        space + character + split + dropped + merged + junk === 0,
    );
    expect(perfect).toBeGreaterThan(0.8 * (clean.length / scenes.length));
    expect(perfect).toBeLessThan(0.95);
    expect(readable).toBeGreaterThan(perfect);
  });

  test('draw measured scenes', () => {
    expect(loadNoiseModel().scenes).toContainEqual(sampleRates(randomOf(9)));
  });
});
