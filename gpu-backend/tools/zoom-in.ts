/** ZoomIn: Crop, then enlarged with a Lanczos filter. */
import sharp from 'sharp';
import type { Raster } from '#backend/images/raster';
import { cutOut } from '#backend/tools/cut-out';
import type { ToolHandler } from '#backend/tools/tool';
import { TOOL_IMAGE_PIXELS_MAX, TOOL_IMAGE_SIDE_PIXELS_MAX } from '#shared/limits';
import type { zoomIn as zoomInSpec } from '#shared/tools/zoom-in';

/** The largest factor up to `asked` whose result stays within the bounds of an image that a tool makes. */
function allowedFactor({ width, height }: Raster, asked: number): number {
  const bySide = TOOL_IMAGE_SIDE_PIXELS_MAX / Math.max(width, height);
  const byPixels = Math.sqrt(TOOL_IMAGE_PIXELS_MAX / (width * height));
  return Math.max(1, Math.min(asked, bySide, byPixels));
}

async function enlarge({ data, width, height }: Raster, factor: number): Promise<Raster> {
  const size = { width: Math.trunc(width * factor), height: Math.trunc(height * factor) };
  const pixels = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ ...size, fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer();
  return { data: pixels, ...size };
}

/** The part enlarged as far as it may be, and by how much that is. */
export async function zoomed(part: Raster, asked: number): Promise<{ image: Raster; factor: number }> {
  const factor = allowedFactor(part, asked);
  return { image: factor > 1 ? await enlarge(part, factor) : part, factor };
}

export const zoomIn: ToolHandler<typeof zoomInSpec> = async (input, context) => {
  const { part, bbox } = cutOut(await context.image(input.image), input.bbox);
  const { image, factor } = await zoomed(part, input.zoom_factor);
  return { observation: { bbox, zoom_factor: Math.floor(factor * 100) / 100 }, image };
};
