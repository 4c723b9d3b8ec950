/**
 * A raster as the vision tower wants it. The resize follows Pillow's 8-bit bicubic resampling
 * (antialiased, two passes, each rounded to bytes), because that is what models are trained behind.
 */
import type { Raster } from '../images/raster.ts';
import type { LlavaConfig } from './llava-config.ts';

/** Raise it whenever the same image may give other pixels: it is part of every feature cache. */
export const PREPROCESSING_VERSION = '1';

/** Pillow's fixed-point precision for 8-bit channels: 32 bits, less 8 of the value and 2 of headroom. */
const PRECISION_BITS = 22;
const CHANNELS = 3;
/** Half width of the cubic kernel, in source pixels where nothing shrinks. */
const SUPPORT = 2;

/** One image as planes, [3, size, size] float32, squeezed to the square and normalised. */
export function pixelValues(raster: Raster, { vision, preprocessor }: LlavaConfig): Float32Array {
  const size = vision.image_size;
  const resized = resizeBicubic(raster, size, size);
  const { rescale_factor: factor, image_mean: mean, image_std: deviation } = preprocessor;
  const area = size * size;
  const values = new Float32Array(CHANNELS * area);
  for (let channel = 0; channel < CHANNELS; channel++) {
    // 256 possible values: one table, no arithmetic per pixel.
    const table = Float32Array.from(
      { length: 256 },
      (_, byte) => (byte * factor - (mean[channel] as number)) / (deviation[channel] as number),
    );
    for (let pixel = 0; pixel < area; pixel++) {
      values[channel * area + pixel] = table[resized[pixel * CHANNELS + channel] as number] as number;
    }
  }
  return values;
}

/** RGB bytes of `raster` at `width` x `height`, without regard to the aspect. */
export function resizeBicubic(raster: Raster, width: number, height: number): Uint8Array {
  const columns = kernels(raster.width, width);
  const rows = kernels(raster.height, height);
  const narrow = new Uint8Array(width * raster.height * CHANNELS);
  for (let y = 0; y < raster.height; y++) {
    for (let x = 0; x < width; x++) {
      const source = (y * raster.width + (columns.starts[x] as number)) * CHANNELS;
      resample(raster.data, source, CHANNELS, columns, x, narrow, (y * width + x) * CHANNELS);
    }
  }
  const result = new Uint8Array(width * height * CHANNELS);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = ((rows.starts[y] as number) * width + x) * CHANNELS;
      resample(narrow, source, width * CHANNELS, rows, y, result, (y * width + x) * CHANNELS);
    }
  }
  return result;
}

type Kernels = {
  /** First source position of each target position. */
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `taps` fixed-point weights for each target position. */
  readonly weights: Int32Array;
  readonly taps: number;
};

function kernels(source: number, target: number): Kernels {
  const scale = source / target;
  const stretch = Math.max(scale, 1);
  const support = SUPPORT * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(target);
  const counts = new Int32Array(target);
  const weights = new Int32Array(target * taps);
  for (let index = 0; index < target; index++) {
    const centre = (index + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - support + 0.5), 0);
    const count = Math.min(Math.trunc(centre + support + 0.5), source) - start;
    const raw = Array.from({ length: count }, (_, tap) => cubic((tap + start - centre + 0.5) / stretch));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    starts[index] = start;
    counts[index] = count;
    raw.forEach((weight, tap) => {
      const fixed = (weight / sum) * 2 ** PRECISION_BITS;
      weights[index * taps + tap] = Math.trunc(fixed + (fixed < 0 ? -0.5 : 0.5));
    });
  }
  return { starts, counts, weights, taps };
}

/** Keys' cubic convolution with a = -0.5. */
function cubic(x: number): number {
  const distance = Math.abs(x);
  if (distance < 1) return (1.5 * distance - 2.5) * distance * distance + 1;
  if (distance < 2) return ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
  return 0;
}

function resample(
  source: Uint8Array,
  offset: number,
  stride: number,
  { counts, weights, taps }: Kernels,
  index: number,
  target: Uint8Array,
  position: number,
): void {
  const half = 1 << (PRECISION_BITS - 1);
  let red = half;
  let green = half;
  let blue = half;
  const count = counts[index] as number;
  for (let tap = 0; tap < count; tap++) {
    const weight = weights[index * taps + tap] as number;
    const at = offset + tap * stride;
    red += (source[at] as number) * weight;
    green += (source[at + 1] as number) * weight;
    blue += (source[at + 2] as number) * weight;
  }
  target[position] = clampByte(red);
  target[position + 1] = clampByte(green);
  target[position + 2] = clampByte(blue);
}

function clampByte(fixed: number): number {
  const value = fixed >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
