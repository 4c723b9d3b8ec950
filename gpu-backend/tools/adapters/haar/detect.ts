/** `detectMultiScale` of OpenCV 4: a window of fixed size slides over ever smaller copies of the image. */
import { setImmediate } from 'node:timers/promises';
import type { Cascade, Sums, WindowTest } from './cascade.ts';
import { type Gray, resizeExact, roundHalfToEven, sumInto } from './gray.ts';
import { type Group, groupRectangles, type Rectangle } from './group.ts';

export type Search = {
  /** From one copy to the next; above 1. */
  readonly scaleFactor: number;
  /** A find has more windows than that. */
  readonly minNeighbours: number;
  /** Of a find's sides, in pixels. */
  readonly minSize: number;
};

/** Finds in pixels, most neighbours first. Rejects when the signal fires, which is heard between two copies. */
export async function detectMultiScale(
  cascade: Cascade,
  image: Gray,
  { scaleFactor, minNeighbours, minSize }: Search,
  signal: AbortSignal,
): Promise<Group[]> {
  const scales = scalesFor(cascade, image, scaleFactor, minSize);
  const [largest] = scales;
  if (largest === undefined) return [];
  const stride = sizeAt(image, largest).width + 1;
  const area = stride * (sizeAt(image, largest).height + 1);
  const sums: Sums = { plain: new Int32Array(area), squared: new Int32Array(area), stride };
  const test = cascade.windows(stride);
  const found: Rectangle[] = [];
  for (const scale of scales) {
    signal.throwIfAborted();
    const { width, height } = sizeAt(image, scale);
    const copy = resizeExact(image, width, height);
    sumInto(sums, copy);
    found.push(...windowsOf(cascade, test, sums, copy, scale));
    await setImmediate();
  }
  return groupRectangles(found, minNeighbours).toSorted((a, b) => b.neighbours - a.neighbours);
}

/** Float32, as OpenCV keeps them. */
function scalesFor(window: Cascade, image: Gray, scaleFactor: number, minSize: number): number[] {
  const scales: number[] = [];
  for (let factor = 1; ; factor *= scaleFactor) {
    const fits = (side: 'width' | 'height'): boolean => roundHalfToEven(window[side] * factor) <= image[side];
    if (!fits('width') || !fits('height')) return scales;
    const scale = Math.fround(factor);
    const { width, height } = sizedWindow(window, scale);
    if (width >= minSize && height >= minSize) scales.push(scale);
  }
}

function sizeAt({ width, height }: Gray, scale: number): { width: number; height: number } {
  return { width: roundedFloat(width / scale), height: roundedFloat(height / scale) };
}

function sizedWindow({ width, height }: Cascade, scale: number): { width: number; height: number } {
  return { width: roundedFloat(width * scale), height: roundedFloat(height * scale) };
}

/** Every second pixel of a large copy, each of a small one; where the first stage says no, one place is left out. */
function windowsOf(cascade: Cascade, test: WindowTest, sums: Sums, copy: Gray, scale: number): Rectangle[] {
  const found: Rectangle[] = [];
  const size = sizedWindow(cascade, scale);
  const step = scale >= 2 ? 1 : 2;
  for (let y = 0; y <= copy.height - cascade.height; y += step) {
    for (let x = 0; x <= copy.width - cascade.width; x += step) {
      const answer = test(sums, x, y);
      if (answer === 'passed')
        found.push({ x: roundedFloat(x * scale), y: roundedFloat(y * scale), ...size });
      else if (answer === 0) x += step;
    }
  }
  return found;
}

function roundedFloat(value: number): number {
  return roundHalfToEven(Math.fround(value));
}
