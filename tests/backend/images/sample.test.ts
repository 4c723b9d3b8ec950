/** Planes of parts of images against the plain triangle, in numbers that do not round. */
import { describe, expect, it } from 'vitest';
import { pyramidOf } from '#backend/images/pyramid';
import type { Raster } from '#backend/images/raster';
import { sample, sampleWhole, type Window, wholeOf } from '#backend/images/sample';
import { flat, noise, pixel } from '../adapters/support.ts';

const BESIDE = 7;
/** What weights of eight bits do to noise in up to twenty rows. */
const TOLERANCE = 1.5 / 255;

/** [3, height, width], BESIDE where the middle of a value lies outside. `level` stands for `scale` times its pixels. */
function plain(image: Raster, window: Window, width: number, height: number, halvings = 0): number[] {
  const level = pyramidOf(image).level(halvings);
  const scale = 2 ** halvings;
  const weights = (length: number, start: number, step: number, index: number): number[] => {
    const middle = (start + (index + 0.5) * step) / scale;
    const reach = Math.max(1, step / scale);
    const all = Array.from({ length }, (_, at) => Math.max(0, reach - Math.abs(at + 0.5 - middle)));
    const sum = all.reduce((total, weight) => total + weight, 0);
    // The rest of an odd side is the last pixel.
    return sum > 0 ? all.map((weight) => weight / sum) : all.map((_, at) => (at === length - 1 ? 1 : 0));
  };
  const [stepX, stepY] = [window.width / width, window.height / height];
  const inside = (x: number, y: number): boolean => {
    const [left, top] = [window.left + (x + 0.5) * stepX, window.top + (y + 0.5) * stepY];
    return left >= 0 && left < image.width && top >= 0 && top < image.height;
  };
  const values: number[] = [];
  for (let channel = 0; channel < 3; channel++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        if (!inside(x, y)) {
          values.push(BESIDE);
          continue;
        }
        const rows = weights(level.height, window.top, stepY, y);
        const columns = weights(level.width, window.left, stepX, x);
        let sum = 0;
        rows.forEach((down, row) => {
          if (down === 0) return;
          columns.forEach((across, column) => {
            if (across > 0) sum += down * across * pixel(level, column, row, channel);
          });
        });
        values.push(sum / 255);
      }
  return values;
}

function sampled(image: Raster, window: Window, width: number, height: number, fineness?: number): number[] {
  const data = new Float32Array(3 * width * height).fill(BESIDE);
  sample(image, window, { data, offset: 0, width, height, row: width, plane: width * height }, fineness);
  return [...data];
}

function farthest(values: readonly number[], expected: readonly number[]): number {
  expect(values).toHaveLength(expected.length);
  return values.reduce((most, value, at) => Math.max(most, Math.abs(value - (expected[at] as number))), 0);
}

describe('the whole of an image', () => {
  it.each([
    ['as it is', 13, 9, 13, 9, 0],
    ['a little smaller', 37, 29, 31, 20, 0],
    ['from its half', 65, 47, 32, 20, 1],
    ['from its quarter', 131, 97, 24, 23, 2],
    ['larger', 5, 4, 17, 19, 0],
    ['wider and lower', 9, 60, 30, 7, 0],
    ['of one pixel', 1, 1, 6, 5, 0],
    ['to one pixel', 21, 14, 1, 1, 3],
    ['of one row', 90, 1, 11, 4, 0],
    ['of one column', 1, 90, 4, 11, 0],
    ['very long', 400, 3, 8, 1, 1],
  ])('%s: %i x %i to %i x %i, from level %i', (_name, width, height, wide, high, halvings) => {
    const image = noise(width, height, 7 * width + height);
    const expected = plain(image, wholeOf(image), wide, high, halvings);
    expect(expected).not.toContain(BESIDE);
    expect(farthest(sampled(image, wholeOf(image), wide, high), expected)).toBeLessThan(TOLERANCE);
    const whole = new Float32Array(3 * wide * high);
    sampleWhole(image, whole, wide, high);
    expect([...whole]).toEqual(sampled(image, wholeOf(image), wide, high));
  });

  it('keeps black black and white white, in any size', () => {
    for (const [wide, high] of [
      [3, 5],
      [40, 31],
      [100, 2],
    ] as const) {
      const white = sampled(flat(33, 21, [255, 255, 255]), wholeOf(flat(33, 21, [0, 0, 0])), wide, high);
      expect(
        farthest(
          white,
          white.map(() => 1),
        ),
      ).toBeLessThan(1e-6);
      const black = sampled(flat(33, 21, [0, 0, 0]), wholeOf(flat(33, 21, [0, 0, 0])), wide, high);
      expect(new Set(black)).toEqual(new Set([0]));
    }
  });
});

describe('a window', () => {
  const image = noise(61, 45, 5);
  it.each([
    ['inside', { left: 10, top: 8, width: 24, height: 20 }, 20, 20, 0],
    ['of fractions', { left: 3.4, top: 7.7, width: 13.9, height: 21.3 }, 10, 17, 0],
    ['over the left upper corner', { left: -9, top: -5, width: 30, height: 30 }, 24, 24, 0],
    ['over the right lower corner', { left: 45, top: 30, width: 30, height: 30 }, 24, 24, 0],
    ['around the whole image', { left: -20, top: -20, width: 100, height: 100 }, 24, 24, 2],
    ['in the last pixel, which halving drops', { left: 58, top: 40, width: 8, height: 8 }, 2, 2, 2],
    ['that grows', { left: 30, top: 20, width: 3, height: 2 }, 12, 12, 0],
    ['beside the image', { left: 70, top: 0, width: 9, height: 9 }, 5, 5, 0],
  ])('%s', (_name, window, wide, high, halvings) => {
    const expected = plain(image, window, wide, high, halvings);
    expect(farthest(sampled(image, window, wide, high), expected)).toBeLessThan(TOLERANCE);
  });

  it('may be taken from a coarser level than it needs', () => {
    const window = { left: 4, top: 2, width: 36, height: 36 };
    const coarse = plain(image, window, 24, 24, 1);
    expect(farthest(sampled(image, window, 24, 24, 0.75), coarse)).toBeLessThan(TOLERANCE);
    expect(farthest(sampled(image, window, 24, 24), coarse)).toBeGreaterThan(10 * TOLERANCE);
  });

  it('leaves everything else of a tensor as it was', () => {
    const data = new Float32Array(3 * 10 * 8 + 4).fill(BESIDE);
    sample(image, wholeOf(image), { data, offset: 4, width: 6, height: 5, row: 10, plane: 80 });
    const small = sampled(image, wholeOf(image), 6, 5);
    data.forEach((value, at) => {
      const [plane, y, x] = [Math.floor((at - 4) / 80), Math.floor(((at - 4) % 80) / 10), (at - 4) % 10];
      const isPicture = at >= 4 && y < 5 && x < 6;
      expect(value).toBe(isPicture ? small[(plane * 5 + y) * 6 + x] : BESIDE);
    });
  });
});
