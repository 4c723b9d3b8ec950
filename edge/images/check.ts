/** Refuses what is no image of ours, or too large a one, before anything else looks at it. */
import type { MediaType } from '#shared/contract';
import { ApiError } from '#shared/errors';
import { IMAGE_ASPECT_MAX, IMAGE_BYTES_MAX, IMAGE_PIXELS_MAX, IMAGE_SIDE_PIXELS_MAX } from '#shared/limits';
import { describeBytes, readHeader, sniffMediaType } from './header.ts';

/** `orientation` as EXIF has it, 1 to 8: how the image must be turned and mirrored to stand upright. */
export type CheckedImage = { readonly mediaType: MediaType; readonly orientation: number };

/** @throws ApiError 413, 415 or 422; `path` says where in the request the image stood. */
export function checkImage(bytes: Uint8Array<ArrayBuffer>, path: string): CheckedImage {
  const refuse = (
    code: 'image_undecodable' | 'image_too_large' | 'body_too_large' | 'unsupported_media_type',
    message: string,
  ) => new ApiError(code, message, { errors: [{ path, message }] });

  if (bytes.byteLength === 0) throw refuse('image_undecodable', 'expected an image file, got 0 bytes');
  if (bytes.byteLength > IMAGE_BYTES_MAX) {
    throw refuse(
      'body_too_large',
      `an image has at most ${IMAGE_BYTES_MAX} bytes, this one has ${bytes.byteLength}; scale it to 2048 pixels on its long side`,
    );
  }
  const mediaType = sniffMediaType(bytes);
  if (!mediaType) {
    throw refuse(
      'unsupported_media_type',
      `expected the bytes of a JPEG, PNG or WebP file, got ${describeBytes(bytes)}`,
    );
  }
  const header = readHeader(bytes, mediaType);
  if (!header || header.width === 0 || header.height === 0) {
    throw refuse('image_undecodable', `the header of this ${mediaType} file is cut short or damaged`);
  }
  const { width, height } = header;
  if (width * height > IMAGE_PIXELS_MAX || Math.max(width, height) > IMAGE_SIDE_PIXELS_MAX) {
    throw refuse(
      'image_too_large',
      `an image has at most ${IMAGE_PIXELS_MAX} pixels and ${IMAGE_SIDE_PIXELS_MAX} on a side, this one is ${width} x ${height}; scale it down`,
    );
  }
  if (Math.max(width, height) > IMAGE_ASPECT_MAX * Math.min(width, height)) {
    throw refuse(
      'image_undecodable',
      `the long side of an image is at most ${IMAGE_ASPECT_MAX} times the short one, this one is ${width} x ${height}; cut it into pieces`,
    );
  }
  return { mediaType, orientation: header.orientation };
}
