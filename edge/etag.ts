/** Replies that a client may keep, if it asks each time whether they still hold. */
import type { AppContext } from './route.ts';
import { sha256Hex } from './storage/digest.ts';

/** The body as JSON with its ETag, or 304 where the client has it already. No shared cache may keep it. */
export async function jsonWithEtag(c: AppContext, body: object): Promise<Response> {
  const text = JSON.stringify(body);
  const etag = `"${(await sha256Hex(text)).slice(0, 32)}"`;
  c.header('etag', etag);
  c.header('cache-control', 'private, no-cache');
  c.header('vary', 'authorization', { append: true });
  const known = c.req.header('if-none-match')?.split(',') ?? [];
  if (known.some((tag) => tag.trim().replace(/^W\//, '') === etag)) return c.body(null, 304);
  return c.body(text, 200, { 'content-type': 'application/json' });
}
