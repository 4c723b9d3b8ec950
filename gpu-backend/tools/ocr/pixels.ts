/** Resampling of 8-bit RGB rasters: resize, pad, and the warp of a rotated box to an upright strip. */
import type { Pyramid } from '#backend/images/pyramid';
import type { Raster } from '#backend/images/raster';
import type { RotatedBox } from './geometry.ts';

type Taps = { readonly first: Int32Array; readonly weights: Float32Array; readonly count: number };

/** Weights of a triangle filter whose support grows with the shrink factor, so that nothing aliases. */
function triangleTaps(from: number, to: number): Taps {
  const scale = from / to;
  const support = Math.max(1, scale);
  const count = Math.ceil(support * 2) + 1;
  const first = new Int32Array(to);
  const weights = new Float32Array(to * count);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale - 0.5;
    const start = Math.ceil(centre - support);
    first[i] = start;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const inside = start + k >= 0 && start + k < from;
      const weight = inside ? Math.max(0, 1 - Math.abs(start + k - centre) / support) : 0;
      weights[i * count + k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) weights[i * count + k] = (weights[i * count + k] ?? 0) / sum;
  }
  return { first, weights, count };
}

/** A new raster of exactly `width` x `height`: bilinear when it grows, area-weighted when it shrinks. */
export function resizeRaster(image: Raster, width: number, height: number): Raster {
  if (image.width === width && image.height === height) return image;
  const columns = triangleTaps(image.width, width);
  const rows = triangleTaps(image.height, height);
  const line = new Float32Array(width * 3);
  const cache = new Map<number, Float32Array>();
  const out = new Uint8Array(width * height * 3);
  const rowAt = (y: number): Float32Array => {
    let row = cache.get(y);
    if (row === undefined) {
      row = resizeRow(image, y, width, columns);
      cache.set(y, row);
    }
    return row;
  };
  for (let y = 0; y < height; y++) {
    const start = rows.first[y] ?? 0;
    for (const key of cache.keys()) if (key < start) cache.delete(key);
    line.fill(0.5);
    for (let k = 0; k < rows.count; k++) {
      const weight = rows.weights[y * rows.count + k] ?? 0;
      if (weight === 0) continue;
      const row = rowAt(start + k);
      for (let i = 0; i < line.length; i++) line[i] = (line[i] ?? 0) + weight * (row[i] ?? 0);
    }
    out.set(line, y * width * 3);
  }
  return { data: out, width, height };
}

function resizeRow(image: Raster, y: number, width: number, { first, weights, count }: Taps): Float32Array {
  const row = new Float32Array(width * 3);
  const base = y * image.width * 3;
  const { data } = image;
  for (let x = 0; x < width; x++) {
    const start = first[x] ?? 0;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let k = 0; k < count; k++) {
      const weight = weights[x * count + k] ?? 0;
      if (weight === 0) continue;
      const p = base + (start + k) * 3;
      red += weight * (data[p] ?? 0);
      green += weight * (data[p + 1] ?? 0);
      blue += weight * (data[p + 2] ?? 0);
    }
    row[x * 3] = red;
    row[x * 3 + 1] = green;
    row[x * 3 + 2] = blue;
  }
  return row;
}

/** The image in a frame of `left` and `top` pixels and its own fill colour, `width` x `height` in all. */
export function padRaster(image: Raster, left: number, top: number, width: number, height: number): Raster {
  const data = new Uint8Array(width * height * 3);
  const [red, green, blue] = borderColour(image);
  for (let p = 0; p < data.length; p += 3) {
    data[p] = red;
    data[p + 1] = green;
    data[p + 2] = blue;
  }
  for (let y = 0; y < image.height; y++) {
    const row = image.data.subarray(y * image.width * 3, (y + 1) * image.width * 3);
    data.set(row, ((y + top) * width + left) * 3);
  }
  return { data, width, height };
}

/** The median colour of the outermost pixels: most often the paper or the wall behind the text. */
function borderColour({ data, width, height }: Raster): [number, number, number] {
  const samples: [number[], number[], number[]] = [[], [], []];
  const take = (x: number, y: number): void => {
    for (const c of [0, 1, 2] as const) samples[c].push(data[(y * width + x) * 3 + c] ?? 0);
  };
  for (let x = 0; x < width; x++) for (const y of [0, height - 1]) take(x, y);
  for (let y = 0; y < height; y++) for (const x of [0, width - 1]) take(x, y);
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
  return [middle(samples[0]), middle(samples[1]), middle(samples[2])];
}

/** The image at `width` x `height`, from the smallest level of the pyramid that is not smaller. */
export function resizeFrom(pyramid: Pyramid, width: number, height: number): Raster {
  const shrink = Math.min(pyramid.image.width / width, pyramid.image.height / height);
  return resizeRaster(pyramid.level(Math.max(0, Math.floor(Math.log2(shrink)))), width, height);
}

/** The pixels of a rotated box, upright, bilinear; beyond the image its edge pixels repeat. */
export function warpBox(pyramid: Pyramid, box: RotatedBox, width: number, height: number): Raster {
  const shrink = Math.min(box.width / width, box.height / height);
  const source = pyramid.level(Math.max(0, Math.round(Math.log2(Math.max(1, shrink)))));
  const sx = source.width / pyramid.image.width;
  const sy = source.height / pyramid.image.height;
  const maxX = source.width - 1;
  const maxY = source.height - 1;
  const { data } = source;
  const out = new Uint8Array(width * height * 3);
  let o = 0;
  for (let j = 0; j < height; j++) {
    const across = ((j + 0.5) / height - 0.5) * box.height;
    for (let i = 0; i < width; i++) {
      const along = ((i + 0.5) / width - 0.5) * box.width;
      const fx = (box.x + along * box.ux - across * box.uy) * sx - 0.5;
      const fy = (box.y + along * box.uy + across * box.ux) * sy - 0.5;
      const x = Math.min(maxX, Math.max(0, fx));
      const y = Math.min(maxY, Math.max(0, fy));
      const x0 = Math.floor(x);
      const y0 = Math.floor(y);
      const tx = x - x0;
      const ty = y - y0;
      const p = (y0 * source.width + x0) * 3;
      const right = x0 < maxX ? 3 : 0;
      const down = y0 < maxY ? source.width * 3 : 0;
      for (let c = p; c < p + 3; c++) {
        const top = (data[c] ?? 0) * (1 - tx) + (data[c + right] ?? 0) * tx;
        const bottom = (data[c + down] ?? 0) * (1 - tx) + (data[c + right + down] ?? 0) * tx;
        out[o++] = top * (1 - ty) + bottom * ty + 0.5;
      }
    }
  }
  return { data: out, width, height };
}

/** The raster turned by half a turn. */
export function turnHalf({ data, width, height }: Raster): Raster {
  const out = new Uint8Array(data.length);
  for (let p = 0, q = data.length - 3; p < data.length; p += 3, q -= 3) {
    out[q] = data[p] ?? 0;
    out[q + 1] = data[p + 1] ?? 0;
    out[q + 2] = data[p + 2] ?? 0;
  }
  return { data: out, width, height };
}

/** What `(value / 255 - mean) / deviation` is made of, per channel in BGR order, the order of PP-OCR. */
export type Normalisation = {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
};

/** [3, height, width] float32 planes of a window of the image; zero where the window leaves it. */
export function planesOf(
  image: Raster,
  normalisation: Normalisation,
  window: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Float32Array {
  const planes = new Float32Array(3 * window.width * window.height);
  const rows = Math.min(window.height, image.height - window.y);
  const columns = Math.min(window.width, image.width - window.x);
  for (let channel = 0; channel < 3; channel++) {
    const deviation = normalisation.deviation[channel as 0 | 1 | 2];
    const gain = 1 / (255 * deviation);
    const offset = normalisation.mean[channel as 0 | 1 | 2] / deviation;
    for (let y = 0; y < rows; y++) {
      let p = ((window.y + y) * image.width + window.x) * 3 + (2 - channel);
      let o = (channel * window.height + y) * window.width;
      for (let x = 0; x < columns; x++, p += 3) planes[o++] = (image.data[p] ?? 0) * gain - offset;
    }
  }
  return planes;
}
