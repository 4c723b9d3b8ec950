/** Boxes of models: fractions in any order, inside or outside the image, made into whole pixels. */

import { ToolFailure } from '#backend/tools/tool';
import { IMAGE_ASPECT_MAX } from '#shared/limits';

/** Fractions of width and height: left, top, right, bottom. */
export type Box = readonly [number, number, number, number];

/** Whole pixels; `right` and `bottom` are the first ones outside. */
export type PixelBox = {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
};

/** Fractions times sizes are never quite whole: 0.7 * 10 must give 7 pixels, not 8. */
const ROUNDING = 1e-6;

type Size = { readonly width: number; readonly height: number };

/**
 * Orders and clamps a box, and rounds it outwards to at least one pixel.
 * Throws ToolFailure: box_not_fractions, empty_box.
 */
export function pixelBox(box: Box, { width, height }: Size): PixelBox {
  if (!box.every(Number.isFinite)) throw notFractions(box);
  // Values like 340 are pixels: clamping them would silently turn the box into something else.
  if (box.some((value) => value > 2 || value < -1)) throw notFractions(box);
  const [x0, y0, x1, y1] = box;
  const [left, right] = [clamp(Math.min(x0, x1)), clamp(Math.max(x0, x1))];
  const [top, bottom] = [clamp(Math.min(y0, y1)), clamp(Math.max(y0, y1))];
  if (left >= right || top >= bottom) {
    throw new ToolFailure(
      'empty_box',
      `Expected a box with an area inside the image, [left, top, right, bottom] in 0..1; [${box.join(', ')}] has none.`,
    );
  }
  const pixels = {
    left: Math.min(width - 1, Math.floor(left * width + ROUNDING)),
    top: Math.min(height - 1, Math.floor(top * height + ROUNDING)),
    right: Math.ceil(right * width - ROUNDING),
    bottom: Math.ceil(bottom * height - ROUNDING),
  };
  return {
    ...pixels,
    right: Math.max(pixels.left + 1, pixels.right),
    bottom: Math.max(pixels.top + 1, pixels.bottom),
  };
}

/** Grows a box about its centre by `margin` of its size in all (0.5: a quarter on each side), within the image. */
export function expandBox(box: PixelBox, margin: number, { width, height }: Size): PixelBox {
  const extraX = Math.trunc(((box.right - box.left) * margin) / 2);
  const extraY = Math.trunc(((box.bottom - box.top) * margin) / 2);
  return {
    left: Math.max(0, box.left - extraX),
    top: Math.max(0, box.top - extraY),
    right: Math.min(width, box.right + extraX),
    bottom: Math.min(height, box.bottom + extraY),
  };
}

/** Grows the short side, within the image, until the box is no thinner than an image may be. */
export function thickenBox(box: PixelBox, { width, height }: Size): PixelBox {
  const shortest = Math.ceil(Math.max(box.right - box.left, box.bottom - box.top) / IMAGE_ASPECT_MAX);
  const [left, right] = stretch(box.left, box.right, shortest, width);
  const [top, bottom] = stretch(box.top, box.bottom, shortest, height);
  return { left, top, right, bottom };
}

function stretch(start: number, end: number, length: number, limit: number): [number, number] {
  if (end - start >= length) return [start, end];
  const first = Math.max(0, Math.min(limit - length, Math.floor((start + end - length) / 2)));
  return [first, Math.min(limit, first + length)];
}

/** The fractions of a pixel box, to four digits. */
export function fractionsOf(box: PixelBox, { width, height }: Size): [number, number, number, number] {
  const round = (value: number): number => Math.round(value * 10_000) / 10_000;
  return [
    round(box.left / width),
    round(box.top / height),
    round(box.right / width),
    round(box.bottom / height),
  ];
}

/**
 * A box as an observation has it: two digits, as planners were trained on. A side that this would make empty
 * becomes a hundredth of the image, so that the box can be given to another tool.
 */
export function observedBox([left, top, right, bottom]: readonly [number, number, number, number]): [
  number,
  number,
  number,
  number,
] {
  const [x0, x1] = observedSide(clamp(left), clamp(right));
  const [y0, y1] = observedSide(clamp(top), clamp(bottom));
  return [x0, y0, x1, y1];
}

function observedSide(start: number, end: number): [number, number] {
  const [first, last] = [roundTo2(start), roundTo2(end)];
  if (first < last) return [first, last];
  // The hundredth that its middle lies in.
  const hundredth = Math.min(99, Math.floor(((start + end) / 2) * 100 + ROUNDING));
  return [hundredth / 100, (hundredth + 1) / 100];
}

/** Numbers in observations have two digits. */
export function roundTo2(value: number): number {
  return Math.round(value * 100) / 100;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function notFractions(box: Box): ToolFailure {
  return new ToolFailure(
    'box_not_fractions',
    `Expected [left, top, right, bottom] as fractions of the image, each 0..1; [${box.join(', ')}] came. Divide pixels by the width or height.`,
  );
}
