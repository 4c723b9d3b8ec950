/** Reading order: lines to rows along the angle of the text; columns of prose one after the other. */
import { rowDirection } from './angle.ts';
import { medianOf, type RotatedBox } from './geometry.ts';
import type { Span } from './spaces.ts';

/** A line where it stands; `spans` are its words along the box, one for each, where they are known. */
export type PlacedLine = {
  readonly box: RotatedBox;
  readonly text: string;
  readonly score: number;
  readonly spans?: readonly Span[];
};

/** Two cells share a row when they overlap by this part of the lower one's height. */
const ROW_OVERLAP_MIN = 0.5;
/** What makes two blocks columns of prose rather than cells of a table, a receipt or a menu. */
const COLUMN_LINES_MIN = 3;
const COLUMN_CHARS_MIN = 16;
/** Median width of the lines as part of the width of their column. */
const COLUMN_FILL_MIN = 0.7;
const COLUMN_LETTERS_MIN = 0.6;
/** Gap between two columns, in median line heights. */
const COLUMN_GAP_MIN = 0.8;

type Cell = {
  readonly line: PlacedLine;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
};

/** Rows of cells in reading order. Text that reads another way (on its side, on its head) follows the main text. */
export function rowsOf(lines: readonly PlacedLine[]): PlacedLine[][] {
  const groups = new Map<number, PlacedLine[]>();
  for (const line of lines) {
    const quarter = Math.round(Math.atan2(line.box.uy, line.box.ux) / (Math.PI / 2)) & 3;
    groups.set(quarter, [...(groups.get(quarter) ?? []), line]);
  }
  const weight = (group: readonly PlacedLine[]): number =>
    group.reduce((sum, { box }) => sum + box.width * box.height, 0);
  return [...groups.entries()]
    .sort(([quarterA, a], [quarterB, b]) => weight(b) - weight(a) || quarterA - quarterB)
    .flatMap(([, group]) => blockRows(cellsOf(group)).map((row) => row.map(({ line }) => line)));
}

/** The lines as upright rectangles in a frame turned by the angle of their rows. */
function cellsOf(group: readonly PlacedLine[]): Cell[] {
  const { ux, uy } = rowDirection(group.map(({ box }) => box));
  return group.map((line) => {
    const { box } = line;
    const x = box.x * ux + box.y * uy;
    const y = box.y * ux - box.x * uy;
    return {
      line,
      left: x - box.width / 2,
      right: x + box.width / 2,
      top: y - box.height / 2,
      bottom: y + box.height / 2,
    };
  });
}

/** Rows of a block: its columns of prose one after the other where it has them, else row by row. */
function blockRows(cells: readonly Cell[]): Cell[][] {
  for (const x of columnGaps(cells)) {
    const rows = splitAt(cells, x);
    if (rows !== undefined) return rows;
  }
  return readingRows(cells);
}

/** Places of possible gaps between columns: right of the right end of some cell, from the left. */
function columnGaps(cells: readonly Cell[]): number[] {
  if (cells.length < 2 * COLUMN_LINES_MIN) return [];
  const height = medianOf(cells.map(({ top, bottom }) => bottom - top));
  const starts = [...new Set(cells.map(({ left }) => Math.round(left / height)))].sort((a, b) => a - b);
  return starts.slice(1).map((start) => (start - 0.5) * height);
}

/** Rows of the block read as columns left and right of `x`; undefined where these are not columns of prose. */
function splitAt(cells: readonly Cell[], x: number): Cell[][] | undefined {
  const across = cells.filter(({ left, right }) => left < x && right > x);
  const left = cells.filter(({ right }) => right <= x);
  const right = cells.filter(({ left }) => left >= x);
  if (Math.min(left.length, right.length) < COLUMN_LINES_MIN) return undefined;
  const columns = [...left, ...right];
  const top = Math.min(...columns.map((cell) => middleOf(cell)));
  const bottom = Math.max(...columns.map((cell) => middleOf(cell)));
  // A heading may stand above the columns and a footer below, but nothing may cross the gap between.
  if (across.some((cell) => middleOf(cell) > top && middleOf(cell) < bottom)) return undefined;
  const height = medianOf(columns.map((cell) => cell.bottom - cell.top));
  const gap = Math.min(...right.map((cell) => cell.left)) - Math.max(...left.map((cell) => cell.right));
  if (gap < COLUMN_GAP_MIN * height || !isProse(left) || !isProse(right)) return undefined;
  return [
    ...readingRows(across.filter((cell) => middleOf(cell) <= top)),
    ...readingRows(left),
    ...blockRows(right),
    ...readingRows(across.filter((cell) => middleOf(cell) >= bottom)),
  ];
}

const middleOf = ({ top, bottom }: Cell): number => (top + bottom) / 2;

/** Lines of words that fill their column, most rows being one line: no list of names, no prices. */
function isProse(cells: readonly Cell[]): boolean {
  const rows = readingRows(cells);
  const width = Math.max(...cells.map(({ right }) => right)) - Math.min(...cells.map(({ left }) => left));
  const fill = medianOf(cells.map(({ left, right }) => (right - left) / width));
  const text = cells.map(({ line }) => line.text).join('');
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return (
    rows.length >= COLUMN_LINES_MIN &&
    rows.filter((row) => row.length === 1).length >= 0.8 * rows.length &&
    medianOf(cells.map(({ line }) => line.text.length)) >= COLUMN_CHARS_MIN &&
    fill >= COLUMN_FILL_MIN &&
    letters >= COLUMN_LETTERS_MIN * text.length
  );
}

/** Rows of one block, top to bottom, each from left to right. */
function readingRows(cells: readonly Cell[]): Cell[][] {
  const rows: Cell[][] = [];
  for (const cell of [...cells].sort((a, b) => middleOf(a) - middleOf(b) || a.left - b.left)) {
    const row = rows.findLast((candidate) => belongs(candidate, cell));
    if (row === undefined) rows.push([cell]);
    else row.push(cell);
  }
  return rows.map((row) => row.sort((a, b) => a.left - b.left));
}

/** Whether the cell overlaps vertically with the nearest cell of the row and stands beside, not over, all of them. */
function belongs(row: readonly Cell[], cell: Cell): boolean {
  const gap = (other: Cell): number => Math.max(other.left - cell.right, cell.left - other.right);
  const nearest = row.reduce((best, other) => (gap(other) < gap(best) ? other : best));
  const overlap = Math.min(nearest.bottom, cell.bottom) - Math.max(nearest.top, cell.top);
  const lower = Math.min(nearest.bottom - nearest.top, cell.bottom - cell.top);
  const narrower = Math.min(nearest.right - nearest.left, cell.right - cell.left);
  return overlap > ROW_OVERLAP_MIN * lower && gap(nearest) > -0.5 * narrower;
}
