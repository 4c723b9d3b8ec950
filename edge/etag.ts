/** Replies that a client may keep, if it asks each time whether they still hold. */
import type { AppContext } from './route.ts';
import { sha256Hex } from './storage/digest.ts';

/** The body as JSON with its ETag, or 304 where the client has it already. No shared cache may keep it. */
export function jsonWithEtag(c: AppContext, body: object): Promise<Response> {
  c.header('vary', 'authorization', { append: true });
  return textWithEtag(c, JSON.stringify(body), {
    'cache-control': 'private, no-cache',
    'content-type': 'application/json',
  });
}

/** The text with its ETag, or 304 with the same headers. */
export async function textWithEtag(
  c: AppContext,
  text: string,
  { 'content-type': type, ...kept }: { 'content-type': string; [name: string]: string },
): Promise<Response> {
  const etag = `"${(await sha256Hex(text)).slice(0, 32)}"`;
  const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return c.body(null, 304, { ...kept, etag });
  return c.body(text, 200, { ...kept, etag, 'content-type': type });
}
