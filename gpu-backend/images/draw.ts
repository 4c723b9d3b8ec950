/** Drawing into pixels: rectangles, outlines and labels. No fonts of the machine are needed. */

import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRows } from '#backend/images/glyphs';
import type { PixelBox } from '#backend/tools/boxes';

export type Colour = readonly [number, number, number];

/** Pixels that may be drawn into. */
export type Canvas = { readonly data: Uint8Array; readonly width: number; readonly height: number };

/** Columns from one character to the next, before scaling. */
const ADVANCE = GLYPH_WIDTH + 1;

/** A copy of a part of an image. */
export function copyPart(source: Canvas, part: PixelBox): Canvas {
  const width = part.right - part.left;
  const height = part.bottom - part.top;
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = ((part.top + row) * source.width + part.left) * 3;
    data.set(source.data.subarray(from, from + width * 3), row * width * 3);
  }
  return { data, width, height };
}

/** Fills a rectangle; what lies outside the canvas is left out. */
export function fill(canvas: Canvas, box: PixelBox, colour: Colour): void {
  const left = Math.max(0, box.left);
  const right = Math.min(canvas.width, box.right);
  const bottom = Math.min(canvas.height, box.bottom);
  for (let y = Math.max(0, box.top); y < bottom; y++) {
    let at = (y * canvas.width + left) * 3;
    for (let x = left; x < right; x++) {
      for (const value of colour) canvas.data[at++] = value;
    }
  }
}

/** The border of a rectangle, `line` pixels wide, inside it. */
export function outline(canvas: Canvas, box: PixelBox, colour: Colour, line: number): void {
  const { left, top, right, bottom } = box;
  fill(canvas, { left, top, right, bottom: Math.min(bottom, top + line) }, colour);
  fill(canvas, { left, top: Math.max(top, bottom - line), right, bottom }, colour);
  fill(canvas, { left, top, right: Math.min(right, left + line), bottom }, colour);
  fill(canvas, { left: Math.max(left, right - line), top, right, bottom }, colour);
}

/** Width and height in pixels of a label with its padding of one scaled pixel. */
export function labelSize(text: string, scale: number): { readonly width: number; readonly height: number } {
  const characters = [...text].length;
  return { width: (characters * ADVANCE + 1) * scale, height: (GLYPH_HEIGHT + 2) * scale };
}

/** A filled box with its text, the top left corner at (left, top). */
export function label(
  canvas: Canvas,
  text: string,
  at: { left: number; top: number },
  style: LabelStyle,
): void {
  const { width, height } = labelSize(text, style.scale);
  fill(
    canvas,
    { left: at.left, top: at.top, right: at.left + width, bottom: at.top + height },
    style.background,
  );
  const { scale } = style;
  [...text].forEach((character, position) => {
    const left = at.left + (position * ADVANCE + 1) * scale;
    glyphRows(character).forEach((bits, row) => {
      for (let column = 0; column < GLYPH_WIDTH; column++) {
        if ((bits & (1 << (GLYPH_WIDTH - 1 - column))) === 0) continue;
        const x = left + column * scale;
        const y = at.top + (row + 1) * scale;
        fill(canvas, { left: x, top: y, right: x + scale, bottom: y + scale }, style.ink);
      }
    });
  });
}

export type LabelStyle = { readonly scale: number; readonly background: Colour; readonly ink: Colour };
