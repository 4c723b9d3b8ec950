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
/** Enough to find the place of a window; each cell costs time. */
export const COARSE_CELLS = 4;
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

export function layoutOf(planes: Planes, window: Window, cells: number = CELLS): Layout {
  const layout = cellMeans(planes.lab, planes, window, cells);
  const area = cells * cells;
  for (let channel = 0; channel < CHANNELS; channel++) {
    const part = layout.subarray(channel * area, (channel + 1) * area);
    const mean = part.reduce((sum, value) => sum + value, 0) / area;
    for (let i = 0; i < area; i++) part[i] = (part[i] as number) - mean;
  }
  return layout;
}

export function descriptorOf(planes: Planes, window: Window): Descriptor {
  const edges = cellMeans(planes.edges, planes, window, CELLS).map(
    (value) => value + PLAIN_EDGE / DIRECTIONS,
  );
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

export function mirroredRows(values: Float64Array, cells: number = CELLS): Float64Array {
  const out = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += cells)
    out.set(values.subarray(start, start + cells).toReversed(), start);
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
  const plain = (PLAIN_VARIANCE * a.length) / CHANNELS;
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

/** Where the lines of a grid fall between the columns, or rows, of an integral image of `limit` pixels. */
type Lines = { readonly low: Int32Array; readonly share: Float64Array };

function gridLines(start: number, length: number, limit: number, cells: number): Lines {
  const low = new Int32Array(cells + 1);
  const share = new Float64Array(cells + 1);
  for (let line = 0; line <= cells; line++) {
    const place = Math.min(limit, Math.max(0, start + (length * line) / cells));
    low[line] = Math.min(limit - 1, Math.floor(place));
    share[line] = place - (low[line] as number);
  }
  return { low, share };
}

/** The mean of each plane in each of the window's cells, by plane, row and column. */
function cellMeans(
  planes: readonly Float64Array[],
  size: Planes,
  window: Window,
  cells: number,
): Float64Array {
  const columns = gridLines(window.x, window.width, size.width, cells);
  const rows = gridLines(window.y, window.height, size.height, cells);
  const stride = size.width + 1;
  const cell = (window.width * window.height) / (cells * cells);
  const means = new Float64Array(planes.length * cells * cells);
  let above = new Float64Array(cells + 1);
  let here = new Float64Array(cells + 1);
  let out = 0;
  for (const plane of planes) {
    for (let line = 0; line <= cells; line++) {
      [above, here] = [here, above];
      for (let column = 0; column <= cells; column++)
        here[column] = sumAt(plane, stride, columns, column, rows, line);
      if (line === 0) continue;
      for (let column = 1; column <= cells; column++) {
        const below = (here[column] as number) - (here[column - 1] as number);
        means[out++] = (below - (above[column] as number) + (above[column - 1] as number)) / cell;
      }
    }
  }
  return means;
}

function windowSum(plane: Float64Array, { width, height }: Planes, window: Window): number {
  const columns = gridLines(window.x, window.width, width, 1);
  const rows = gridLines(window.y, window.height, height, 1);
  const at = (column: number, row: number): number => sumAt(plane, width + 1, columns, column, rows, row);
  return at(1, 1) - at(0, 1) - at(1, 0) + at(0, 0);
}

/** Bilinear between four sums: exactly the sum up to a place inside a pixel. */
function sumAt(
  sums: Float64Array,
  stride: number,
  columns: Lines,
  column: number,
  rows: Lines,
  row: number,
): number {
  const across = columns.share[column] as number;
  const down = rows.share[row] as number;
  const at = (rows.low[row] as number) * stride + (columns.low[column] as number);
  const upper = (sums[at] as number) * (1 - across) + (sums[at + 1] as number) * across;
  const lower = (sums[at + stride] as number) * (1 - across) + (sums[at + stride + 1] as number) * across;
  return upper * (1 - down) + lower * down;
}
