/** Puts the cells of a scene on a page: widths, columns, base lines. Nothing is wrapped or cut. */

import type { Random } from '#training/random';
import type { Cell, Row, Scene } from '#training/scenes/scene';
import { BODY } from './drawing.ts';
import { type Face, type FontFamily, openFace } from './fonts.ts';
import type { Style } from './styles.ts';

/** Gap between neighbouring cells, in body sizes. */
const CELL_GAP = 1.6;
const RULE_SPACE = 0.5;

export type PlacedText = {
  readonly text: string;
  readonly face: Face;
  /** Pixels per em in page units. */
  readonly size: number;
  readonly left: number;
  readonly right: number;
  readonly baseline: number;
  readonly heading: boolean;
};

export type PlacedRow = {
  readonly row: Row;
  readonly top: number;
  readonly bottom: number;
  readonly texts: readonly PlacedText[];
  /** Where a rule of this row stands. */
  readonly ruleAt?: number;
};

export type PageLayout = {
  readonly width: number;
  readonly height: number;
  readonly margin: number;
  readonly rows: readonly PlacedRow[];
  /** Left edges of the columns of a grid and the right edge of the last; empty without a grid. */
  readonly columnEdges: readonly number[];
  readonly pitch: number;
  readonly tracking: number;
};

type Metrics = { readonly family: FontFamily; readonly tracking: number };

const between = (random: Random, [low, high]: readonly [number, number]): number =>
  low + (high - low) * random.next();

export function layoutScene(scene: Scene, style: Style, family: FontFamily, random: Random): PageLayout {
  const metrics = { family, tracking: between(random, style.tracking ?? [0, 0.02]) };
  const pitch = between(random, style.pitch);
  const margin = between(random, style.margin) * BODY;
  const columns = columnsOf(scene, metrics);
  const needed = Math.max(
    ...scene.rows.map((row) =>
      row.cells.length > 1 && style.columns !== 'joined'
        ? columnsWidth(columns, row.cells.length)
        : joinedWidth(row, metrics),
    ),
    6 * BODY,
  );
  const content = needed * (1 + between(random, style.spread));
  const context: RowContext = { style, metrics, columns, left: margin, content, pitch };
  const rows: PlacedRow[] = [];
  let top = margin;
  for (const row of scene.rows) {
    const placed = placeRow(row, top, context);
    rows.push(placed);
    top = placed.bottom;
  }
  return {
    width: content + 2 * margin,
    height: top + margin,
    margin,
    rows,
    columnEdges: style.columns === 'grid' ? gridEdges(scene, context) : [],
    pitch,
    tracking: metrics.tracking,
  };
}

/** Width of a text in page units. */
export function textWidth(text: string, face: Face, size: number, tracking: number): number {
  const characters = [...text];
  let em = 0;
  for (const [index, character] of characters.entries()) {
    const next = characters[index + 1];
    em += face.glyph(character).advance + (next === undefined ? 0 : face.kerning(character, next) + tracking);
  }
  return em * size;
}

type RowContext = {
  readonly style: Style;
  readonly metrics: Metrics;
  readonly columns: ReadonlyMap<number, readonly number[]>;
  readonly left: number;
  readonly content: number;
  readonly pitch: number;
};

function placeRow(row: Row, start: number, context: RowContext): PlacedRow {
  const { pitch } = context;
  const size = Math.max(...row.cells.map((cell) => cell.size ?? 1), 0.6) * BODY;
  const above = row.rule === 'above' ? RULE_SPACE * BODY : 0;
  const below = row.rule === 'below' ? RULE_SPACE * BODY : 0;
  const top = start + (row.gap ?? 0) * pitch * BODY + above;
  const bottom = top + size * pitch;
  const baseline = top + size * (0.5 * pitch + 0.34);
  const texts = boxesOf(row, context).map(({ cell, left, right }): PlacedText => {
    const face = openFace(context.metrics.family, cell.bold ?? false);
    const cellSize = (cell.size ?? 1) * BODY;
    const width = textWidth(cell.text, face, cellSize, context.metrics.tracking);
    const slack = right - left - width;
    const x = left + (cell.align === 'left' ? 0 : cell.align === 'right' ? slack : slack / 2);
    return {
      text: cell.text,
      face,
      size: cellSize,
      left: x,
      right: x + width,
      baseline,
      heading: cellSize > BODY * 1.25,
    };
  });
  const ruleAt = above > 0 ? top - above / 2 : bottom + below / 2;
  return { row, top, bottom: bottom + below, texts, ...(row.rule ? { ruleAt } : {}) };
}

type CellBox = { readonly cell: Cell; readonly left: number; readonly right: number };

function boxesOf(row: Row, context: RowContext): CellBox[] {
  const { left, content, style, metrics } = context;
  const [only] = row.cells;
  if (!only) return [];
  if (row.cells.length === 1) return [{ cell: only, left, right: left + content }];
  const widths =
    style.columns === 'joined'
      ? row.cells.map((cell) => cellWidth(cell, metrics))
      : (context.columns.get(row.cells.length) ?? []);
  const gaps = gapsOf(widths, context);
  let x = left + (gaps[0] ?? 0);
  return row.cells.map((cell, index) => {
    const box = { cell, left: x, right: x + (widths[index] ?? 0) };
    x = box.right + (gaps[index + 1] ?? 0);
    return box;
  });
}

/** Space before the first cell, then after each cell. */
function gapsOf(widths: readonly number[], { style, content }: RowContext): number[] {
  const gap = CELL_GAP * BODY;
  const count = widths.length;
  const slack = content - widths.reduce((sum, width) => sum + width, 0) - gap * (count - 1);
  const inner = Array.from({ length: count - 1 }, () => gap);
  switch (style.columns) {
    case 'joined':
      return [slack / 2, ...inner];
    case 'even':
      return [0, ...inner.map((value) => value + slack / (count - 1))];
    case 'stretch':
      return [0, ...inner.map((value, index) => (index === count - 2 ? value + slack : value))];
    case 'grid': {
      const share = (slack + gap * (count - 1)) / count;
      return [share / 2, ...inner.map(() => share)];
    }
  }
}

/** Column widths for the rows of each cell count. */
function columnsOf(scene: Scene, metrics: Metrics): Map<number, number[]> {
  const columns = new Map<number, number[]>();
  for (const { cells } of scene.rows) {
    const widths = columns.get(cells.length) ?? cells.map(() => 0);
    columns.set(
      cells.length,
      widths.map((width, index) => Math.max(width, cells[index] ? cellWidth(cells[index], metrics) : 0)),
    );
  }
  return columns;
}

function columnsWidth(columns: ReadonlyMap<number, readonly number[]>, count: number): number {
  const widths = columns.get(count) ?? [];
  return widths.reduce((sum, width) => sum + width, 0) + CELL_GAP * BODY * count;
}

function joinedWidth(row: Row, metrics: Metrics): number {
  return row.cells.reduce((sum, cell) => sum + cellWidth(cell, metrics) + CELL_GAP * BODY, -CELL_GAP * BODY);
}

function cellWidth(cell: Cell, { family, tracking }: Metrics): number {
  return textWidth(cell.text, openFace(family, cell.bold ?? false), (cell.size ?? 1) * BODY, tracking);
}

function gridEdges(scene: Scene, context: RowContext): number[] {
  const count = Math.max(0, ...scene.rows.map((row) => row.cells.length));
  const widths = context.columns.get(count) ?? [];
  if (count < 2) return [];
  const share = (context.content - widths.reduce((sum, width) => sum + width, 0)) / count;
  const edges = [context.left];
  for (const width of widths) edges.push((edges.at(-1) ?? 0) + width + share);
  return edges;
}
