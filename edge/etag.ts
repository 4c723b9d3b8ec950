/** Replies that a client may keep, if it asks each time whether they still hold. */
import { ApiError } from '#shared/errors';
import type { AppContext } from './route.ts';
import { sha256Hex } from './storage/digest.ts';

/**
 * The body as JSON with its ETag, or 304 where the client has it already. No shared cache may keep it.
 * `tag`: where the resource has one of its own; else it is made of the body.
 */
export function jsonWithEtag(c: AppContext, body: object, tag?: string): Promise<Response> {
  c.header('vary', 'authorization', { append: true });
  return textWithEtag(
    c,
    JSON.stringify(body),
    { 'cache-control': 'private, no-cache', 'content-type': 'application/json' },
    tag,
  );
}

/** The text with its ETag, or 304 with the same headers. */
export async function textWithEtag(
  c: AppContext,
  text: string,
  { 'content-type': type, ...kept }: { 'content-type': string; [name: string]: string },
  tag?: string,
): Promise<Response> {
  const etag = quoted(tag ?? (await sha256Hex(text)).slice(0, 32));
  const known = tagsIn(c.req.header('if-none-match') ?? '').map((given) => given.replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return c.body(null, 304, { ...kept, etag });
  return c.body(text, 200, { ...kept, etag, 'content-type': type });
}

/**
 * Holds a change to what its caller knows of the resource, by If-Match and If-None-Match (RFC 9110, 13.1).
 * `tag`: of the resource as it stands, undefined where there is none. @throws ApiError `precondition_failed`
 */
export function requirePreconditions(c: AppContext, tag: string | undefined): void {
  const match = c.req.header('if-match');
  const noneMatch = c.req.header('if-none-match');
  const names = (header: string) =>
    tag !== undefined && tagsIn(header).some((given) => given === '*' || given === quoted(tag));
  if (match !== undefined && !names(match)) {
    const now = tag === undefined ? 'there is none' : `it has the ETag ${quoted(tag)} now`;
    throw new ApiError('precondition_failed', `this is not as If-Match says: ${now}; read it again`);
  }
  if (noneMatch !== undefined && names(noneMatch)) {
    throw new ApiError('precondition_failed', 'there is one already, and If-None-Match asks for none');
  }
}

export function quoted(tag: string): string {
  return `"${tag}"`;
}

function tagsIn(header: string): string[] {
  return header.split(',').map((tag) => tag.trim());
}
