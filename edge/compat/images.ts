/** Images as OpenAI's and MCP's clients send them: in a data URL, or by the id of an upload. */
import { invalidRequest } from '#edge/body';
import type { Settings } from '#edge/env';
import { resolveImages } from '#edge/images/intake';
import type { OwnedImage } from '#edge/storage/images';
import { type ImageInput, imageId } from '#shared/api';
import { ApiError } from '#shared/errors';
import type { ImageReference } from './question.ts';

const DATA_URL = /^data:(image\/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*;base64,/i;

/** All images of a request. @throws ApiError whose `param` is the place of the first one that is wrong. */
export async function resolveReferences(
  settings: Settings,
  tenant: string,
  references: readonly ImageReference[],
): Promise<OwnedImage[]> {
  const images: OwnedImage[] = [];
  // One after the other: a Worker has 128 MB for all of them together.
  for (const reference of references) {
    const resolved = resolveImages(settings, tenant, [imageInputOf(reference)]);
    images.push(...(await resolved.catch((error: unknown) => rethrowAt(reference, error))));
  }
  return images;
}

function imageInputOf({ url, path }: ImageReference): ImageInput {
  if (imageId.safeParse(url).success) return { type: 'image_id', image_id: url };
  const head = DATA_URL.exec(url.slice(0, 256))?.[0];
  // The declared type is a hint at best; the bytes are looked at.
  if (head !== undefined) return { type: 'base64', media_type: 'image/jpeg', data: url.slice(head.length) };
  const message = /^https?:/i.test(url)
    ? 'images are not fetched from a URL here; send the bytes as data:image/jpeg;base64,... or upload them with POST /v1/images and send the image id'
    : 'expected data:image/jpeg;base64,... or the id of an image that was uploaded with POST /v1/images';
  throw invalidRequest([{ path, message }]);
}

/** The same error, at the place that the caller of this dialect knows. */
function rethrowAt({ path }: ImageReference, error: unknown): never {
  if (!(error instanceof ApiError) || error.errors.length === 0) throw error;
  throw new ApiError(error.code, error.message, {
    errors: error.errors.map(({ message }) => ({ path: path.join('.'), message })),
    headers: error.headers,
    cause: error,
  });
}
