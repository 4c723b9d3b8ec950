/** Images as OpenAI's and MCP's clients send them: in a data URL, or by the id of an upload. */
import { invalidRequest } from '#edge/body';
import { type ImageInput, imageId } from '#shared/api';
import { ApiError } from '#shared/errors';
import type { ImageReference } from './question.ts';

const DATA_URL = /^data:(image\/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*;base64,/i;

/** @throws ApiError `invalid_request` at the path of the image. */
export function imageInputOf({ url, path }: ImageReference): ImageInput {
  if (imageId.safeParse(url).success) return { type: 'image_id', image_id: url };
  const head = DATA_URL.exec(url.slice(0, 256))?.[0];
  // The declared type is a hint at best; the bytes are looked at.
  if (head !== undefined) return { type: 'base64', media_type: 'image/jpeg', data: url.slice(head.length) };
  const message = /^https?:/i.test(url)
    ? 'images are not fetched from a URL here; send the bytes as data:image/jpeg;base64,... or upload them with POST /v1/images and send the image id'
    : 'expected data:image/jpeg;base64,... or the id of an image that was uploaded with POST /v1/images';
  throw invalidRequest([{ path, message }]);
}

/** Does the work; an error about `images.3` of the native request names the place that the caller knows. */
export async function atReferences<Result>(
  references: readonly ImageReference[],
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError) || error.errors.length === 0) throw error;
    const placed = ({ path, message }: ApiError['errors'][number]) => {
      const index = /^images\.(\d+)/.exec(path)?.[1];
      const reference = index === undefined ? undefined : references[Number(index)];
      return { path: reference?.path.join('.') ?? path, message };
    };
    const { code, message, errors, extra, headers } = error;
    throw new ApiError(code, message, { errors: errors.map(placed), extra, headers, cause: error });
  }
}
