/** Parts of images as planes of any size, the way nets see them. */
import { pyramidOf } from '#backend/images/pyramid';
import type { Raster } from '#backend/images/raster';
import { behind, kernel, room } from './kernel.ts';

/** A part of an image, in its pixels; fractions count, and it may reach beyond the image. */
export type Window = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

/** Where a picture of `width` x `height` stands in a float32 tensor: red, green and blue one after another. */
export type Planes = {
  readonly data: Float32Array;
  /** Of the first value of red. */
  readonly offset: number;
  readonly width: number;
  readonly height: number;
  /** From one row to the next, in values. */
  readonly row: number;
  /** From one plane to the next, in values. */
  readonly plane: number;
};

/** What the weights of rows add up to: a weighted sum of bytes has 16 bits. */
const ROWS_ONE = 1 << 8;
/** What those of columns add up to, before GAIN. */
const COLUMNS_ONE = 1 << 15;
/** Takes bytes, weighed by both, to 0..1. */
const GAIN = 1 / (255 * ROWS_ONE * COLUMNS_ONE);
const CHANNELS = 3;
const FLOAT_BYTES = 4;
const SUM_BYTES = 2;
/** Of lines and of what comes of them, worked on together: they stay in the processor's cache. */
const BAND_BYTES = 1 << 19;

/**
 * Writes 0..1 for each value whose middle lies in the image; what lies beside it stays as it was.
 *
 * It starts from the smallest level of the image's pyramid that has at least `fineness` times the pixels of a side
 * that are asked for, and weighs with a triangle around the middle of each value: bilinear where the window grows, a
 * mean where it shrinks. Weights of rows have eight bits: noise over many rows errs by up to 1.5 of 255.
 */
export function sample(image: Raster, window: Window, planes: Planes, fineness = 1): void {
  const { level, scale } = levelFor(image, window, planes, fineness);
  const across = { pixels: level.width, extent: image.width / scale, values: planes.width };
  const down = { pixels: level.height, extent: image.height / scale, values: planes.height };
  const columns = tapsOf(across, window.left / scale, window.width / scale, COLUMNS_ONE);
  const rows = tapsOf(down, window.top / scale, window.height / scale, ROWS_ONE);
  if (columns.begin === columns.end) return;
  const tables = writeTables(columns, rows);
  for (let y = rows.begin; y < rows.end; ) y = sampleBand(level, { columns, rows, tables }, y, planes);
}

/** Fills `data`, [3, height, width], with the whole image, squeezed. */
export function sampleWhole(image: Raster, data: Float32Array, width: number, height: number): void {
  sample(image, wholeOf(image), { data, offset: 0, width, height, row: width, plane: width * height });
}

export function wholeOf({ width, height }: Raster): Window {
  return { left: 0, top: 0, width, height };
}

/** `scale`: how many pixels of the image a side of a pixel of the level has. */
function levelFor(
  image: Raster,
  window: Window,
  { width, height }: Planes,
  fineness: number,
): { readonly level: Raster; readonly scale: number } {
  const shrink = Math.min(window.width / width, window.height / height) / fineness;
  // An image of few rows has few levels.
  const most = Math.floor(Math.log2(Math.min(image.width, image.height)));
  const halvings = Math.min(most, Math.max(0, Math.floor(Math.log2(shrink))));
  return { level: pyramidOf(image).level(halvings), scale: 2 ** halvings };
}

/** For the values of one axis from `begin` to before `end`: the first pixel of each, how many, and their weights. */
type Taps = {
  readonly begin: number;
  readonly end: number;
  readonly first: Int32Array;
  readonly counts: Int32Array;
  /** `most` a value; behind those of `counts` they are 0. */
  readonly weights: Int32Array;
  readonly most: number;
};

/** `pixels` of a level that stands for `extent` of them: what halving dropped is a part of the image. */
type Axis = { readonly pixels: number; readonly extent: number; readonly values: number };

/** The window starts at `start`, and `length` of its pixels become the values; weights of a value add up to `one`. */
function tapsOf({ pixels, extent, values }: Axis, start: number, length: number, one: number): Taps {
  const step = length / values;
  const reach = Math.max(1, step);
  const most = Math.ceil(2 * reach);
  const first = new Int32Array(values);
  const counts = new Int32Array(values);
  const weights = new Int32Array(values * most);
  const begin = Math.min(values, Math.max(0, Math.ceil(-start / step - 0.5)));
  const end = Math.max(begin, Math.min(values, Math.ceil((extent - start) / step - 0.5)));
  for (let index = begin; index < end; index++) {
    const middle = start + (index + 0.5) * step - 0.5;
    const from = Math.min(pixels - 1, Math.max(0, Math.floor(middle - reach) + 1));
    const last = Math.max(from, Math.min(pixels, Math.ceil(middle + reach)) - 1);
    const height = (pixel: number): number => Math.max(0, reach - Math.abs(pixel - middle));
    let sum = 0;
    for (let pixel = from; pixel <= last; pixel++) sum += height(pixel);
    // What all so far have together is rounded, so that no error adds up.
    let soFar = 0;
    let given = 0;
    for (let pixel = from; pixel <= last; pixel++) {
      soFar += height(pixel);
      const upTo = pixel === last ? one : Math.round((soFar / sum) * one);
      weights[index * most + pixel - from] = upTo - given;
      given = upTo;
    }
    first[index] = from;
    counts[index] = last - from + 1;
  }
  return { begin, end, first, counts, weights, most };
}

/** Where the kernel finds the taps; from `end` on its memory is free. */
type Tables = {
  readonly weights: number;
  readonly places: number;
  readonly rowWeights: number;
  readonly end: number;
};

function writeTables({ begin, end, first, weights, most }: Taps, rows: Taps): Tables {
  const values = end - begin;
  const places = behind(0, values * most * FLOAT_BYTES);
  const rowWeights = behind(places, values * Int32Array.BYTES_PER_ELEMENT);
  const tables = { weights: 0, places, rowWeights, end: behind(rowWeights, rows.weights.length * SUM_BYTES) };
  const { buffer } = room(tables.end);
  const floats = new Float32Array(buffer, tables.weights, values * most);
  for (let tap = 0; tap < floats.length; tap++) floats[tap] = (weights[begin * most + tap] as number) * GAIN;
  const left = first[begin] as number;
  const starts = new Int32Array(buffer, places, values);
  for (let x = 0; x < values; x++) starts[x] = ((first[begin + x] as number) - left) * CHANNELS * SUM_BYTES;
  new Uint16Array(buffer, rowWeights, rows.weights.length).set(rows.weights);
  return tables;
}

type Grid = { readonly columns: Taps; readonly rows: Taps; readonly tables: Tables };

/** As many rows of values from `begin` on as BAND_BYTES hold, at least one. Gives the row to go on from. */
function sampleBand(level: Raster, { columns, rows, tables }: Grid, begin: number, planes: Planes): number {
  const values = columns.end - columns.begin;
  const left = columns.first[columns.begin] as number;
  const stride = (pastTaps(columns, columns.end - 1) - left) * CHANNELS;
  const top = rows.first[begin] as number;
  const bytes = (end: number): number =>
    (pastTaps(rows, end - 1) - top) * stride + (end - begin) * values * CHANNELS * FLOAT_BYTES;
  let end = begin + 1;
  while (end < rows.end && bytes(end + 1) <= BAND_BYTES) end++;

  const height = pastTaps(rows, end - 1) - top;
  const lines = tables.end;
  const sums = behind(lines, height * stride);
  const out = behind(sums, (stride + columns.most * CHANNELS) * SUM_BYTES);
  const plane = (end - begin) * values * FLOAT_BYTES;
  const memory = room(behind(out, CHANNELS * plane));
  copyLines(level, left * CHANNELS, top, height, stride, memory.subarray(lines));
  for (let y = begin; y < end; y++) {
    const line = lines + ((rows.first[y] as number) - top) * stride;
    const weights = tables.rowWeights + y * rows.most * SUM_BYTES;
    kernel.rows(sums, line, stride, weights, rows.counts[y] as number, stride);
    const row = out + (y - begin) * values * FLOAT_BYTES;
    kernel.columns(row, plane, sums, tables.places, tables.weights, columns.most, values);
  }
  const made = new Float32Array(memory.buffer, out, CHANNELS * (end - begin) * values);
  copyOut(made, values, end - begin, planes, planes.offset + begin * planes.row + columns.begin);
  return end;
}

/** The pixel behind the last one of a value. */
function pastTaps({ first, counts }: Taps, index: number): number {
  return (first[index] as number) + (counts[index] as number);
}

/** `height` lines from `top` on, of each `stride` bytes from `left` on, one behind another. */
function copyLines(
  { data, width }: Raster,
  left: number,
  top: number,
  height: number,
  stride: number,
  to: Uint8Array,
): void {
  const length = width * CHANNELS;
  const start = top * length + left;
  if (stride === length) to.set(data.subarray(start, start + height * length));
  else
    for (let y = 0; y < height; y++)
      to.set(data.subarray(start + y * length, start + y * length + stride), y * stride);
}

/** Three planes of rows of values, to where they stand in the tensor. */
function copyOut(made: Float32Array, values: number, rows: number, planes: Planes, start: number): void {
  // Rows that follow one another are one long row.
  const [length, count] = planes.row === values ? [rows * values, 1] : [values, rows];
  for (let channel = 0; channel < CHANNELS; channel++)
    for (let y = 0; y < count; y++) {
      const from = (channel * rows + y) * values;
      planes.data.set(made.subarray(from, from + length), start + channel * planes.plane + y * planes.row);
    }
}
