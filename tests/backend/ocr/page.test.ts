/** Words, tables, turned pages and the bound of the observation: what stands around the text. */
import { describe, expect, it } from 'vitest';
import type { RotatedBox } from '#backend/tools/ocr/geometry';
import type { PlacedLine } from '#backend/tools/ocr/layout';
import { resultOf } from '#backend/tools/ocr/result';
import { spacedLine } from '#backend/tools/ocr/spaces';
import { tablesOf } from '#backend/tools/ocr/tables';
import { boxInImage, type Rotation, rotationOf, uprightRaster } from '#backend/tools/ocr/turn';
import { wordsOf } from '#backend/tools/ocr/words';
import { OBSERVATION_CHARS_MAX } from '#shared/limits';
import { ocr } from '../../../shared/tools/ocr.ts';

const box = (x: number, y: number, width: number, height: number, degrees = 0): RotatedBox => {
  const angle = (degrees * Math.PI) / 180;
  return { x, y, width, height, ux: Math.cos(angle), uy: Math.sin(angle) };
};
const HEIGHT = 20;
/** A line from `left`, ten pixels a character, its words found where they stand. */
const line = (text: string, left: number, y: number): PlacedLine => {
  const width = text.length * 10;
  const words = [...text.matchAll(/\S+/gu)];
  return {
    text: words.join(' '),
    score: 0.9,
    spans: words.map(({ 0: word, index }) => ({
      from: index / text.length,
      to: (index + word.length) / text.length,
    })),
    box: box(left + width / 2, y, width, HEIGHT),
  };
};
const rows = (
  ...texts: ReadonlyArray<ReadonlyArray<readonly [text: string, left: number]>>
): PlacedLine[][] => texts.map((row, index) => row.map(([text, left]) => line(text, left, 50 + 30 * index)));

describe('words', () => {
  it('takes the places of words from the strip, trimmed to their ink', () => {
    const data = new Uint8Array(160 * 48 * 3).fill(255);
    const starts = [8, 17, 26, 50, 59, 68];
    for (let y = 10; y < 40; y++)
      for (const start of starts) data.fill(0, (y * 160 + start) * 3, (y * 160 + start + 6) * 3);
    const glyphs = [...'oneday'].map((label, i) => ({
      label,
      probability: 1,
      step: ((starts[i] ?? 0) + 3) / 8 - 0.5,
    }));
    expect(spacedLine(glyphs, 20, { data, width: 160, height: 48 })).toEqual({
      text: 'one day',
      spans: [
        { from: 8 / 160, to: 32 / 160 },
        { from: 50 / 160, to: 74 / 160 },
      ],
    });
  });

  it('cuts the box of a line along its reading direction', () => {
    const turned: PlacedLine = { ...line('ab cd', 0, 0), box: box(50, 100, 100, HEIGHT, 180) };
    expect(wordsOf(turned).map(({ text, box: { x, width } }) => [text, x, width])).toEqual([
      ['ab', expect.closeTo(80, 6), expect.closeTo(40, 6)],
      ['cd', expect.closeTo(20, 6), expect.closeTo(40, 6)],
    ]);
  });

  it('is the whole line where words and places do not match', () => {
    const whole: PlacedLine = { ...line('ab cd', 0, 0), spans: [{ from: 0, to: 1 }] };
    expect(wordsOf(whole)).toEqual([{ text: 'ab cd', box: whole.box }]);
  });
});

describe('tables', () => {
  const cellsOf = (given: readonly (readonly PlacedLine[])[]) => tablesOf(given).map((table) => table.rows);

  it('gives each cell its row and column, an empty one too', () => {
    expect(
      cellsOf(
        rows(
          [['Scores', 120]],
          [
            ['Name', 10],
            ['Goals', 200],
            ['Wins', 300],
          ],
          [
            ['Ann Lee', 10],
            ['12', 230],
            ['7', 330],
          ],
          [
            ['Bo', 10],
            ['9', 330],
          ],
          [
            ['Cy', 10],
            ['8', 240],
            ['21', 320],
          ],
        ),
      ),
    ).toEqual([
      [
        ['Name', 'Goals', 'Wins'],
        ['Ann Lee', '12', '7'],
        ['Bo', '', '9'],
        ['Cy', '8', '21'],
      ],
    ]);
  });

  it('parts two cells that were found as one line where the others are apart', () => {
    const found = rows(
      [
        ['Lima', 10],
        ['15:15', 100],
        ['6U', 200],
      ],
      [
        ['Oslo', 10],
        ['10:40', 100],
        ['12', 200],
      ],
      [
        ['Bonn', 10],
        ['09:05    31', 100],
      ],
    );
    expect(cellsOf(found)[0]?.[2]).toEqual(['Bonn', '09:05', '31']);
  });

  it('makes no column of a wide gap inside one heading', () => {
    const found = rows(
      [
        ['Dish', 10],
        ['May', 200],
        ['sold', 250],
      ],
      [
        ['Tea', 10],
        ['179', 260],
      ],
      [
        ['Milk', 10],
        ['74', 270],
      ],
      [
        ['Soup', 10],
        ['328', 260],
      ],
    );
    expect(cellsOf(found)[0]?.[0]).toEqual(['Dish', 'May sold']);
  });

  it('follows columns that lean against the rows', () => {
    const found = [0, 1, 2, 3, 4, 5].map((i) => [
      line(`item ${i}`, 10 + i * 4, 50 + 40 * i),
      line('123', 90 + i * 4, 50 + 40 * i),
    ]);
    expect(cellsOf(found)[0]?.map((row) => row[1])).toEqual(Array.from({ length: 6 }, () => '123'));
  });

  it('takes neither two rows, nor lines of prose, nor rows far apart for a table', () => {
    expect(
      cellsOf(
        rows(
          [
            ['Tea', 10],
            ['1.00', 200],
          ],
          [
            ['Milk', 10],
            ['2.00', 200],
          ],
        ),
      ),
    ).toEqual([]);
    expect(cellsOf(rows([['one line', 10]], [['and more', 10]], [['of prose', 10]]))).toEqual([]);
    const far = [0, 1, 2].map((i) => [line('a', 10, 200 * i), line('b', 100, 200 * i)]);
    expect(cellsOf(far)).toEqual([]);
    expect(tablesOf([])).toEqual([]);
  });
});

describe('turned pages', () => {
  const raster = { width: 3, height: 2, data: Uint8Array.from([1, 2, 3, 4, 5, 6].flatMap((v) => [v, v, v])) };
  const grey = (data: Uint8Array): number[] => [...data].filter((_, i) => i % 3 === 0);

  it.each([
    [0, 3, [1, 2, 3, 4, 5, 6]],
    [90, 2, [3, 6, 2, 5, 1, 4]],
    [180, 3, [6, 5, 4, 3, 2, 1]],
    [270, 2, [4, 1, 5, 2, 6, 3]],
  ] as const)('takes a turn of %i degrees back', (rotation, width, pixels) => {
    const upright = uprightRaster(raster, rotation);
    expect(upright.width).toBe(width);
    expect(grey(upright.data)).toEqual(pixels);
  });

  it.each([0, 90, 180, 270] as const)('puts boxes back where %i degrees had them', (rotation) => {
    const image = { width: 30, height: 20, data: new Uint8Array(30 * 20 * 3) };
    image.data.fill(255, (7 * 30 + 4) * 3, (7 * 30 + 5) * 3);
    const upright = uprightRaster(image, rotation);
    const pixel = upright.data.indexOf(255) / 3;
    const x = (pixel % upright.width) + 0.5;
    const y = Math.floor(pixel / upright.width) + 0.5;
    const back = boxInImage(box(x, y, 6, 2), rotation, image);
    expect([back.x, back.y]).toEqual([4.5, 7.5]);
    expect(rotationOf([{ box: back, text: 'text here', score: 1 }])).toBe(rotation);
  });

  it('is in doubt where no direction has most of the text, or there is hardly any', () => {
    const at = (degrees: Rotation, text: string): PlacedLine => ({
      box: box(50, 50, 100, 20, degrees),
      text,
      score: 1,
    });
    expect(rotationOf([at(90, 'spine of a book'), at(0, 'Title of book')])).toBe(0);
    expect(rotationOf([at(90, 'spine of a book'), at(0, 'Vol 2')])).toBe(90);
    expect(rotationOf([at(180, 'MW')])).toBe(0);
    expect(rotationOf([])).toBe(0);
  });
});

describe('the observation', () => {
  it('has words of regions that have several, tables, and no rotation where the text is upright', () => {
    const found = rows(
      [
        ['Name', 10],
        ['Goals won', 200],
      ],
      [
        ['Ann', 10],
        ['12', 230],
      ],
      [
        ['Bo', 10],
        ['9', 230],
      ],
    ).flat();
    const result = ocr.observation.parse(resultOf(found, { width: 400, height: 200 }));
    expect(result.text).toBe('Name Goals won\nAnn 12\nBo 9');
    expect(result.tables).toEqual([
      {
        rows: [
          ['Name', 'Goals won'],
          ['Ann', '12'],
          ['Bo', '9'],
        ],
        bbox: [0.025, 0.2, 0.725, 0.6],
      },
    ]);
    expect(result.regions[0]).toEqual({ text: 'Name', bbox: [0.025, 0.2, 0.125, 0.3], score: 0.9 });
    expect(result.regions[1]?.words).toEqual([
      { text: 'Goals', bbox: [0.5, 0.2, 0.625, 0.3] },
      { text: 'won', bbox: [0.65, 0.2, 0.725, 0.3] },
    ]);
    expect(result).not.toHaveProperty('rotation');
  });

  it('leaves words out where the observation would be too long, never a part of a region', () => {
    const found = Array.from({ length: 100 }, (_, i) => line('some words of the long page', 10, 30 * i + 20));
    const result = resultOf(found, { width: 400, height: 3100 });
    expect(JSON.stringify(result).length).toBeLessThanOrEqual(OBSERVATION_CHARS_MAX);
    expect(result.regions).toHaveLength(100);
    const counts = result.regions.map(({ words }) => words?.length);
    expect(counts[0]).toBe(6);
    expect(counts.at(-1)).toBeUndefined();
  });
});
