/** Parts of images as planes of any size, the way nets see them. */
import { pyramidOf } from '#backend/images/pyramid';
import type { Raster } from '#backend/images/raster';

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

/** What the weights of rows add up to: a weighted sum of bytes has 16 bits, and a word holds two. */
const ROWS_ONE = 1 << 8;
/** What those of columns add up to: a weighted sum of such sums has 31 bits. */
const COLUMNS_ONE = 1 << 15;
/** Takes bytes, weighed by both, to 0..1. */
const GAIN = 1 / (255 * ROWS_ONE * COLUMNS_ONE);
const CHANNELS = 3;
/** Lines that are added up at a time: what shrinks a level by less than two needs no more. */
const LINES_AT_ONCE = 4;
/** Every second byte of a word. */
const EVEN_BYTES = 0x00ff00ff;

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
  const line = lineOf(level, columns);
  for (let y = rows.begin; y < rows.end; y++) {
    addRows(line, rows, y);
    addColumns(line.sums, columns, planes, planes.offset + y * planes.row);
  }
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
  /** `most` a value, at least three; behind those of `counts` they are 0. */
  readonly weights: Int32Array;
  readonly most: number;
};

/** `pixels` of a level that stands for `extent` of them: what halving dropped is a part of the image. */
type Axis = { readonly pixels: number; readonly extent: number; readonly values: number };

/** The window starts at `start`, and `length` of its pixels become the values; weights of a value add up to `one`. */
function tapsOf({ pixels, extent, values }: Axis, start: number, length: number, one: number): Taps {
  const step = length / values;
  const reach = Math.max(1, step);
  const most = Math.max(3, Math.ceil(2 * reach));
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

/** A line of a level, and room for weighted sums of such lines. */
type Line = {
  readonly bytes: DataView;
  /** From one line to the next. */
  readonly length: number;
  /** Of the bytes that are looked at; `from` is the first of a word. */
  readonly from: number;
  readonly to: number;
  /** One for each byte of a line; the same memory as `words`. */
  readonly sums: Uint16Array;
  readonly words: Uint32Array;
};

function lineOf({ data, width }: Raster, { begin, end, first, counts, most }: Taps): Line {
  const length = width * CHANNELS;
  // Columns whose weight is 0 are read, too.
  const words = new Uint32Array(2 * Math.ceil((length + most * CHANNELS) / 4));
  const [left = 0] = first.subarray(begin, end);
  const [right = 0] = first.subarray(begin, end).subarray(-1);
  const [count = 0] = counts.subarray(begin, end).subarray(-1);
  return {
    bytes: new DataView(data.buffer, data.byteOffset, data.byteLength),
    length,
    from: (left * CHANNELS) & ~3,
    to: (right + count) * CHANNELS,
    sums: new Uint16Array(words.buffer),
    words,
  };
}

/** The weighted sums of the lines of value `y`: four lines and four bytes at a time, two sums to a word. */
function addRows(
  { bytes, length, from, to, sums, words }: Line,
  { first, counts, weights, most }: Taps,
  y: number,
): void {
  words.fill(0, from >> 1, (to + 1) >> 1);
  const count = counts[y] as number;
  for (let tap = 0; tap < count; tap += LINES_AT_ONCE) {
    const weightA = weights[y * most + tap] as number;
    const weightB = tap + 1 < count ? (weights[y * most + tap + 1] as number) : 0;
    const weightC = tap + 2 < count ? (weights[y * most + tap + 2] as number) : 0;
    const weightD = tap + 3 < count ? (weights[y * most + tap + 3] as number) : 0;
    // Behind the last line it is read again, with weight 0.
    const lineA = ((first[y] as number) + tap) * length;
    const lineB = lineA + Math.min(1, count - 1 - tap) * length;
    const lineC = lineA + Math.min(2, count - 1 - tap) * length;
    const lineD = lineA + Math.min(3, count - 1 - tap) * length;
    let at = from;
    for (; at + 4 <= to; at += 4) {
      const a = bytes.getUint32(lineA + at, true);
      const b = bytes.getUint32(lineB + at, true);
      const c = bytes.getUint32(lineC + at, true);
      const d = bytes.getUint32(lineD + at, true);
      const evenAB = (Math.imul(a & EVEN_BYTES, weightA) + Math.imul(b & EVEN_BYTES, weightB)) | 0;
      const evenCD = (Math.imul(c & EVEN_BYTES, weightC) + Math.imul(d & EVEN_BYTES, weightD)) | 0;
      const oddAB =
        (Math.imul((a >>> 8) & EVEN_BYTES, weightA) + Math.imul((b >>> 8) & EVEN_BYTES, weightB)) | 0;
      const oddCD =
        (Math.imul((c >>> 8) & EVEN_BYTES, weightC) + Math.imul((d >>> 8) & EVEN_BYTES, weightD)) | 0;
      const even = (evenAB + evenCD) | 0;
      const odd = (oddAB + oddCD) | 0;
      const word = at >> 1;
      words[word] = (words[word] as number) + ((even & 0xffff) | (odd << 16));
      words[word + 1] = (words[word + 1] as number) + ((even >>> 16) | (odd & 0xffff0000));
    }
    for (; at < to; at++)
      sums[at] =
        (sums[at] as number) +
        bytes.getUint8(lineA + at) * weightA +
        bytes.getUint8(lineB + at) * weightB +
        bytes.getUint8(lineC + at) * weightC +
        bytes.getUint8(lineD + at) * weightD;
  }
}

/**
 * The weighted sums of columns of one line, written from `start` on. Shrinking a level by less than two takes three or
 * four columns: written out, they take half the time of a loop. Sums fit whole numbers of 32 bits, and the compiler is
 * told so: as numbers of any kind they would take longer.
 */
function addColumns(line: Uint16Array, taps: Taps, planes: Planes, start: number): void {
  if (taps.most === 3) addThreeColumns(line, taps, planes, start);
  else if (taps.most === 4) addFourColumns(line, taps, planes, start);
  else addManyColumns(line, taps, planes, start);
}

function addThreeColumns(
  sums: Uint16Array,
  { begin, end, first, weights }: Taps,
  { data, plane }: Planes,
  start: number,
): void {
  for (let x = begin, tap = begin * 3; x < end; x++, tap += 3) {
    const at = (first[x] as number) * CHANNELS;
    const a = weights[tap] as number;
    const b = weights[tap + 1] as number;
    const c = weights[tap + 2] as number;
    const position = start + x;
    data[position] = threeOf(sums, at, a, b, c) * GAIN;
    data[position + plane] = threeOf(sums, at + 1, a, b, c) * GAIN;
    data[position + 2 * plane] = threeOf(sums, at + 2, a, b, c) * GAIN;
  }
}

function addFourColumns(
  sums: Uint16Array,
  { begin, end, first, weights }: Taps,
  { data, plane }: Planes,
  start: number,
): void {
  for (let x = begin, tap = begin * 4; x < end; x++, tap += 4) {
    const at = (first[x] as number) * CHANNELS;
    const a = weights[tap] as number;
    const b = weights[tap + 1] as number;
    const c = weights[tap + 2] as number;
    const d = weights[tap + 3] as number;
    const position = start + x;
    data[position] = fourOf(sums, at, a, b, c, d) * GAIN;
    data[position + plane] = fourOf(sums, at + 1, a, b, c, d) * GAIN;
    data[position + 2 * plane] = fourOf(sums, at + 2, a, b, c, d) * GAIN;
  }
}

function addManyColumns(
  sums: Uint16Array,
  { begin, end, first, counts, weights, most }: Taps,
  { data, plane }: Planes,
  start: number,
): void {
  for (let x = begin; x < end; x++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let at = (first[x] as number) * CHANNELS;
    const stop = x * most + (counts[x] as number);
    for (let tap = x * most; tap < stop; tap++, at += CHANNELS) {
      const weight = weights[tap] as number;
      red = (red + Math.imul(sums[at] as number, weight)) | 0;
      green = (green + Math.imul(sums[at + 1] as number, weight)) | 0;
      blue = (blue + Math.imul(sums[at + 2] as number, weight)) | 0;
    }
    const position = start + x;
    data[position] = red * GAIN;
    data[position + plane] = green * GAIN;
    data[position + 2 * plane] = blue * GAIN;
  }
}

function threeOf(sums: Uint16Array, at: number, a: number, b: number, c: number): number {
  const ab = (Math.imul(sums[at] as number, a) + Math.imul(sums[at + 3] as number, b)) | 0;
  return (ab + Math.imul(sums[at + 6] as number, c)) | 0;
}

function fourOf(sums: Uint16Array, at: number, a: number, b: number, c: number, d: number): number {
  const ab = (Math.imul(sums[at] as number, a) + Math.imul(sums[at + 3] as number, b)) | 0;
  const cd = (Math.imul(sums[at + 6] as number, c) + Math.imul(sums[at + 9] as number, d)) | 0;
  return (ab + cd) | 0;
}
