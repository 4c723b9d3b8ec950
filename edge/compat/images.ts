/** Images as OpenAI's and MCP's clients send them: in a data URL, by URL, or by the id of an upload. */
import { invalidRequest } from '#edge/body';
import { type ImageInput, imageId } from '#shared/api';
import type { MediaType } from '#shared/contract';
import { ApiError } from '#shared/errors';
import type { ImageReference } from './question.ts';

const DATA_URL = /^data:([\w.+-]+\/[\w.+*-]+)?(?:;[\w-]+=[^;,]*)*;base64,/i;
const MEDIA_TYPES: ReadonlyMap<string, MediaType> = new Map([
  ['image/jpeg', 'image/jpeg'],
  // Not its name, but often sent.
  ['image/jpg', 'image/jpeg'],
  ['image/png', 'image/png'],
  ['image/webp', 'image/webp'],
]);

/** @throws ApiError `invalid_request` at the path of the image. */
export function imageInputOf({ url, path }: ImageReference): ImageInput {
  if (imageId.safeParse(url).success) return { type: 'image_id', image_id: url };
  if (/^https?:/i.test(url)) return { type: 'url', url };
  const [head = '', type = ''] = DATA_URL.exec(url.slice(0, 256)) ?? [];
  const media_type = MEDIA_TYPES.get(type.toLowerCase());
  if (media_type) return { type: 'base64', media_type, data: url.slice(head.length) };
  const message =
    'expected data:image/jpeg;base64,... (or image/png, image/webp), an https URL, or the id of an image that was uploaded with POST /v1/images';
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
