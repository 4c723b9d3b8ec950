/** Character errors, detection and tables of one reading against the print of its picture. */
import { editDistance } from '#training/noise/align';
import type { Point } from '#training/render/drawing';
import type { Picture, PrintedRow } from './pictures.ts';

/** Left, top, right, bottom in pixels. */
export type Bounds = readonly [left: number, top: number, right: number, bottom: number];
export type Piece = { readonly text: string; readonly bounds: Bounds };

export type Reading = {
  readonly text: string;
  /** What stands somewhere: words or lines. Their centres say which printed row they belong to. */
  readonly pieces: readonly Piece[];
  /** Runs of text without a wide gap: what a printed cell is compared with. */
  readonly runs: readonly Bounds[];
  readonly tables: readonly (readonly (readonly string[])[])[];
  readonly ms: number;
};

export type Counts = {
  readonly pictures: number;
  readonly rows: number;
  readonly exactRows: number;
  readonly characters: number;
  readonly edits: number;
  /** Of the whole text in reading order, where the picture has one. */
  readonly orderedCharacters: number;
  readonly orderedEdits: number;
  readonly printedCells: number;
  readonly foundRuns: number;
  readonly matched: number;
  readonly tableCells: number;
  readonly rightCells: number;
  readonly ms: readonly number[];
};

/** A piece belongs to a row when its centre is this near to the row's middle, in heights of the row. */
const ROW_REACH = 0.8;
const IOU_MIN = 0.5;

export function measure({ rows, text, table }: Picture, reading: Reading): Counts {
  const read = textsOfRows(rows, reading.pieces);
  const printed = rows.map((row) => spaced(row.map((cell) => cell.text).join(' ')));
  const own = printed.map((line, index) =>
    Math.min(line.length, editDistance(line, read.texts[index] ?? '')),
  );
  const characters = sumOf(printed.map((line) => line.length));
  const stray = sumOf(read.stray.map((line) => line.length));
  const ordered = text === undefined ? '' : spaced(text);
  const cells = rows.flatMap((row) => row.map(({ outline }) => boundsOf(outline)));
  return {
    pictures: 1,
    rows: rows.length,
    exactRows: printed.filter((line, index) => line === read.texts[index]).length,
    characters,
    // Text where none is printed counts, but no picture is worse than one of which nothing is read.
    edits: Math.min(characters, sumOf(own) + stray),
    orderedCharacters: ordered.length,
    orderedEdits: ordered === '' ? 0 : Math.min(ordered.length, editDistance(ordered, spaced(reading.text))),
    printedCells: cells.length,
    foundRuns: reading.runs.length,
    matched: matchesOf(cells, reading.runs),
    tableCells: table === undefined ? 0 : sumOf(table.map((row) => row.length)),
    rightCells:
      table === undefined ? 0 : Math.max(0, ...reading.tables.map((other) => equalCells(table, other))),
    ms: [reading.ms],
  };
}

export function addCounts(all: readonly Counts[]): Counts {
  const total = (key: Exclude<keyof Counts, 'ms'>): number => sumOf(all.map((counts) => counts[key]));
  return {
    pictures: total('pictures'),
    rows: total('rows'),
    exactRows: total('exactRows'),
    characters: total('characters'),
    edits: total('edits'),
    orderedCharacters: total('orderedCharacters'),
    orderedEdits: total('orderedEdits'),
    printedCells: total('printedCells'),
    foundRuns: total('foundRuns'),
    matched: total('matched'),
    tableCells: total('tableCells'),
    rightCells: total('rightCells'),
    ms: all.flatMap(({ ms }) => ms),
  };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
/** Dots that lead the eye to a price are printed too, but are no text of the scene. */
const LEADERS = /(?:\s*[.·…]){2,}(?=\s|$)|\s[.·…](?=\s|$)/gu;
const spaced = (text: string): string => text.replace(LEADERS, ' ').replace(/\s+/gu, ' ').trim();

type Axis = { readonly points: readonly Point[]; readonly height: number };

/** The middle line of a row through all its cells, and its height. */
function axisOf(row: PrintedRow): Axis {
  const points: Point[] = [];
  let height = 1;
  for (const { outline } of row) {
    const half = outline.length / 2;
    for (let i = 0; i < half; i++) {
      const [top, bottom] = [outline[i], outline[outline.length - 1 - i]];
      if (!top || !bottom) continue;
      points.push([(top[0] + bottom[0]) / 2, (top[1] + bottom[1]) / 2]);
      height = Math.max(height, Math.hypot(bottom[0] - top[0], bottom[1] - top[1]));
    }
  }
  return { points, height };
}

/** Distance to the middle line, and how far along it the nearest point lies; both in pixels. */
function nearest({ points }: Axis, [x, y]: Point): { readonly distance: number; readonly along: number } {
  let best = { distance: Infinity, along: 0 };
  let before = 0;
  for (let i = 0; i + 1 < points.length; i++) {
    const [a, b] = [points[i] as Point, points[i + 1] as Point];
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const length = Math.hypot(dx, dy);
    const share = length === 0 ? 0 : ((x - a[0]) * dx + (y - a[1]) * dy) / length ** 2;
    const t = Math.min(1, Math.max(0, share));
    const distance = Math.hypot(a[0] + t * dx - x, a[1] + t * dy - y);
    if (distance < best.distance) best = { distance, along: before + t * length };
    before += length;
  }
  return best;
}

/** What was read in each row, left to right as printed, and what belongs to none. */
function textsOfRows(
  rows: readonly PrintedRow[],
  pieces: readonly Piece[],
): { readonly texts: string[]; readonly stray: string[] } {
  const axes = rows.map(axisOf);
  const found = rows.map((): { readonly along: number; readonly text: string }[] => []);
  const stray: string[] = [];
  for (const { text, bounds } of pieces) {
    const centre: Point = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
    let best = { index: -1, share: ROW_REACH, along: 0 };
    axes.forEach((axis, index) => {
      const { distance, along } = nearest(axis, centre);
      if (distance / axis.height < best.share) best = { index, share: distance / axis.height, along };
    });
    const row = found[best.index];
    if (row) row.push({ along: best.along, text });
    else stray.push(text);
  }
  const texts = found.map((row) =>
    spaced(
      row
        .sort((a, b) => a.along - b.along)
        .map(({ text }) => text)
        .join(' '),
    ),
  );
  return { texts, stray };
}

export function boundsOf(points: readonly Point[]): Bounds {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

export function overlapOf(a: Bounds, b: Bounds): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = (box: Bounds): number => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(a) + area(b) - width * height);
}

/** Pairs with an intersection over union of 0.5 or more, each box in one pair at most, best first. */
function matchesOf(printed: readonly Bounds[], found: readonly Bounds[]): number {
  const pairs = printed.flatMap((a, i) =>
    found.flatMap((b, j) => {
      const overlap = overlapOf(a, b);
      return overlap >= IOU_MIN ? [{ i, j, overlap }] : [];
    }),
  );
  pairs.sort((a, b) => b.overlap - a.overlap);
  const [left, right] = [new Set<number>(), new Set<number>()];
  for (const { i, j } of pairs) {
    if (left.has(i) || right.has(j)) continue;
    left.add(i);
    right.add(j);
  }
  return left.size;
}

/** Cells that stand in their own row and column, at the shift of rows that suits best. Case and spaces count for nothing. */
function equalCells(printed: readonly (readonly string[])[], read: readonly (readonly string[])[]): number {
  const plain = (text: string | undefined): string => (text ?? '').replace(/\s+/gu, '').toLowerCase();
  const equal = (shift: number): number =>
    sumOf(
      printed.map((row, i) => row.filter((text, j) => plain(text) === plain(read[i + shift]?.[j])).length),
    );
  return Math.max(...Array.from({ length: 2 * read.length + 1 }, (_, i) => equal(i - read.length)));
}
