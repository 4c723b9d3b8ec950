/**
 * A column of short cells, such as two-figure prices, may be detected as one tall box, which then looks
 * like text on its side. This parts it into its cells.
 */
import type { Raster } from '#backend/images/raster';
import { type RotatedBox, turnBox } from './geometry.ts';
import { inkOf } from './spaces.ts';

/** A cell is at least this long against the height of the strip; shorter ink is a speck or a rule. */
const CELL_MIN = 0.2;
/** White space around the ink of a cell, as part of its length. */
const CELL_MARGIN = 0.2;

/**
 * The cells of a box that lies across the rows of the page, each turned to read along them.
 * `strip` holds the pixels of the box along its own direction; (ux, uy) is the way that the page reads.
 */
export function cellsOfStack(
  box: RotatedBox,
  strip: Raster,
  page: { readonly ux: number; readonly uy: number },
): RotatedBox[] {
  return inkRuns(inkOf(strip).columns)
    .filter(([from, to]) => to - from >= CELL_MIN * strip.height)
    .map(([from, to]) => {
      const scale = box.width / strip.width;
      const along = ((from + to) / 2) * scale - box.width / 2;
      const length = (to - from) * scale * (1 + 2 * CELL_MARGIN);
      const cell = { ...box, x: box.x + along * box.ux, y: box.y + along * box.uy, width: length };
      const turned = turnBox(cell, 1);
      return turned.ux * page.ux + turned.uy * page.uy > 0 ? turned : turnBox(cell, 3);
    });
}

/** Runs of columns with ink, as [from, to) pairs. */
export function inkRuns(columns: Uint8Array): [from: number, to: number][] {
  const runs: [number, number][] = [];
  for (let x = 0; x < columns.length; x++) {
    if ((columns[x] ?? 0) === 0) continue;
    const run = runs.at(-1);
    if (run !== undefined && run[1] === x) run[1] = x + 1;
    else runs.push([x, x + 1]);
  }
  return runs;
}
