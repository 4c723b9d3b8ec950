/**
 * The fixed descriptor of a window of an image: where which colour is (8 x 8 cells of Lab), how much of which
 * colour there is (64 bins), and where edges run which way (8 x 8 cells, 8 directions). Two of them are
 * compared part by part.
 */
import { COLOUR_BINS, DIRECTIONS, type Planes } from './planes.ts';

/** In pixels of the planes; fractions are meant. */
export type Window = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

const CELLS = 8;
const GRID = CELLS + 1;
const CHANNELS = 3;

/** Means of Lab by channel, row and column, each channel less its own mean. */
export type Layout = Float64Array;
export type Descriptor = {
  readonly layout: Layout;
  /** Shares that sum to 1. */
  readonly colours: Float64Array;
  /** Shares by direction, row and column, that sum to 1. */
  readonly edges: Float64Array;
};

/** Variance of Lab below which an image counts as one colour: what JPEG leaves of a plain wall. */
const PLAIN_VARIANCE = 1;
/** Strength of edges, in L per pixel, that noise has. */
const PLAIN_EDGE = 1;

export const wholeOf = ({ width, height }: Planes): Window => ({ x: 0, y: 0, width, height });

export function layoutOf(planes: Planes, window: Window): Layout {
  const layout = cellMeans(planes.lab, planes, window);
  const area = CELLS * CELLS;
  for (let channel = 0; channel < CHANNELS; channel++) {
    const part = layout.subarray(channel * area, (channel + 1) * area);
    const mean = part.reduce((sum, value) => sum + value, 0) / area;
    for (let i = 0; i < area; i++) part[i] = (part[i] as number) - mean;
  }
  return layout;
}

export function descriptorOf(planes: Planes, window: Window): Descriptor {
  const edges = cellMeans(planes.edges, planes, window).map((value) => value + PLAIN_EDGE / DIRECTIONS);
  const colours = Float64Array.from(planes.colours, (plane) => Math.max(0, windowSum(plane, planes, window)));
  return { layout: layoutOf(planes, window), colours: shares(colours), edges: shares(edges) };
}

/** What the mirrored window would give. */
export function mirrored({ layout, colours, edges }: Descriptor): Descriptor {
  const turned = new Float64Array(edges.length);
  const area = CELLS * CELLS;
  for (let direction = 0; direction < DIRECTIONS; direction++) {
    const from = ((DIRECTIONS - direction) % DIRECTIONS) * area;
    turned.set(edges.subarray(from, from + area), direction * area);
  }
  return { layout: mirroredRows(layout), colours, edges: mirroredRows(turned) };
}

function mirroredRows(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += CELLS)
    out.set(values.subarray(start, start + CELLS).toReversed(), start);
  return out;
}

/** Correlation of two layouts, -1..1; two plain ones correlate whatever their colours are. */
export function layoutLikeness(a: Layout, b: Layout): number {
  let both = 0;
  let ofA = 0;
  let ofB = 0;
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i] as number, b[i] as number];
    both += left * right;
    ofA += left * left;
    ofB += right * right;
  }
  const plain = PLAIN_VARIANCE * CELLS * CELLS;
  return (both + plain) / Math.sqrt((ofA + plain) * (ofB + plain));
}

const WEIGHTS = { layout: 0.45, colours: 0.2, edges: 0.35 } as const;

/** -0.45..1; 1 for the same window. Shares are compared by Bhattacharyya's coefficient, 0..1. */
export function descriptorLikeness(a: Descriptor, b: Descriptor): number {
  return (
    WEIGHTS.layout * layoutLikeness(a.layout, b.layout) +
    WEIGHTS.colours * affinity(a.colours, b.colours) +
    WEIGHTS.edges * affinity(a.edges, b.edges)
  );
}

function affinity(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + Math.sqrt(value * (b[i] as number)), 0);
}

function shares(values: Float64Array): Float64Array {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum > 0 ? values.map((value) => value / sum) : values.fill(1 / COLOUR_BINS);
}

type Edge = { readonly low: number; readonly share: number };

/** Where the lines of a grid fall between the columns, or rows, of an integral image of `limit` pixels. */
function gridLines(start: number, length: number, limit: number): Edge[] {
  return Array.from({ length: GRID }, (_, line) => {
    const place = Math.min(limit, Math.max(0, start + (length * line) / CELLS));
    const low = Math.min(limit - 1, Math.floor(place));
    return { low, share: place - low };
  });
}

/** The mean of each plane in each of the window's cells, by plane, row and column. */
function cellMeans(planes: readonly Float64Array[], size: Planes, window: Window): Float64Array {
  const columns = gridLines(window.x, window.width, size.width);
  const rows = gridLines(window.y, window.height, size.height);
  const stride = size.width + 1;
  const cell = (window.width * window.height) / (CELLS * CELLS);
  const means = new Float64Array(planes.length * CELLS * CELLS);
  let above = new Float64Array(GRID);
  let here = new Float64Array(GRID);
  let out = 0;
  for (const plane of planes) {
    for (const [line, row] of rows.entries()) {
      [above, here] = [here, above];
      for (let column = 0; column < GRID; column++)
        here[column] = between(plane, stride, columns[column] as Edge, row);
      if (line === 0) continue;
      for (let column = 1; column < GRID; column++) {
        const below = (here[column] as number) - (here[column - 1] as number);
        means[out++] = (below - (above[column] as number) + (above[column - 1] as number)) / cell;
      }
    }
  }
  return means;
}

function windowSum(plane: Float64Array, { width, height }: Planes, window: Window): number {
  const columns = gridLines(window.x, window.width, width);
  const rows = gridLines(window.y, window.height, height);
  const [left, right] = [columns[0] as Edge, columns[CELLS] as Edge];
  const [top, bottom] = [rows[0] as Edge, rows[CELLS] as Edge];
  const at = (column: Edge, row: Edge): number => between(plane, width + 1, column, row);
  return at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top);
}

/** Bilinear between four sums: exactly the sum up to a place inside a pixel. */
function between(sums: Float64Array, stride: number, column: Edge, row: Edge): number {
  const at = row.low * stride + column.low;
  const upper = (sums[at] as number) * (1 - column.share) + (sums[at + 1] as number) * column.share;
  const lower =
    (sums[at + stride] as number) * (1 - column.share) + (sums[at + stride + 1] as number) * column.share;
  return upper * (1 - row.share) + lower * row.share;
}
