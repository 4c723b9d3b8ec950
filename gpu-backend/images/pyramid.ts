/** An image and its halves: whoever sees it small starts from pixels that are already means of many. */
import type { Raster } from '#backend/images/raster';
import { behind, kernel, room } from './kernel.ts';

export type Pyramid = {
  /** Level 0. */
  readonly image: Raster;
  /** Both sides divided by 2 ** index, rounded down; the last level that there is where a side would end. */
  level(index: number): Raster;
};

const CHANNELS = 3;
/** Bytes of all levels for each of level 0. */
export const PYRAMID_BYTES = 4 / 3;

/** They live as long as their images, which the cache of rasters bounds in bytes. */
const pyramids = new WeakMap<Raster, Pyramid>();

/** Levels are made when first asked for, once for an image: the tools of one run look at the same ones. */
export function pyramidOf(image: Raster): Pyramid {
  const known = pyramids.get(image);
  if (known) return known;
  const levels = [image];
  const pyramid: Pyramid = {
    image,
    level: (index) => {
      for (;;) {
        const last = levels.at(-1) ?? image;
        if (levels.length > index || Math.min(last.width, last.height) < 2) break;
        levels.push(halveRaster(last));
      }
      return levels[Math.min(index, levels.length - 1)] ?? image;
    },
  };
  pyramids.set(image, pyramid);
  return pyramid;
}

/** Of rows that are halved together: they stay in the processor's cache. */
const BAND_BYTES = 1 << 18;

/** Half the size by 2 x 2 means, halves rounded up; an odd last row or column is dropped, a side of 1 stays. */
export function halveRaster(image: Raster): Raster {
  if (image.width === 1) return halveRaster({ ...image, data: twice(image.data), width: 2 });
  const { data, width, height } = image;
  const half = { width: width >> 1, height: Math.max(1, height >> 1) };
  const [row, halfRow] = [width * CHANNELS, half.width * CHANNELS];
  const down = height > 1 ? row : 0;
  const rowsAtOnce = Math.max(1, Math.floor(BAND_BYTES / (2 * row)));
  const out = behind(0, 2 * rowsAtOnce * row);
  const memory = room(behind(out, rowsAtOnce * halfRow));
  const made = new Uint8Array(half.height * halfRow);
  for (let y = 0; y < half.height; y += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, half.height - y);
    memory.set(data.subarray(2 * y * row, 2 * (y + rows) * row));
    // In order: what is written beyond a row is overwritten by the next one.
    for (let at = 0; at < rows; at++)
      kernel.halve(out + at * halfRow, 2 * at * row, 2 * at * row + down, half.width);
    made.set(memory.subarray(out, out + rows * halfRow), y * halfRow);
  }
  return { data: made, ...half };
}

/** Each pixel, and itself once more. */
function twice(pixels: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 2 * pixels.length }, (_, at) => {
    const pixel = Math.floor(at / (2 * CHANNELS));
    return pixels[pixel * CHANNELS + (at % CHANNELS)] as number;
  });
}
