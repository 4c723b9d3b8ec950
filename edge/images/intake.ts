/** Takes in images of requests: checks them, has a backend decode them, keeps them for the tenant. */

import { BackendFailure, publicError } from '#edge/backend/failure';
import { backendOf } from '#edge/backend/index';
import type { Settings } from '#edge/env';
import type { Principal } from '#edge/principal';
import { sha256Hex } from '#edge/storage/digest';
import { findImage, type OwnedImage, storeImage } from '#edge/storage/images';
import { imageHosts } from '#edge/storage/key-web';
import type { ImageInput } from '#shared/api';
import type { MediaType } from '#shared/contract';
import { hostListed, whyRefused } from '#shared/egress';
import { ApiError, type ErrorCode } from '#shared/errors';
import { ADMISSION_WAIT_MS_MAX, IMAGE_BYTES_MAX, TOOL_WALL_MS_MAX } from '#shared/limits';
import { checkImage } from './check.ts';
import { stripMetadata } from './strip.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * @throws ApiError when the bytes are no image that we take; `path` says where they stood. A type that was
 * `declared` must be the one that the bytes show.
 */
export async function takeImage(
  settings: Settings,
  tenant: string,
  upload: Bytes,
  path: string,
  declared?: MediaType,
): Promise<OwnedImage> {
  const { mediaType, orientation } = checkImage(upload, path);
  if (declared !== undefined && declared !== mediaType) {
    throw refused('invalid_request', `the media type says ${declared}, the bytes are ${mediaType}`, path);
  }
  // Where and when a photo was taken is nobody's business here.
  const bytes = stripMetadata(upload, mediaType, orientation);
  const sha256 = await sha256Hex(bytes);
  const until = Date.now() + ADMISSION_WAIT_MS_MAX;
  // The backend decodes the whole file: only what it took in can be used by a run.
  const { width, height } = await backendOf(settings).putImage(sha256, bytes, TOOL_WALL_MS_MAX, until);
  const stored = { sha256, media_type: mediaType, width, height, bytes: bytes.byteLength };
  const image = { ...stored, orientationApplied: orientation > 1 };
  return storeImage(settings.IMAGES, tenant, image, bytes, Date.now());
}

/** The images of a request in their order: uploaded with it, fetched for it, or named by id. */
export async function resolveImages(
  settings: Settings,
  principal: Principal,
  inputs: readonly ImageInput[],
): Promise<OwnedImage[]> {
  const images: OwnedImage[] = [];
  // One after the other: a Worker has 128 MB for all of them together.
  for (const [index, input] of inputs.entries()) {
    images.push(await resolveImage(settings, principal, input, ['images', String(index)]));
  }
  return images;
}

/** `place`: where in the request the input stands. */
export async function resolveImage(
  settings: Settings,
  principal: Principal,
  input: ImageInput,
  place: readonly string[],
): Promise<OwnedImage> {
  const { tenant } = principal;
  const path = (member: string) => [...place, member].join('.');
  switch (input.type) {
    case 'base64': {
      const bytes = decodeBase64(input.data, input.media_type, path('data'));
      return takeImage(settings, tenant, bytes, path('data'), input.media_type);
    }
    case 'url': {
      const bytes = await fetchImage(settings, principal, input.url, path('url'));
      return takeImage(settings, tenant, bytes, path('url'));
    }
    case 'image_id': {
      const image = await findImage(settings.IMAGES, tenant, input.image_id, Date.now());
      if (image) return image;
      const message = `there is no image ${input.image_id}, or it has expired; upload it with POST /v1/images`;
      throw refused('image_unknown', message, path('image_id'));
    }
  }
}

/** Plain base64, or a data URL whose type is the declared one. */
function decodeBase64(data: string, declared: MediaType, path: string): Bytes {
  const head = data.startsWith('data:') ? data.slice(0, data.indexOf(',') + 1) : '';
  if (head !== `data:${declared};base64,` && data.startsWith('data:')) {
    throw refused('invalid_request', `expected plain base64, or a data URL of type ${declared}`, path);
  }
  try {
    return Uint8Array.fromBase64(head === '' ? data : data.slice(head.length));
  } catch (cause) {
    throw refused('invalid_request', 'expected valid base64', path, cause);
  }
}

/** Only from hosts that the key lists, and only through the backend: it sees where a name leads. */
async function fetchImage(
  settings: Settings,
  { keyId }: Principal,
  text: string,
  path: string,
): Promise<Bytes> {
  const url = URL.parse(text);
  const reason = url ? whyRefused(url) : 'expected an absolute https URL';
  if (!url || reason !== undefined) throw refused('url_not_allowed', reason ?? '', path);
  const hosts = await imageHosts(settings.DB, keyId);
  if (!hostListed(url.hostname, hosts)) {
    const message = `this key does not allow images from ${url.hostname}; send the bytes, or have the host added to the key`;
    throw refused('url_not_allowed', message, path);
  }
  try {
    return await backendOf(settings).fetchUrl({
      url: url.href,
      hosts,
      media: 'image',
      bytes_max: IMAGE_BYTES_MAX,
    });
  } catch (error) {
    if (!(error instanceof BackendFailure) || error.kind !== 'refusal') throw error;
    const { code, message } = publicError(error);
    throw refused(code, message, path, error);
  }
}

function refused(code: ErrorCode, message: string, path: string, cause?: unknown): ApiError {
  return new ApiError(code, message, { errors: [{ path, message }], cause });
}
