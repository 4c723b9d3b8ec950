/** Tables: rows of lines whose words leave the same white corridors from top to bottom. */
import { rowDirection } from './angle.ts';
import { medianOf, type RotatedBox } from './geometry.ts';
import type { PlacedLine } from './layout.ts';
import { wordsOf } from './words.ts';

export type Table = {
  /** All rows have one cell for each column; an empty one is ''. */
  readonly rows: readonly (readonly string[])[];
  readonly lines: readonly PlacedLine[];
};

/** Fewer rows line up by chance. */
const ROWS_MIN = 3;
const TABLES_MAX = 8;
/** Rows farther apart than this, centre to centre and in heights of a line, belong to two tables. */
const ROW_PITCH_MAX = 4;
/** A corridor is at least so wide, in heights of a line. */
const CORRIDOR_MIN = 0.5;
/** A gap between words of one line is no corridor unless it parts lines in this share of the rows that it crosses. */
const PARTED_SHARE_MIN = 0.5;
/** Perspective leans the columns against the rows: offset along the row for each step down. */
const LEANS = [0, 0.03, -0.03, 0.06, -0.06, 0.1, -0.1, 0.15, -0.15] as const;

type Word = { readonly text: string; readonly left: number; readonly right: number; readonly line: number };
type Row = {
  readonly lines: readonly PlacedLine[];
  readonly words: readonly Word[];
  readonly y: number;
  readonly height: number;
};
/** White from `left` to `right` in every row. */
type Corridor = { readonly left: number; readonly right: number };

/** Tables among rows in reading order, from the top; text that reads another way than the first row is left out. */
export function tablesOf(rows: readonly (readonly PlacedLine[])[]): Table[] {
  const first = rows[0]?.[0]?.box;
  if (first === undefined) return [];
  const along = ({ box }: PlacedLine): boolean => box.ux * first.ux + box.uy * first.uy > Math.SQRT1_2;
  const main = rows.filter((row) => row.length > 0 && row.every(along));
  const direction = rowDirection(main.flatMap((row) => row.map(({ box }) => box)));
  const placed = main.map((row) => placedRow(row, direction));
  const tables: Table[] = [];
  for (const run of runsOf(placed)) {
    const table = tableOf(run);
    if (table !== undefined && tables.length < TABLES_MAX) tables.push(table);
  }
  return tables;
}

function placedRow(lines: readonly PlacedLine[], { ux, uy }: Pick<RotatedBox, 'ux' | 'uy'>): Row {
  const words = lines.flatMap((line, index) =>
    wordsOf(line).map(({ text, box }): Word => {
      const centre = box.x * ux + box.y * uy;
      return { text, left: centre - box.width / 2, right: centre + box.width / 2, line: index };
    }),
  );
  return {
    lines,
    words,
    y: medianOf(lines.map(({ box }) => box.y * ux - box.x * uy)),
    height: medianOf(lines.map(({ box }) => box.height)),
  };
}

/** Consecutive rows of two cells or more that stand close together. */
function runsOf(rows: readonly Row[]): Row[][] {
  const runs: Row[][] = [];
  let open = false;
  for (const row of rows) {
    const isCells = row.lines.length >= 2;
    const last = runs.at(-1)?.at(-1);
    const near = last !== undefined && Math.abs(row.y - last.y) <= ROW_PITCH_MAX * row.height;
    if (isCells && open && near) runs.at(-1)?.push(row);
    else if (isCells) runs.push([row]);
    open = isCells;
  }
  return runs.filter((run) => run.length >= ROWS_MIN);
}

/** The table of a run; undefined where no corridor goes through all of its rows. */
function tableOf(run: readonly Row[]): Table | undefined {
  const height = medianOf(run.map((row) => row.height));
  let best: { rows: readonly Row[]; corridors: readonly Corridor[] } = { rows: run, corridors: [] };
  for (const lean of LEANS) {
    const rows = run.map((row) => leaned(row, lean));
    const corridors = corridorsOf(rows, CORRIDOR_MIN * height);
    if (scoreOf(corridors, height) > scoreOf(best.corridors, height)) best = { rows, corridors };
  }
  if (best.corridors.length === 0) return undefined;
  return {
    rows: best.rows.map((row) => cellsOf(row, best.corridors)),
    lines: run.flatMap((row) => row.lines),
  };
}

/** Columns count most, then how clearly they are parted; a lean must earn its place. */
const scoreOf = (corridors: readonly Corridor[], height: number): number =>
  corridors.reduce((sum, { left, right }) => sum + 10 + Math.min(4, (right - left) / height), 0);

function leaned(row: Row, lean: number): Row {
  const shift = lean * row.y;
  const words = row.words.map((word) => ({ ...word, left: word.left - shift, right: word.right - shift }));
  return { ...row, words };
}

function corridorsOf(rows: readonly Row[], widthMin: number): Corridor[] {
  const words = rows.flatMap((row) => row.words).sort((a, b) => a.left - b.left);
  const corridors: Corridor[] = [];
  let right = words[0]?.right ?? 0;
  for (const word of words) {
    const corridor = { left: right, right: word.left };
    if (word.left - right >= widthMin && partsLines(rows, corridor)) corridors.push(corridor);
    right = Math.max(right, word.right);
  }
  return corridors.filter((_, index) => !bordersLoneWord(rows, corridors, index));
}

/** Whether a corridor is the narrower side of a column that one row alone has: a wide gap inside a heading. */
function bordersLoneWord(rows: readonly Row[], corridors: readonly Corridor[], index: number): boolean {
  const widthOf = (at: number): number => {
    const corridor = corridors[at];
    return corridor ? corridor.right - corridor.left : Number.POSITIVE_INFINITY;
  };
  // Column c lies right of corridor c - 1 and left of corridor c.
  const isLone = (column: number): boolean =>
    rows.filter((row) => (cellsOf(row, corridors)[column] ?? '') !== '').length <= 1;
  return (
    (isLone(index) && widthOf(index) <= widthOf(index - 1)) ||
    (isLone(index + 1) && widthOf(index) < widthOf(index + 1))
  );
}

/** Whether the words left and right of a corridor were found as separate lines in most rows that have both. */
function partsLines(rows: readonly Row[], { left }: Corridor): boolean {
  let both = 0;
  let parted = 0;
  for (const { words } of rows) {
    const before = words.filter((word) => word.right <= left).at(-1);
    const after = words.find((word) => word.right > left);
    if (before === undefined || after === undefined) continue;
    both++;
    if (before.line !== after.line) parted++;
  }
  return both > 0 && parted >= PARTED_SHARE_MIN * both;
}

function cellsOf(row: Row, corridors: readonly Corridor[]): string[] {
  const cells = Array.from({ length: corridors.length + 1 }, (): string[] => []);
  for (const { text, left } of row.words) {
    const column = corridors.filter((corridor) => left >= corridor.right).length;
    cells[column]?.push(text);
  }
  return cells.map((words) => words.join(' '));
}
