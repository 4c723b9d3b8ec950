/** The image of an upload, whichever way the body carries it: raw bytes, a form, or JSON. */
import { readBytes, readJsonBody } from '#edge/body';
import type { AppContext } from '#edge/route';
import type { OwnedImage } from '#edge/storage/images';
import { imageUpload } from '#shared/api';
import { ApiError } from '#shared/errors';
import { FORM_OVERHEAD_BYTES_MAX, IMAGE_BYTES_MAX } from '#shared/limits';
import { resolveImage, takeImage } from './intake.ts';

type Reader = (c: AppContext) => Promise<OwnedImage>;

const readers: ReadonlyArray<readonly [type: RegExp, read: Reader]> = [
  [/^multipart\/form-data\s*(;|$)/i, readForm],
  [/^application\/json\s*(;|$)/i, readJson],
];

/** @throws ApiError for what is no image of ours. */
export function readUpload(c: AppContext): Promise<OwnedImage> {
  const type = c.req.header('content-type') ?? '';
  const read = readers.find(([form]) => form.test(type))?.[1] ?? readRaw;
  return read(c);
}

async function readRaw(c: AppContext): Promise<OwnedImage> {
  const bytes = await readBytes(c, IMAGE_BYTES_MAX);
  return takeImage(c.var.settings, c.var.principal.tenant, bytes, 'body');
}

async function readJson(c: AppContext): Promise<OwnedImage> {
  const input = await readJsonBody(c, imageUpload);
  return resolveImage(c.var.settings, c.var.principal, input, []);
}

/** Exactly one part may be a file; its name and its declared type mean nothing. */
async function readForm(c: AppContext): Promise<OwnedImage> {
  const type = c.req.header('content-type') ?? '';
  const bytes = await readBytes(c, IMAGE_BYTES_MAX + FORM_OVERHEAD_BYTES_MAX);
  const files: File[] = [];
  try {
    const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
    form.forEach((part) => {
      if (typeof part !== 'string') files.push(part);
    });
  } catch (cause) {
    throw new ApiError('invalid_multipart', 'expected a whole multipart/form-data body with its boundary', {
      cause,
    });
  }
  const [file] = files;
  if (!file || files.length > 1) {
    throw new ApiError('invalid_multipart', `expected one part that is a file, got ${files.length}`);
  }
  const { settings, principal } = c.var;
  return takeImage(settings, principal.tenant, new Uint8Array(await file.arrayBuffer()), 'body');
}
