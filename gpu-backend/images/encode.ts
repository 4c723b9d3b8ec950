/** Pixels to a file: what a tool drew, as the next image of the conversation. */
import sharp from 'sharp';
import type { Raster } from '#backend/images/raster';
import type { MediaType } from '#shared/contract';
import { IMAGE_BYTES_MAX } from '#shared/limits';

/** Up to here PNG keeps every pixel at no more than 1.5 MB. */
const PNG_PIXELS_MAX = 500_000;
/** Level 6 takes twice as long for a map of depth, and saves an eighth of its bytes; of a photo it saves nothing. */
const PNG_LEVEL = 3;
const JPEG_QUALITIES = [90, 75, 50] as const;

export type Encoded = { readonly bytes: Uint8Array; readonly mediaType: MediaType };

/** PNG when small, else the best JPEG that fits into IMAGE_BYTES_MAX. The same pixels always give the same bytes. */
export async function encodeImage({ data, width, height }: Raster): Promise<Encoded> {
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  if (width * height <= PNG_PIXELS_MAX) {
    return { bytes: await image.png({ compressionLevel: PNG_LEVEL }).toBuffer(), mediaType: 'image/png' };
  }
  let bytes: Uint8Array = new Uint8Array();
  for (const quality of JPEG_QUALITIES) {
    bytes = await image
      .clone()
      .jpeg({ quality, chromaSubsampling: quality > 80 ? '4:4:4' : '4:2:0' })
      .toBuffer();
    if (bytes.length <= IMAGE_BYTES_MAX) break;
  }
  return { bytes, mediaType: 'image/jpeg' };
}
