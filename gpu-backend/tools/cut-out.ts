/** What Crop and ZoomIn share: a marked box, cut out of its image with a margin. */
import { copyPart, outline } from '#backend/images/draw';
import type { Raster } from '#backend/images/raster';
import { type Box, expandBox, fractionsOf, pixelBox, thickenBox } from '#backend/tools/boxes';
import { colours, lineWidth } from '#backend/tools/colours';

/** Share of the box's size that is added in all, as in the reference. */
const MARGIN = 0.5;

/** The part of an image round a box, the box marked, and where the part lies. Throws ToolFailure. */
export function cutOut(source: Raster, box: Box): { part: Raster; bbox: [number, number, number, number] } {
  const inner = pixelBox(box, source);
  const outer = thickenBox(expandBox(inner, MARGIN, source), source);
  const part = copyPart(source, outer);
  const marked = {
    left: inner.left - outer.left,
    top: inner.top - outer.top,
    right: inner.right - outer.left,
    bottom: inner.bottom - outer.top,
  };
  // The line lies round the box, not in it: it must not hide the print that one crops for.
  const line = lineWidth(part);
  outline(
    part,
    {
      left: marked.left - line,
      top: marked.top - line,
      right: marked.right + line,
      bottom: marked.bottom + line,
    },
    colours.yellow,
    line,
  );
  return { part, bbox: fractionsOf(outer, source) };
}
