/**
 * Resampling as Pillow does it for 8-bit channels (antialiased, two passes, each rounded to bytes), because that
 * is what models are trained behind.
 */
import type { Raster } from '../images/raster.ts';

/** Pillow's fixed-point precision for 8-bit channels: 32 bits, less 8 of the value and 2 of headroom. */
const PRECISION_BITS = 22;
const CHANNELS = 3;

/** `reach` is the half width of the kernel, in source pixels where nothing shrinks. */
type Filter = { readonly reach: number; weight(x: number): number };

/** By Pillow's names; its numbers, which configurations have, are 1, 2 and 3. */
export const filters = {
  lanczos: { reach: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
  bilinear: { reach: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) },
  bicubic: { reach: 2, weight: cubic },
} as const satisfies Record<string, Filter>;
export type FilterName = keyof typeof filters;

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** RGB bytes of `raster` at `width` x `height`, without regard to the aspect. */
export function resize(raster: Raster, width: number, height: number, filter: FilterName): Raster {
  if (raster.width === width && raster.height === height) return raster;
  const columns = kernels(raster.width, width, filters[filter]);
  const rows = kernels(raster.height, height, filters[filter]);
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
  return { width, height, data: result };
}

type Kernels = {
  /** First source position of each target position. */
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `taps` fixed-point weights for each target position. */
  readonly weights: Int32Array;
  readonly taps: number;
};

function kernels(source: number, target: number, { reach, weight }: Filter): Kernels {
  const scale = source / target;
  const stretch = Math.max(scale, 1);
  const support = reach * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(target);
  const counts = new Int32Array(target);
  const weights = new Int32Array(target * taps);
  for (let index = 0; index < target; index++) {
    const centre = (index + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - support + 0.5), 0);
    const count = Math.min(Math.trunc(centre + support + 0.5), source) - start;
    const raw = Array.from({ length: count }, (_, tap) => weight((tap + start - centre + 0.5) / stretch));
    const sum = raw.reduce((total, share) => total + share, 0);
    starts[index] = start;
    counts[index] = count;
    raw.forEach((share, tap) => {
      const fixed = (share / sum) * 2 ** PRECISION_BITS;
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
