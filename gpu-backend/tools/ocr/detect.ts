/** Where text is: PP-OCR's differentiable-binarisation detector over overlapping tiles of one scaled image. */
import { openSession, Tensor } from '#backend/engine/runtime';
import type { Pyramid } from '#backend/images/pyramid';
import { type Direction, medianDirection } from './angle.ts';
import { type Blob, blobsOf } from './components.ts';
import { boxAtDirection, growBox, medianOf, minAreaBox, type RotatedBox, scaleBox } from './geometry.ts';
import { type Heat, heatOf } from './heat.ts';
import { mergeParts, type ScoredBox } from './merge.ts';
import { padRaster, planesOf, resizeFrom } from './pixels.ts';
import { type Frame, frameOf, type Size } from './sizing.ts';

/** ImageNet statistics applied in BGR order, as PaddleX does for this detector. */
const NORMALISATION = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;
/** PaddleX's thresholds: pixel, box, unclip ratio, shortest side before and after growing. */
const PIXEL_THRESHOLD = 0.3;
const BOX_THRESHOLD = 0.6;
const UNCLIP_RATIO = 1.5;
const SHORT_SIDE_MIN = 3;
/** The graph needs sides that are multiples of 32. */
const STRIDE = 32;
/** Larger inputs run as tiles: one run of 1536x1152 would hold half a gigabyte of activations. */
const TILE_WIDTH_MAX = 800;
const TILE_HEIGHT_MAX = 640;
const TILE_OVERLAP = 96;
/** Below this ratio of the sides the tightest rectangle says nothing about the direction of the text. */
const ASPECT_OF_DIRECTION = 2;
/** A lone figure is taller than wide too; only a longer box across the rows of the page reads sideways. */
const ASPECT_OF_SIDEWAYS = 3;
/** A line that leans from the page by less than this sine takes the page's angle ... */
const LEAN_MAX = 0.07;
/** ... where that makes its rectangle no larger than by this factor: the edge of a blob is ragged. */
const LEAN_AREA_MAX = 1.25;
/** What is lower than this part of the median height of so many boxes is a speck of a figure. */
const SPECK_MAX = 0.75;
const BOXES_OF_PAGE_MIN = 4;
/** The largest blobs are kept; PaddleX keeps 1000. */
const CANDIDATES_MAX = 400;

export type DetectedBox = ScoredBox;

export type DetectOptions = { readonly where?: Heat; readonly signal?: AbortSignal };
export type Detection = { readonly boxes: DetectedBox[]; readonly heat: Heat };

export type Detector = {
  /**
   * Boxes of text lines in pixels of the image, each with its long side (or the page's axis, for
   * short words) as reading direction. The image is scaled by `scale` first. Tiles where `where` is cold are
   * left out.
   */
  detect(pyramid: Pyramid, scale: number, options?: DetectOptions): Promise<Detection>;
  release(): Promise<void>;
};

export async function openDetector(file: string, threads: number): Promise<Detector> {
  const session = await openSession(file, { threads });
  const input = session.inputNames[0] ?? 'x';
  const output = session.outputNames[0] ?? '';
  const runTile = async (planes: Float32Array, width: number, height: number): Promise<Float32Array> => {
    const result = await session.run({ [input]: new Tensor('float32', planes, [1, 3, height, width]) });
    return result[output]?.data as Float32Array;
  };
  return {
    detect: async (pyramid, scale, { where, signal } = {}) => {
      const { width, height } = scaledSize(pyramid.image, scale);
      const frame = frameOf({ width, height });
      const framed = padRaster(
        resizeFrom(pyramid, width, height),
        frame.left,
        frame.top,
        frame.width,
        frame.height,
      );
      const map = new Float32Array(framed.width * framed.height);
      const tiles = tilesFor({ width, height }, frame, where);
      for (const tile of tiles) {
        signal?.throwIfAborted();
        const { row, column } = tile;
        const window = { x: column.start, y: row.start, width: column.size, height: row.size };
        const part = await runTile(planesOf(framed, NORMALISATION, window), column.size, row.size);
        copyOwned(part, tile, map, framed.width);
      }
      const factor = pyramid.image.width / width;
      return {
        boxes: boxesOf(blobsOf(map, framed.width, framed.height, PIXEL_THRESHOLD)).map(({ box, score }) => ({
          box: scaleBox(box, factor, -frame.left * factor, -frame.top * factor),
          score,
        })),
        heat: heatOf(map, frame, { width, height }),
      };
    },
    release: () => session.release(),
  };
}

type Span = { readonly start: number; readonly size: number; readonly from: number; readonly to: number };

/** Equal tiles along one axis; each owns [from, to), which meets its neighbours amid the overlap. */
export function tileSpans(length: number, tileMax: number, overlap: number, stride: number): Span[] {
  const count = Math.max(1, Math.ceil((length - overlap) / (tileMax - overlap)));
  const size = Math.ceil((length + overlap * (count - 1)) / count / stride) * stride;
  const start = (i: number): number => Math.max(0, Math.min(i * (size - overlap), length - size));
  return Array.from({ length: count }, (_, i) => ({
    start: start(i),
    size,
    from: i === 0 ? 0 : (start(i) + start(i - 1) + size) >> 1,
    to: i === count - 1 ? length : (start(i + 1) + start(i) + size) >> 1,
  }));
}

type Tile = { readonly row: Span; readonly column: Span };

/** The tiles of a framed image whose pixels are not all cold; all of them where nothing is known. */
function tilesFor(size: Size, frame: Frame, where: Heat | undefined): Tile[] {
  return tileSpans(frame.height, TILE_HEIGHT_MAX, TILE_OVERLAP, STRIDE).flatMap((row) =>
    tileSpans(frame.width, TILE_WIDTH_MAX, TILE_OVERLAP, STRIDE)
      .map((column) => ({ row, column }))
      .filter(
        ({ column }) =>
          where === undefined ||
          where.isHot(
            (column.start - frame.left) / size.width,
            (row.start - frame.top) / size.height,
            (column.start + column.size - frame.left) / size.width,
            (row.start + row.size - frame.top) / size.height,
          ),
      ),
  );
}

/** How many tiles a look at this scale takes. */
export function tileCount(image: Size, scale: number, where: Heat | undefined): number {
  const size = scaledSize(image, scale);
  return tilesFor(size, frameOf(size), where).length;
}

const scaledSize = ({ width, height }: Size, scale: number): Size => ({
  width: Math.max(1, Math.round(width * scale)),
  height: Math.max(1, Math.round(height * scale)),
});

function copyOwned(part: Float32Array, { row, column }: Tile, map: Float32Array, width: number): void {
  for (let y = row.from; y < row.to; y++) {
    const base = (y - row.start) * column.size - column.start;
    map.set(part.subarray(base + column.from, base + column.to), y * width + column.from);
  }
}

/** Rectangles of the blobs that are likely text, grown back to the full height of their letters. */
export function boxesOf(blobs: readonly Blob[]): DetectedBox[] {
  const likely = blobs
    .filter((blob) => blob.score >= BOX_THRESHOLD)
    .sort((a, b) => b.pixels - a.pixels)
    .slice(0, CANDIDATES_MAX)
    .map((blob) => ({ blob, box: alongLongSide(minAreaBox(blob.hull)) }));
  const page = pageDirection(
    likely
      .filter(({ box }) => isLong(box))
      .map(({ blob, box }) => alongLongSide({ ...box, ...facing(blob.axis, box) })),
  );
  const grown = likely
    .map(({ blob, box }) => ({ score: blob.score, box: alignedBox(blob, box, page) }))
    .map(({ box, score }) => ({ score, box: growBox(box, 0.5) }))
    .filter(({ box }) => Math.min(box.width, box.height) >= SHORT_SIDE_MIN)
    .map(({ box, score }) => {
      const distance = (box.width * box.height * UNCLIP_RATIO) / (2 * (box.width + box.height));
      return { score, box: growBox(box, distance) };
    });
  return mergeParts(fullHeight(grown));
}

/** A lone figure may be found as a speck of itself: on a page of several boxes it gets the height of the others. */
function fullHeight(boxes: readonly DetectedBox[]): DetectedBox[] {
  if (boxes.length < BOXES_OF_PAGE_MIN) return [...boxes];
  const height = medianOf(boxes.map(({ box }) => Math.min(box.width, box.height)));
  return boxes.map(({ box, score }) => {
    const missing = height - Math.max(box.width, box.height);
    const isSpeck = box.height < SPECK_MAX * height && missing > 0;
    return { score, box: isSpeck ? growBox(box, missing / 2) : box };
  });
}

/** The tightest rectangle, or the one at the angle of the page where the tightest says less than the page. */
function alignedBox(blob: Blob, box: RotatedBox, page: Direction): RotatedBox {
  const aligned = boxAtDirection(blob.hull, page.ux, page.uy);
  if (!isLong(box)) return aligned;
  const across = Math.abs(box.ux * page.ux + box.uy * page.uy) < Math.SQRT1_2;
  if (across && box.width + 1 < ASPECT_OF_SIDEWAYS * (box.height + 1)) return aligned;
  const lean = Math.abs(blob.axis.ux * page.uy - blob.axis.uy * page.ux);
  const area = ({ width, height }: RotatedBox): number => (width + 1) * (height + 1);
  return lean <= LEAN_MAX && area(aligned) <= LEAN_AREA_MAX * area(box) ? aligned : box;
}

/** The axis of a blob, turned to point the way that its box reads. */
function facing({ ux, uy }: Direction, box: RotatedBox): Direction {
  return ux * box.ux + uy * box.uy < 0 ? { ux: -ux, uy: -uy } : { ux, uy };
}

const isLong = ({ width, height }: RotatedBox): boolean =>
  Math.max(width, height) + 1 >= ASPECT_OF_DIRECTION * (Math.min(width, height) + 1);

/** The same rectangle, named so that it reads along its long side, to the right or upward. */
function alongLongSide(box: RotatedBox): RotatedBox {
  const { width, height, ux, uy } = box;
  const long = width >= height ? box : { ...box, width: height, height: width, ux: -uy, uy: ux };
  const upright = Math.abs(long.ux) >= Math.abs(long.uy);
  const turned = upright ? long.ux < 0 : long.uy > 0;
  return turned ? { ...long, ux: -long.ux + 0, uy: -long.uy + 0 } : long;
}

/** The direction of the rows along the axis that most text follows; (1, 0) without any box. */
function pageDirection(boxes: readonly RotatedBox[]): Direction {
  const weight = (some: readonly RotatedBox[]): number => some.reduce((sum, { width }) => sum + width, 0);
  const across = boxes.filter(({ ux, uy }) => Math.abs(ux) >= Math.abs(uy));
  const upward = boxes.filter(({ ux, uy }) => Math.abs(ux) < Math.abs(uy));
  const main = weight(across) >= weight(upward) ? across : upward;
  return medianDirection(main);
}
