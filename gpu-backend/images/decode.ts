/**
 * Bytes or a file to upright RGB pixels. Runs in child processes only: a decoder that is fed
 * hostile bytes must not be able to take the HTTP process with it.
 */
import { open } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import type { Raster } from '#backend/images/raster';
import { SNIFF_BYTES, sniffMediaType } from '#backend/images/sniff';
import type { MediaType } from '#shared/contract';
import { ApiError } from '#shared/errors';
import { IMAGE_ASPECT_MAX, IMAGE_PIXELS_MAX, IMAGE_SIDE_PIXELS_MAX } from '#shared/limits';

sharp.cache(false);
sharp.concurrency(1);

export type Decoded = { readonly raster: Raster; readonly mediaType: MediaType };

/**
 * Decodes the first frame: EXIF orientation applied once, colours in sRGB, metadata dropped,
 * transparency put on white where the content is dark and on black where it is light.
 * Throws ApiError: unsupported_media_type, image_too_large, image_undecodable.
 */
export async function decodeImage(source: string | Uint8Array): Promise<Decoded> {
  const mediaType = sniffMediaType(await headOf(source));
  if (mediaType === undefined) {
    throw new ApiError(
      'unsupported_media_type',
      'Expected a JPEG, PNG or WebP image; the bytes are none of these.',
    );
  }
  const header = await undecodable(() => read(source).metadata());
  checkSize(header.width, header.height);
  const pixels = await undecodable(async () => {
    const image = read(source).autoOrient().toColourspace('srgb');
    if (header.hasAlpha) image.flatten({ background: await backgroundOf(source) });
    return await image.removeAlpha().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  });
  const { width, height, channels } = pixels.info;
  return { raster: { data: rgbOf(pixels.data, channels), width, height }, mediaType };
}

/** Throws image_too_large when the header names more pixels, or a longer side, than we decode. */
export function checkSize(width: number, height: number): void {
  const long = Math.max(width, height);
  const short = Math.min(width, height);
  const limits = `at most ${IMAGE_PIXELS_MAX / 1e6} megapixels, ${IMAGE_SIDE_PIXELS_MAX} pixels a side and ${IMAGE_ASPECT_MAX}:1`;
  if (width * height > IMAGE_PIXELS_MAX || long > IMAGE_SIDE_PIXELS_MAX || long > short * IMAGE_ASPECT_MAX) {
    throw new ApiError(
      'image_too_large',
      `Expected ${limits}; the image has ${width} x ${height} pixels. Scale or cut it first.`,
    );
  }
}

function read(source: string | Uint8Array): Sharp {
  return sharp(source, { failOn: 'error', limitInputPixels: IMAGE_PIXELS_MAX, unlimited: false, pages: 1 });
}

/** Dark writing on nothing must not vanish in black, nor light writing in white. */
async function backgroundOf(source: string | Uint8Array): Promise<string> {
  const { data } = await read(source)
    .resize(256, 256, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  let luminance = 0;
  let weight = 0;
  for (let index = 0; index + 3 < data.length; index += 4) {
    const alpha = data[index + 3] ?? 0;
    const [red = 0, green = 0, blue = 0] = data.subarray(index, index + 3);
    luminance += alpha * (0.299 * red + 0.587 * green + 0.114 * blue);
    weight += alpha;
  }
  return weight > 0 && luminance / weight >= 128 ? '#000000' : '#ffffff';
}

function rgbOf(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const pixels = data.length / channels;
  const rgb = new Uint8Array(pixels * 3);
  for (let index = 0; index < pixels; index++) {
    rgb.fill(data[index * channels] ?? 0, index * 3, index * 3 + 3);
  }
  return rgb;
}

async function headOf(source: string | Uint8Array): Promise<Uint8Array> {
  if (typeof source !== 'string') return source.subarray(0, SNIFF_BYTES);
  const file = await open(source);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: new Uint8Array(SNIFF_BYTES), position: 0 });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function undecodable<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    if (/pixel limit/i.test(reason)) {
      throw new ApiError(
        'image_too_large',
        `Expected at most ${IMAGE_PIXELS_MAX / 1e6} megapixels; the image has more.`,
      );
    }
    throw new ApiError(
      'image_undecodable',
      `Expected a whole image; its data is damaged or cut short (${reason.slice(0, 200)}). Send the original file again.`,
      { cause },
    );
  }
}
