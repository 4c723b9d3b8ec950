/** VisualizeRegionsOnImage: boxes with labels under their lower left corners. */

import { type Canvas, copyPart, type LabelStyle, label, labelSize, outline } from '#backend/images/draw';
import { type Box, type PixelBox, pixelBox } from '#backend/tools/boxes';
import { colours, inkOn, lineWidth } from '#backend/tools/colours';
import { ToolFailure, type ToolHandler } from '#backend/tools/tool';
import type { visualizeRegionsOnImage as spec } from '#shared/tools/visualize-regions-on-image';

export const visualizeRegionsOnImage: ToolHandler<typeof spec> = async (input, context) => {
  const source = await context.image(input.image);
  const boxes = input.regions.map(({ bbox }, index) => boxOfRegion(bbox, index, source));
  const canvas = copyPart(source, { left: 0, top: 0, right: source.width, bottom: source.height });
  const colour = colours[input.color ?? 'yellow'];
  const line = lineWidth(canvas);
  // A glyph has 7 rows: twice the line width gives some 16 pixels in an image of 1,000.
  const style = { scale: Math.max(1, Math.round(line / 2)), background: colour, ink: inkOn(colour) };
  for (const box of boxes) outline(canvas, box, colour, line);
  // Labels last, so that no box crosses the text of another.
  input.regions.forEach((region, index) => {
    const box = boxes[index];
    if (region.label && box) placeLabel(canvas, region.label, box, style);
  });
  return { observation: { drawn: boxes.length }, image: canvas };
};

/** Under the lower left corner; inside the image where it would stand out. */
function placeLabel(canvas: Canvas, text: string, box: PixelBox, style: LabelStyle): void {
  const characters = Math.max(1, Math.floor(canvas.width / labelSize(' ', style.scale).width));
  const shown = [...text].slice(0, characters).join('');
  const { width, height } = labelSize(shown, style.scale);
  const left = Math.max(0, Math.min(box.left, canvas.width - width));
  const top = box.bottom + height <= canvas.height ? box.bottom : Math.max(0, box.bottom - height);
  label(canvas, shown, { left, top }, style);
}

function boxOfRegion(box: Box, index: number, size: Canvas): PixelBox {
  try {
    return pixelBox(box, size);
  } catch (error) {
    if (error instanceof ToolFailure)
      throw new ToolFailure(error.code, `regions[${index}].bbox: ${error.message}`);
    throw error;
  }
}
