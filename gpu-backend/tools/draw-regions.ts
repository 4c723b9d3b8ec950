/** Boxes with labels under their lower left corners, drawn into a copy of an image. */

import type { Colour } from '#backend/images/draw';
import { type Canvas, copyPart, type LabelStyle, label, labelSize, outline } from '#backend/images/draw';
import type { Raster } from '#backend/images/raster';
import type { PixelBox } from '#backend/tools/boxes';
import { inkOn, lineWidth } from '#backend/tools/colours';

export type DrawnRegion = { readonly box: PixelBox; readonly label?: string | undefined };

export function drawRegions(source: Raster, regions: readonly DrawnRegion[], colour: Colour): Raster {
  const canvas = copyPart(source, { left: 0, top: 0, right: source.width, bottom: source.height });
  const line = lineWidth(canvas);
  // A glyph has 7 rows: twice the line width gives some 16 pixels in an image of 1,000.
  const style = { scale: Math.max(1, Math.round(line / 2)), background: colour, ink: inkOn(colour) };
  for (const { box } of regions) outline(canvas, box, colour, line);
  // Labels last, so that no box crosses the text of another.
  for (const region of regions) if (region.label) placeLabel(canvas, region.label, region.box, style);
  return canvas;
}

/** Under the lower left corner; inside the image where it would stand out. */
function placeLabel(canvas: Canvas, text: string, box: PixelBox, style: LabelStyle): void {
  const characters = Math.max(1, Math.floor(canvas.width / labelSize(' ', style.scale).width));
  const shown = [...text].slice(0, characters).join('');
  const { width, height } = labelSize(shown, style.scale);
  const left = Math.max(0, Math.min(box.left, canvas.width - width));
  const top = box.bottom + height <= canvas.height ? box.bottom : Math.max(0, box.bottom - height);
  label(canvas, shown, { left, top }, style);
}
