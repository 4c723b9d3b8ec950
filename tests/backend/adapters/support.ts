/** Rasters and numbers that are the same each time. */
import type { Raster } from '#backend/images/raster';

export function randoms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function floats(count: number, seed: number, scale = 1, shift = -0.5): Float32Array {
  const random = randoms(seed);
  return Float32Array.from({ length: count }, () => (random() + shift) * scale);
}

export function noise(width: number, height: number, seed: number): Raster {
  const random = randoms(seed);
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => random() * 256) };
}

export function flat(width: number, height: number, colour: readonly [number, number, number]): Raster {
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3] ?? 0),
  };
}

export const never: AbortSignal = new AbortController().signal;

/** One channel of one pixel, by the definition. */
export function pixel({ data, width }: Raster, x: number, y: number, channel: number): number {
  return data[(y * width + x) * 3 + channel] as number;
}
