/** From heat to upright strips: hulls, boxes, parts, stacks, scales, pixels. */
import { describe, expect, it } from 'vitest';
import { pyramidOf } from '#backend/images/pyramid';
import { blobsOf } from '#backend/tools/ocr/components';
import { boxesOf, tileSpans } from '#backend/tools/ocr/detect';
import {
  boundsOf,
  convexHull,
  cornersOf,
  growBox,
  minAreaBox,
  type RotatedBox,
  turnBox,
} from '#backend/tools/ocr/geometry';
import { heatOf } from '#backend/tools/ocr/heat';
import { mergeParts } from '#backend/tools/ocr/merge';
import { resizeRaster, turnHalf, warpBox } from '#backend/tools/ocr/pixels';
import { finerScale, firstScale, frameOf } from '#backend/tools/ocr/sizing';
import { cellsOfStack, inkRuns } from '#backend/tools/ocr/stack';

const box = (x: number, y: number, width: number, height: number, degrees = 0): RotatedBox => {
  const angle = (degrees * Math.PI) / 180;
  return { x, y, width, height, ux: Math.cos(angle), uy: Math.sin(angle) };
};

describe('geometry', () => {
  it('keeps only the corners of a convex hull', () => {
    const square = [0, 1, 2].flatMap((x) => [0, 1, 2].map((y) => ({ x, y })));
    const hull = convexHull(square).map(({ x, y }) => `${x},${y}`);
    expect(hull.toSorted()).toEqual(['0,0', '0,2', '2,0', '2,2']);
    expect(convexHull([{ x: 3, y: 4 }])).toEqual([{ x: 3, y: 4 }]);
  });

  it.each([0, 17, 45, 80, 120])('finds the tightest rectangle at %i degrees', (degrees) => {
    const found = minAreaBox(convexHull(cornersOf(box(50, 40, 30, 8, degrees))));
    expect(Math.max(found.width, found.height)).toBeCloseTo(30, 6);
    expect(Math.min(found.width, found.height)).toBeCloseTo(8, 6);
    expect([found.x, found.y]).toEqual([expect.closeTo(50, 6), expect.closeTo(40, 6)]);
  });

  it('grows every side and turns in quarters', () => {
    expect(growBox(box(5, 5, 10, 4), 2)).toMatchObject({ x: 5, y: 5, width: 14, height: 8 });
    expect(turnBox(box(5, 5, 10, 4), 1)).toMatchObject({ width: 4, height: 10, ux: 0, uy: 1 });
    expect(turnBox(box(5, 5, 10, 4), -2)).toMatchObject({ width: 10, height: 4, ux: -1, uy: 0 });
  });

  it('gives bounds as fractions that do not leave the image', () => {
    expect(boundsOf(box(0, 50, 40, 20), 100, 100)).toEqual([0, 0.4, 0.2, 0.6]);
  });
});

describe('components and boxes', () => {
  const map = (rows: readonly string[]): [Float32Array, number, number] => {
    const width = rows[0]?.length ?? 0;
    return [Float32Array.from(rows.join(''), (mark) => (mark === '#' ? 0.9 : 0.1)), width, rows.length];
  };

  it('joins pixels that touch at a corner and parts those that do not', () => {
    const blobs = blobsOf(...map(['##....', '..#...', '.....#']), 0.3);
    expect(blobs.map(({ pixels }) => pixels)).toEqual([3, 1]);
    expect(blobs[0]?.score).toBeCloseTo(0.9, 5);
  });

  it('grows a blob by area times 1.5 over perimeter and drops what is thin or unlikely', () => {
    const rows = [
      '.'.repeat(40),
      ...Array.from({ length: 8 }, () => `....${'#'.repeat(30)}......`),
      '.'.repeat(40),
    ];
    const [found] = boxesOf(blobsOf(...map(rows), 0.3));
    const distance = (30 * 8 * 1.5) / (2 * 38);
    expect(found?.box.width).toBeCloseTo(30 + 2 * distance, 5);
    expect(found?.box.height).toBeCloseTo(8 + 2 * distance, 5);
    expect(boxesOf(blobsOf(...map(['....', '.##.', '....']), 0.3))).toEqual([]);
    const faint = blobsOf(...map(rows), 0.3).map((blob) => ({ ...blob, score: 0.4 }));
    expect(boxesOf(faint)).toEqual([]);
  });

  it('gives a speck the height of the other boxes of its page, and leaves a page of few boxes alone', () => {
    const word = (): string[] => Array.from({ length: 8 }, () => `....${'#'.repeat(30)}`.padEnd(60, '.'));
    const gap = Array.from({ length: 12 }, () => '.'.repeat(60));
    const speck = word().map((row, y) => (y >= 2 && y < 6 ? `${row.slice(0, 50)}###${row.slice(53)}` : row));
    const page = [gap, word(), gap, word(), gap, word(), gap, speck, gap].flat();
    const boxes = boxesOf(blobsOf(...map(page), 0.3));
    const heights = boxes.map(({ box: found }) => found.height);
    expect(boxes).toHaveLength(5);
    expect(Math.min(...heights)).toBeGreaterThan(0.9 * Math.max(...heights));
    const two = boxesOf(blobsOf(...map([...gap, ...speck, ...gap]), 0.3));
    expect(Math.min(...two.map(({ box: found }) => found.height))).toBeLessThan(0.9 * Math.max(...heights));
  });

  it.each([31, 992, 993, 1500, 4000])('covers %i pixels with tiles, each pixel owned once', (length) => {
    const spans = tileSpans(length, 992, 96, 32);
    expect(spans[0]?.from).toBe(0);
    expect(spans.at(-1)?.to).toBe(length);
    spans.forEach((span, index) => {
      expect(span.size % 32).toBe(0);
      expect(span.size).toBeLessThanOrEqual(992);
      expect(span.from).toBe(index === 0 ? 0 : spans[index - 1]?.to);
      expect(span.start).toBeLessThanOrEqual(span.from);
      expect(span.start + span.size).toBeGreaterThanOrEqual(span.to);
    });
  });
});

describe('parts and stacks', () => {
  const scored = (one: RotatedBox) => ({ box: one, score: 0.9 });

  it('merges the two halves of a number, not neighbours, rows or a rule', () => {
    const [merged, ...none] = mergeParts([scored(box(50, 20, 50, 28)), scored(box(80, 21, 24, 24))]);
    expect(none).toEqual([]);
    expect(merged?.box).toMatchObject({ x: 58.5, width: 67 });
    expect(mergeParts([scored(box(50, 20, 50, 28)), scored(box(120, 20, 50, 28))])).toHaveLength(2);
    expect(mergeParts([scored(box(50, 20, 50, 28)), scored(box(50, 42, 50, 28))])).toHaveLength(2);
    expect(mergeParts([scored(box(50, 20, 50, 28)), scored(box(60, 30, 200, 24))])).toHaveLength(2);
  });

  it('parts a column of cells that was taken for text on its side', () => {
    const data = new Uint8Array(120 * 48 * 3).fill(255);
    for (let y = 10; y < 38; y++)
      for (const x of [10, 50, 90]) data.fill(0, (y * 120 + x) * 3, (y * 120 + x + 16) * 3);
    const cells = cellsOfStack(box(30, 100, 240, 96, 90), { data, width: 120, height: 48 }, { ux: 1, uy: 0 });
    expect(cells.map(({ x, y }) => [x, y])).toEqual([
      [expect.closeTo(30, 5), expect.closeTo(16, 5)],
      [expect.closeTo(30, 5), expect.closeTo(96, 5)],
      [expect.closeTo(30, 5), expect.closeTo(176, 5)],
    ]);
    expect(cells[0]).toMatchObject({ width: 96, ux: expect.closeTo(1, 9), uy: expect.closeTo(0, 9) });
    data.fill(255, 0, data.length);
    for (let y = 10; y < 38; y++) data.fill(0, (y * 120 + 50) * 3, (y * 120 + 66) * 3);
    const lone = cellsOfStack(box(30, 100, 240, 96, 90), { data, width: 120, height: 48 }, { ux: 1, uy: 0 });
    expect(lone).toHaveLength(1);
    expect(inkRuns(Uint8Array.from([0, 1, 1, 0, 1]))).toEqual([
      [1, 3],
      [4, 5],
    ]);
  });
});

describe('sizing and pixels', () => {
  it('shrinks photos, leaves pages and grows cut-outs', () => {
    expect(firstScale({ width: 4032, height: 3024 })).toBeCloseTo(1536 / 4032);
    expect(firstScale({ width: 800, height: 600 })).toBe(1);
    expect(firstScale({ width: 60, height: 20 })).toBe(3);
  });

  it('looks again where text is small or none was seen', () => {
    const photo = { width: 4032, height: 3024 };
    const scale = firstScale(photo);
    const always = (): boolean => true;
    expect(finerScale(photo, scale, [100, 120, 140], always)).toBeUndefined();
    expect(finerScale(photo, scale, [30, 30, 400], always)).toBeCloseTo(2304 / 4032);
    expect(finerScale(photo, scale, [], always)).toBeCloseTo(2304 / 4032);
    expect(finerScale({ width: 800, height: 600 }, 1, [], always)).toBeUndefined();
  });

  it('looks a third time as finely as it may afford, or not at all', () => {
    const photo = { width: 4032, height: 3024 };
    const second = 2304 / 4032;
    expect(finerScale(photo, second, [18, 18], () => true)).toBeCloseTo(1);
    expect(finerScale(photo, second, [18, 18], (scale) => scale < 0.95)).toBeCloseTo(0.9);
    expect(finerScale(photo, second, [18, 18], () => false)).toBeUndefined();
    expect(finerScale(photo, second, [32, 32], () => true)).toBeUndefined();
    expect(finerScale(photo, second, [], () => true)).toBe(1);
    expect(finerScale({ width: 800, height: 600 }, 1, [6, 6], () => true)).toBe(2);
  });

  it('is warm where a trace of text was seen, and beside it', () => {
    const frame = { left: 16, top: 16, width: 192, height: 112 };
    const size = { width: 160, height: 80 };
    const map = new Float32Array(frame.width * frame.height);
    map[(16 + 40) * frame.width + 16 + 80] = 0.2;
    const heat = heatOf(map, frame, size);
    expect(heat.isHot(0, 0, 1, 1)).toBe(true);
    expect(heat.isHot(0.45, 0.45, 0.55, 0.55)).toBe(true);
    expect(heat.isHot(0, 0, 0.3, 1)).toBe(false);
    expect(heat.isHot(0.7, 0, 1, 1)).toBe(false);
    expect(heat.isHot(0, 0, 1, 0.2)).toBe(false);
  });

  it('frames thin images', () => {
    expect(frameOf({ width: 1600, height: 40 })).toEqual({ left: 16, top: 80, width: 1632, height: 200 });
    expect(frameOf({ width: 2, height: 2 }).width).toBeGreaterThanOrEqual(96);
  });

  it('resizes, turns and warps without shifting', () => {
    const gradient = {
      width: 8,
      height: 4,
      data: Uint8Array.from({ length: 96 }, (_, i) => (Math.floor(i / 3) % 8) * 30),
    };
    const half = resizeRaster(gradient, 4, 2);
    expect([...half.data.subarray(0, 12)].filter((_, i) => i % 3 === 0)).toEqual([21, 75, 135, 189]);
    expect([...turnHalf(gradient).data.subarray(0, 3)]).toEqual([210, 210, 210]);
    const warped = warpBox(pyramidOf(gradient), box(4, 2, 8, 4), 8, 4);
    expect(warped.data).toEqual(gradient.data);
    expect(warpBox(pyramidOf(gradient), box(4, 2, 8, 4, 180), 8, 4).data).toEqual(turnHalf(gradient).data);
  });
});
