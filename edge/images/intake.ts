/** Takes in images of requests: checks them, has a backend decode them, keeps them for the tenant. */

import { backendOf } from '#edge/backend/index';
import type { Settings } from '#edge/env';
import { sha256Hex } from '#edge/storage/digest';
import { findImage, type OwnedImage, storeImage } from '#edge/storage/images';
import type { ImageInput } from '#shared/api';
import { ApiError } from '#shared/errors';
import { ADMISSION_WAIT_MS_MAX, TOOL_WALL_MS_MAX } from '#shared/limits';
import { checkImage } from './check.ts';

/** @throws ApiError when the bytes are no image that we take; `path` says where they stood. */
export async function takeImage(
  settings: Settings,
  tenant: string,
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
): Promise<OwnedImage> {
  const { mediaType, orientationApplied } = checkImage(bytes, path);
  const sha256 = await sha256Hex(bytes);
  const until = Date.now() + ADMISSION_WAIT_MS_MAX;
  // The backend decodes the whole file: only what it took in can be used by a run.
  const { width, height } = await backendOf(settings).putImage(sha256, bytes, TOOL_WALL_MS_MAX, until);
  const image = { sha256, media_type: mediaType, width, height, bytes: bytes.byteLength, orientationApplied };
  return storeImage(settings.IMAGES, tenant, image, bytes, Date.now());
}

/** The images of a request in their order, uploaded or named by id. */
export async function resolveImages(
  settings: Settings,
  tenant: string,
  inputs: readonly ImageInput[],
): Promise<OwnedImage[]> {
  const images: OwnedImage[] = [];
  // One after the other: a Worker has 128 MB for all of them together.
  for (const [index, input] of inputs.entries()) {
    images.push(await resolveImage(settings, tenant, input, `images.${index}`));
  }
  return images;
}

async function resolveImage(
  settings: Settings,
  tenant: string,
  input: ImageInput,
  path: string,
): Promise<OwnedImage> {
  if (input.type === 'base64')
    return takeImage(settings, tenant, decodeBase64(input.data, `${path}.data`), `${path}.data`);
  const image = await findImage(settings.IMAGES, tenant, input.image_id, Date.now());
  if (image) return image;
  const message = `there is no image ${input.image_id}, or it has expired; upload it with POST /v1/images`;
  throw new ApiError('image_unknown', message, { errors: [{ path: `${path}.image_id`, message }] });
}

function decodeBase64(data: string, path: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(data);
  } catch (cause) {
    const message = data.startsWith('data:')
      ? 'expected plain base64, got a data URL; leave out all up to the comma'
      : 'expected valid base64';
    throw new ApiError('invalid_request', message, { errors: [{ path, message }], cause });
  }
}
