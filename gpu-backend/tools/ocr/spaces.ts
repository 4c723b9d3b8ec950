/** Word spaces that the recogniser left out, put back where the gap between two characters is wide. */
import type { Raster } from '#backend/images/raster';
import type { Glyph } from './ctc.ts';

/** A pixel is ink when it differs from the paper by this share of the strongest contrast. */
const INK_SHARE = 0.35;
/** Rows at the top and bottom of a strip may hold parts of other lines. */
const MARGIN_SHARE = 0.08;

/**
 * A word space, in heights of the text and against the gap of its letters, in pixels of the 48-row strip.
 * Set on 2,448 lines of 160 rendered pages in 17 typefaces: of 1,749 spaces the recogniser reads 1,209,
 * with these gaps 1,733 are there and one is too many.
 */
const WIDE_HEIGHTS = 0.28;
const WIDE_RATIO = 2;
const WIDE_PIXELS = 2;
const LETTER_QUANTILE = 0.4;
/** Figures of one number stand far apart in monospaced type; a sign between them is set off a little less. */
const NUMBER_HEIGHTS = 0.6;
const NUMBER_JOINT = /(?:\d[\d.,:%/]|(?:\d[:/]|(?:^|[^\p{L}\d])[.$£¥€])\d)$/u;
/** After a decimal mark no number goes on in another word. */
const DECIMAL_HEIGHTS = 1.2;
const DECIMAL_JOINT = /\d[.,]\d$/u;
const SIGN_HEIGHTS = 0.36;
const SIGN_JOINT = /(?:[\d)][-+]|[-+]\d)$/u;

export type Ink = {
  /** Whether a column of the strip has ink. */
  readonly columns: Uint8Array;
  /** Height of the text in pixels, from the rows that have ink. */
  readonly height: number;
};

/** Which columns of a strip hold ink, whether the text is darker or lighter than its paper. */
export function inkOf({ data, width, height }: Raster): Ink {
  const first = Math.round(height * MARGIN_SHARE);
  const last = height - first;
  const luminance = new Uint8Array(width * height);
  const histogram = new Uint32Array(256);
  for (let i = 0, p = 0; i < luminance.length; i++, p += 3) {
    const value = (2 * (data[p] ?? 0) + 5 * (data[p + 1] ?? 0) + (data[p + 2] ?? 0)) >> 3;
    luminance[i] = value;
    histogram[value] = (histogram[value] ?? 0) + 1;
  }
  const paper = quantile(histogram, luminance.length, 0.5);
  const contrasts = new Uint32Array(256);
  for (let value = 0; value < 256; value++) {
    const contrast = Math.abs(value - paper);
    contrasts[contrast] = (contrasts[contrast] ?? 0) + (histogram[value] ?? 0);
  }
  const threshold = Math.max(12, INK_SHARE * quantile(contrasts, luminance.length, 0.97));
  const columns = new Uint8Array(width);
  const rows = new Uint32Array(height);
  for (let y = first; y < last; y++) {
    for (let x = 0; x < width; x++) {
      if (Math.abs((luminance[y * width + x] ?? 0) - paper) < threshold) continue;
      columns[x] = Math.min(255, (columns[x] ?? 0) + 1);
      rows[y] = (rows[y] ?? 0) + 1;
    }
  }
  const total = rows.reduce((sum, count) => sum + count, 0);
  return { columns, height: quantile(rows, total, 0.97) - quantile(rows, total, 0.03) + 1 };
}

/** The index at which the running sum of the counts reaches `share` of `total`. */
function quantile(counts: Uint32Array, total: number, share: number): number {
  let sum = 0;
  for (let index = 0; index < counts.length; index++) {
    sum += counts[index] ?? 0;
    if (sum >= share * total) return index;
  }
  return counts.length - 1;
}

export type Gap = { readonly start: number; readonly end: number };

/** The longest run [start, end) of columns without ink between two columns, in pixels; empty and in the middle where there is none. */
export function widestGap(columns: Uint8Array, from: number, to: number): Gap {
  const middle = (from + to) / 2;
  let widest: Gap = { start: middle, end: middle };
  let run = 0;
  for (let x = Math.max(0, Math.floor(from)); x <= Math.min(columns.length - 1, Math.ceil(to)); x++) {
    run = (columns[x] ?? 0) > 0 ? 0 : run + 1;
    if (run > widthOf(widest)) widest = { start: x + 1 - run, end: x + 1 };
  }
  return widest;
}

const widthOf = ({ start, end }: Gap): number => end - start;

/** Where a word stands along its strip, as fractions 0..1 of the strip's width. */
export type Span = { readonly from: number; readonly to: number };

export type SpacedLine = {
  readonly text: string;
  /** One for each run of characters between spaces, in order. */
  readonly spans: readonly Span[];
};

/**
 * The text of the glyphs, with a space wherever the gap between two of them is wide for this line.
 * `steps` is the number of time steps across the strip. Spaces that were read stay.
 */
export function spacedLine(glyphs: readonly Glyph[], steps: number, strip: Raster): SpacedLine {
  const visible = glyphs.filter(({ label }) => label !== ' ');
  const ink = inkOf(strip);
  const column = ({ step }: Glyph): number => ((step + 0.5) * strip.width) / steps;
  const gaps = visible
    .slice(1)
    .map((glyph, i) => widestGap(ink.columns, column(visible[i] ?? glyph), column(glyph)));
  const wide = Math.max(WIDE_HEIGHTS * ink.height, WIDE_RATIO * letterGap(gaps.map(widthOf)) + WIDE_PIXELS);
  const cuts: Gap[] = [];
  let text = '';
  let index = 0;
  for (const { label } of glyphs) {
    if (label !== ' ') {
      const gap = gaps[index - 1];
      const least = Math.max(wide, jointHeights(text.slice(-2) + label) * ink.height);
      if (gap && widthOf(gap) >= least) text += ' ';
      if (gap && text.endsWith(' ')) cuts.push(gap);
      index++;
    }
    text += label;
  }
  const ends = inkEnds(ink.columns);
  return { text, spans: index === 0 ? [] : spansOf(ends, cuts, strip.width) };
}

/** From the first column with ink to behind the last one; the whole strip where there is none. */
function inkEnds(columns: Uint8Array): Gap {
  const start = columns.findIndex((count) => count > 0);
  return start < 0
    ? { start: 0, end: columns.length }
    : { start, end: columns.findLastIndex((count) => count > 0) + 1 };
}

function spansOf(ends: Gap, cuts: readonly Gap[], width: number): Span[] {
  const starts = [ends.start, ...cuts.map(({ end }) => end)];
  const stops = [...cuts.map(({ start }) => start), ends.end];
  return starts.map((start, i) => ({ from: start / width, to: (stops[i] ?? width) / width }));
}

/** The least gap, in heights of the text, that parts the last two of some characters. */
function jointHeights(tail: string): number {
  if (DECIMAL_JOINT.test(tail)) return DECIMAL_HEIGHTS;
  if (NUMBER_JOINT.test(tail)) return NUMBER_HEIGHTS;
  return SIGN_JOINT.test(tail) ? SIGN_HEIGHTS : 0;
}

/** A gap between letters of one word: below the middle, for a short line may hold more spaces than that. */
function letterGap(gaps: readonly number[]): number {
  return [...gaps].sort((a, b) => a - b)[Math.floor((gaps.length - 1) * LETTER_QUANTILE)] ?? 0;
}
