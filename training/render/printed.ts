/** Where the print of a page stands in its picture: what detection is measured against. */
import type { Point } from './drawing.ts';
import type { PlacedText } from './layout.ts';
import { outlineText } from './page.ts';
import type { Warp } from './warp.ts';

export type PrintedLine = {
  readonly text: string;
  /** Index of the row of the scene that the cell belongs to. */
  readonly row: number;
  /**
   * Around the ink, in pixels: along the top from the first character to the last, then back along
   * the bottom, so the first, middle and last points follow the bend of the page.
   */
  readonly outline: readonly Point[];
};

/** Pieces of an edge: a curled page bends its lines. */
const PIECES = 4;

/** One cell in the picture of `warp`, before quarter turns. A text without ink is a point. */
export function inkOutline(placed: PlacedText, row: number, tracking: number, { map }: Warp): PrintedLine {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const command of outlineText(placed, tracking)) {
    if (command.type === 'Z') continue;
    left = Math.min(left, command.x);
    right = Math.max(right, command.x);
    top = Math.min(top, command.y);
    bottom = Math.max(bottom, command.y);
  }
  if (left > right) {
    left = right = placed.left;
    top = bottom = placed.baseline;
  }
  const edge = (from: number, to: number, y: number): Point[] =>
    Array.from({ length: PIECES + 1 }, (_, index) => map(from + ((to - from) * index) / PIECES, y));
  return { text: placed.text, row, outline: [...edge(left, right, top), ...edge(right, left, bottom)] };
}

/** The same cell after `turns` quarter turns, clockwise, of a picture of the given size. */
export function turnedLine(
  line: PrintedLine,
  turns: 0 | 1 | 2 | 3,
  { width, height }: { readonly width: number; readonly height: number },
): PrintedLine {
  const turned = ([x, y]: Point): Point => {
    switch (turns) {
      case 0:
        return [x, y];
      case 1:
        return [height - y, x];
      case 2:
        return [width - x, height - y];
      case 3:
        return [y, width - x];
    }
  };
  return { ...line, outline: line.outline.map(turned) };
}
