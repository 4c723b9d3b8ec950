/**
 * "Any resolution" of LLaVA-NeXT and LLaVA-OneVision: an image is seen whole, squeezed into one square, and as a
 * grid of squares that together keep its aspect. Rows that only show the padding of the grid are left out.
 */
import type { Raster } from '../images/raster.ts';
import { crop } from './pixels.ts';
import { type FilterName, resize } from './resample.ts';
import type { ImageSize } from './vision-language.ts';

/** [height, width] in pixels, multiples of the square's side. */
export type Pinpoint = readonly [height: number, width: number];

/** The grid that shows most of the image's pixels, and wastes least of its own. */
export function bestPinpoint({ width, height }: ImageSize, pinpoints: readonly Pinpoint[]): Pinpoint {
  let best: Pinpoint = pinpoints[0] ?? [height, width];
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const pinpoint of pinpoints) {
    const [tall, wide] = pinpoint;
    const scale = Math.min(wide / width, tall / height);
    const shown = Math.min(Math.trunc(width * scale) * Math.trunc(height * scale), width * height);
    const wasted = wide * tall - shown;
    if (shown > most || (shown === most && wasted < least)) [most, least, best] = [shown, wasted, pinpoint];
  }
  return best;
}

/** The whole image as one square, then the squares of the grid, row by row. */
export function anyresSquares(
  raster: Raster,
  [height, width]: Pinpoint,
  side: number,
  filter: FilterName,
): Raster[] {
  const across = width / raster.width;
  const down = height / raster.height;
  const fitted =
    across < down
      ? { width, height: Math.min(Math.ceil(raster.height * across), height) }
      : { height, width: Math.min(Math.ceil(raster.width * down), width) };
  const resized = resize(raster, fitted.width, fitted.height, filter);
  const left = -Math.floor((width - fitted.width) / 2);
  const top = -Math.floor((height - fitted.height) / 2);
  const squares = [resize(raster, side, side, filter)];
  for (let y = 0; y < height; y += side)
    for (let x = 0; x < width; x += side)
      squares.push(crop(resized, { left: left + x, top: top + y, width: side, height: side }));
  return squares;
}

/** Rows and columns of features: of the whole grid, of the part with the image, and after shrinking. */
export type FeatureGrid = {
  readonly rows: number;
  readonly columns: number;
  readonly top: number;
  readonly left: number;
  readonly seenRows: number;
  readonly seenColumns: number;
  readonly keptRows: number;
  readonly keptColumns: number;
};

/** Beyond this much more than the bound, features are shrunk (OneVision). */
const EXCESS_MIN = 1.1;

/** `patches`: features along one side of a square; `squaresMax` bounds the features to those of so many squares. */
export function featureGrid(
  { width, height }: ImageSize,
  [tall, wide]: Pinpoint,
  {
    side,
    patches,
    squaresMax,
  }: { readonly side: number; readonly patches: number; readonly squaresMax: number },
): FeatureGrid {
  const rows = Math.floor(tall / side) * patches;
  const columns = Math.floor(wide / side) * patches;
  const isWider = width / height > columns / rows;
  const top = isWider ? Math.floor((rows - wholePart(height * (columns / width))) / 2) : 0;
  const left = isWider ? 0 : Math.floor((columns - wholePart(width * (rows / height))) / 2);
  const seenRows = rows - 2 * top;
  const seenColumns = columns - 2 * left;
  const ratio = Math.sqrt((seenRows * seenColumns) / (squaresMax * patches ** 2));
  const shrink = ratio > EXCESS_MIN ? ratio : 1;
  return {
    rows,
    columns,
    top,
    left,
    seenRows,
    seenColumns,
    keptRows: Math.floor(seenRows / shrink),
    keptColumns: Math.floor(seenColumns / shrink),
  };
}

/** As transformers does it: rounded to seven places first, so that 27.000000001 and 26.999999999 are 27. */
function wholePart(value: number): number {
  return Math.trunc(Number(value.toFixed(7)));
}

/** Rows of one image: the whole, then every line of the grid with a newline behind it. */
export function packedRows({ keptRows, keptColumns }: FeatureGrid, patches: number): number {
  return patches ** 2 + keptRows * (keptColumns + 1);
}

/**
 * `squares`: rows of each square, [patches², width] flat, the whole first. Gives [packedRows, width] flat.
 */
export function packFeatures(
  [whole, ...squares]: readonly Float32Array[],
  grid: FeatureGrid,
  patches: number,
  newline: Float32Array,
): Float32Array {
  const width = newline.length;
  const across = grid.columns / patches;
  const result = new Float32Array(packedRows(grid, patches) * width);
  result.set(whole as Float32Array);
  let at = patches ** 2 * width;
  const cell = (row: number, column: number): Float32Array => {
    const [y, x] = [grid.top + row, grid.left + column];
    const square = squares[Math.floor(y / patches) * across + Math.floor(x / patches)] as Float32Array;
    const index = (y % patches) * patches + (x % patches);
    return square.subarray(index * width, (index + 1) * width);
  };
  const shrinks = grid.keptRows !== grid.seenRows || grid.keptColumns !== grid.seenColumns;
  for (let row = 0; row < grid.keptRows; row++) {
    for (let column = 0; column < grid.keptColumns; column++, at += width) {
      if (shrinks) blend(result.subarray(at, at + width), grid, { row, column }, cell);
      else result.set(cell(row, column), at);
    }
    result.set(newline, at);
    at += width;
  }
  return result;
}

/** Bilinear, between the centres of cells, without antialiasing: torch's `interpolate`. */
function blend(
  target: Float32Array,
  { seenRows, seenColumns, keptRows, keptColumns }: FeatureGrid,
  { row, column }: { readonly row: number; readonly column: number },
  cell: (row: number, column: number) => Float32Array,
): void {
  const [y, nextY, downShare] = between(row, seenRows, keptRows);
  const [x, nextX, acrossShare] = between(column, seenColumns, keptColumns);
  const corners = [
    [cell(y, x), (1 - acrossShare) * (1 - downShare)],
    [cell(y, nextX), acrossShare * (1 - downShare)],
    [cell(nextY, x), (1 - acrossShare) * downShare],
    [cell(nextY, nextX), acrossShare * downShare],
  ] as const;
  for (const [values, share] of corners)
    for (let index = 0; index < target.length; index++)
      target[index] = (target[index] as number) + share * (values[index] as number);
}

/** The two source positions that a target position lies between, and the share of the second. */
function between(index: number, source: number, target: number): readonly [number, number, number] {
  const position = Math.max(0, (index + 0.5) * (source / target) - 0.5);
  const first = Math.min(Math.floor(position), source - 1);
  return [first, Math.min(first + 1, source - 1), position - first];
}
