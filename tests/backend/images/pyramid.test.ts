/** Halves against the plain mean of four, and who shares them. */
import { describe, expect, it } from 'vitest';
import { halveRaster, pyramidOf } from '#backend/images/pyramid';
import type { Raster } from '#backend/images/raster';
import { noise, pixel } from '../adapters/support.ts';

/** By the definition; a row or column that is missing is the one before it. */
function plainHalf(image: Raster): number[] {
  const { width, height } = image;
  const values: number[] = [];
  for (let y = 0; y < Math.max(1, height >> 1); y++)
    for (let x = 0; x < Math.max(1, width >> 1); x++)
      for (let channel = 0; channel < 3; channel++) {
        const [right, below] = [Math.min(width - 1, 2 * x + 1), Math.min(height - 1, 2 * y + 1)];
        const sum =
          pixel(image, 2 * x, 2 * y, channel) +
          pixel(image, right, 2 * y, channel) +
          pixel(image, 2 * x, below, channel) +
          pixel(image, right, below, channel);
        values.push(Math.floor(sum / 4 + 0.5));
      }
  return values;
}

describe('halveRaster', () => {
  it.each([
    [1, 1],
    [1, 9],
    [9, 1],
    [2, 2],
    [3, 3],
    [4, 2],
    [5, 4],
    [6, 7],
    [7, 6],
    [8, 5],
    [403, 2],
    [2, 403],
    [64, 48],
  ])('of %i x %i pixels is the mean of four', (width, height) => {
    const image = noise(width, height, width * 1_000 + height);
    const half = halveRaster(image);
    expect([half.width, half.height]).toEqual([Math.max(1, width >> 1), Math.max(1, height >> 1)]);
    expect([...half.data]).toEqual(plainHalf(image));
  });

  it('carries no bit of a byte into the next', () => {
    const full = { width: 8, height: 4, data: new Uint8Array(96).fill(255) };
    expect(halveRaster(full).data.every((value) => value === 255)).toBe(true);
  });

  it('reads pixels that do not begin with their memory', () => {
    const image = noise(12, 6, 3);
    const memory = new Uint8Array(image.data.length + 5);
    memory.set(image.data, 5);
    expect([...halveRaster({ ...image, data: memory.subarray(5) }).data]).toEqual(plainHalf(image));
  });
});

describe('pyramidOf', () => {
  it('halves as long as both sides can be halved', () => {
    const pyramid = pyramidOf(noise(40, 5, 1));
    const sizes = [0, 1, 2, 3, 9]
      .map((index) => pyramid.level(index))
      .map(({ width, height }) => [width, height]);
    expect(sizes).toEqual([
      [40, 5],
      [20, 2],
      [10, 1],
      [10, 1],
      [10, 1],
    ]);
    expect(pyramid.level(0)).toBe(pyramid.image);
  });

  it('is made once for an image, and again for another of the same pixels', () => {
    const image = noise(16, 16, 2);
    expect(pyramidOf(image)).toBe(pyramidOf(image));
    expect(pyramidOf(image).level(2)).toBe(pyramidOf(image).level(2));
    expect(pyramidOf({ ...image })).not.toBe(pyramidOf(image));
  });
});
