/** From scores to text: characters, spaces, spelling, rows. */
import { describe, expect, it } from 'vitest';
import { rowDirection, weightedMedian } from '#backend/tools/ocr/angle';
import { alphabetOf, decodeCtc, scoreOf } from '#backend/tools/ocr/ctc';
import { agreeOnCurrency } from '#backend/tools/ocr/currency';
import type { RotatedBox } from '#backend/tools/ocr/geometry';
import { type PlacedLine, rowsOf } from '#backend/tools/ocr/layout';
import { spacedLine, widestGap } from '#backend/tools/ocr/spaces';
import { cleanLine, isStray, latinForm, settleLookalikes } from '#backend/tools/ocr/text';

const box = (x: number, y: number, width: number, height: number, degrees = 0): RotatedBox => {
  const angle = (degrees * Math.PI) / 180;
  return { x, y, width, height, ux: Math.cos(angle), uy: Math.sin(angle) };
};

describe('CTC', () => {
  const { labels, latin } = alphabetOf('a\nb\n，\n');
  const path = (...classes: number[]): Float32Array =>
    Float32Array.from(classes.flatMap((index) => labels.map((_, other) => (other === index ? 0.8 : 0.05))));

  it('puts the blank first and the space last', () => {
    expect(labels).toEqual(['', 'a', 'b', '，', ' ']);
    expect([...latin]).toEqual([0, 1, 2, 3, 4]);
    expect(alphabetOf('a\n\u3000\n漢').latin).toEqual(Int32Array.from([0, 1, 2, 4]));
  });

  it('merges repeats, keeps doubles that a blank parts, and drops blanks', () => {
    const glyphs = decodeCtc(path(1, 1, 0, 1, 2, 4, 0), 7, labels);
    expect(glyphs.map(({ label }) => label).join('')).toBe('aab ');
    expect(glyphs.map(({ step }) => step)).toEqual([0.5, 3, 4, 5]);
    expect(scoreOf(glyphs)).toBeCloseTo(0.8, 5);
    expect(scoreOf([])).toBe(0);
  });

  it('decodes over some of the classes alone', () => {
    expect(decodeCtc(path(3, 0, 2), 3, labels, Int32Array.from([0, 2])).map(({ label }) => label)).toEqual([
      'b',
    ]);
  });
});

describe('spaces', () => {
  /** Black bars on white: a strip of 48 rows, letters 6 wide. */
  const strip = (starts: readonly number[], width: number) => {
    const data = new Uint8Array(width * 48 * 3).fill(255);
    for (let y = 10; y < 40; y++)
      for (const start of starts) data.fill(0, (y * width + start) * 3, (y * width + start + 6) * 3);
    return { data, width, height: 48 };
  };
  const read = (text: string, starts: readonly number[]): string => {
    const image = strip(starts, 160);
    const glyphs = [...text].map((label, i) => ({
      label,
      probability: 1,
      step: ((starts[i] ?? 0) + 3) / 8 - 0.5,
    }));
    return spacedLine(glyphs, 20, image).text;
  };

  it('puts a space where the gap is wide for the line', () => {
    expect(read('oneday', [8, 17, 26, 50, 59, 68])).toBe('one day');
    expect(read('oneday', [8, 17, 26, 36, 45, 54])).toBe('oneday');
  });

  it('asks for more between the figures of one number', () => {
    expect(read('ab12.5', [8, 17, 40, 49, 62, 75])).toBe('ab 12.5');
  });

  it('measures the longest run without ink', () => {
    expect(widestGap(Uint8Array.from([1, 0, 0, 1, 0, 1]), 0, 5)).toEqual({ start: 1, end: 3 });
  });
});

describe('text', () => {
  it('strips control, zero-width, bidirectional and tag characters', () => {
    expect(cleanLine(' a\u200bb\u202e c\u0007\u{e0041}\ufeff\n d ')).toBe('ab c d');
  });

  it('maps full-width forms to ASCII', () => {
    expect([...'（：￥％。'].map(latinForm)).toEqual(['(', ':', '¥', '%', '.']);
    expect(latinForm('漢')).toBeNull();
  });

  it.each([
    ['TOTAL 23.9S', 'TOTAL 23.95'],
    ['Tax 8.2S% S12.10', 'Tax 8.25% $12.10'],
    ['lced Tea f19.10', 'Iced Tea £19.10'],
    ['2lbs SOS Gate B12', '2lbs SOS Gate B12'],
    ['158=10×+8', '158=10x+8'],
    ['2 × 4.50', '2 × 4.50'],
    ['2 × Tea', '2 x Tea'],
  ])('settles look-alikes in %s', (read, meant) => {
    expect(settleLookalikes(read)).toBe(meant);
  });

  it('knows a sign of another script on a Latin page for a stray', () => {
    expect(isStray('二', ['Total 12.50', '二'])).toBe(true);
    expect(isStray('二', ['二', '三'])).toBe(false);
    expect(isStray('——-—', ['Total 12.50'])).toBe(true);
    expect(isStray('=', ['Total 12.50', '='])).toBe(false);
    expect(isStray('7', ['Total 12.50', '7'])).toBe(false);
  });

  it('lets a page agree on one currency', () => {
    expect(agreeOnCurrency(['£1.00', '£2.00', '€3.00', '$4'])).toEqual(['£1.00', '£2.00', '£3.00', '$4']);
  });
});

describe('layout', () => {
  const line = (text: string, ...place: Parameters<typeof box>): PlacedLine => ({
    text,
    score: 1,
    box: box(...place),
  });
  const read = (lines: readonly PlacedLine[]): string[] =>
    rowsOf(lines).map((row) => row.map(({ text }) => text).join(' '));

  it('keeps a far price in its row although the page leans', () => {
    const lean = (x: number, y: number): [number, number] => [
      x * Math.cos(0.09) - y * Math.sin(0.09),
      x * Math.sin(0.09) + y * Math.cos(0.09),
    ];
    const items = ['Tea', 'Coffee', 'Juice', 'Water'].flatMap((name, i) => [
      line(`${i + 1}.00`, ...lean(600, i * 30), 60, 20, 5.16),
      line(name, ...lean(60, i * 30), 120, 20, 5.16),
    ]);
    expect(read(items)).toEqual(['Tea 1.00', 'Coffee 2.00', 'Juice 3.00', 'Water 4.00']);
  });

  it('reads text on its side after the main text', () => {
    const lines = [
      line('spine', 10, 100, 150, 20, -90),
      line('first', 200, 50, 200, 20),
      line('second', 200, 90, 200, 20),
    ];
    expect(read(lines)).toEqual(['first', 'second', 'spine']);
  });

  it('splits columns of prose under a heading, never a list with prices', () => {
    const prose = [0, 1, 2, 3].flatMap((i) => [
      line(`left column of words ${i}`, 100, 80 + i * 30, 200, 20),
      line(`right column of words ${i}`, 350, 80 + i * 30, 200, 20),
    ]);
    const heading = line('heading across both columns', 225, 30, 400, 30);
    const rows = read([heading, ...prose]);
    expect(rows[0]).toBe('heading across both columns');
    expect(rows.slice(1, 5).every((row) => row.startsWith('left'))).toBe(true);
    expect(rows.slice(5).every((row) => row.startsWith('right'))).toBe(true);
    const list = [0, 1, 2, 3].flatMap((i) => [
      line(`some dish with a long name ${i}`, 100, 80 + i * 30, 200, 20),
      line(`1${i}.50`, 350, 80 + i * 30, 50, 20),
    ]);
    expect(read(list)[2]).toBe('some dish with a long name 2 12.50');
  });

  it('finds the angle of rows from ragged boxes', () => {
    const boxes = [0, 1, 2, 3, 4].flatMap((i) => [
      box(50, 50 + i * 40, 90, 20, 1),
      box(500, 66 + i * 40, 60, 20, 3),
    ]);
    const { ux, uy } = rowDirection(boxes);
    expect((Math.atan2(uy, ux) * 180) / Math.PI).toBeCloseTo(2, 0);
    expect(
      weightedMedian([
        [5, 1],
        [1, 10],
        [9, 1],
      ]),
    ).toBe(1);
    expect(weightedMedian([])).toBe(0);
  });
});
