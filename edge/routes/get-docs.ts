/** GET /openapi.json and GET /docs: the description of the API, for programs and for people. */
import { openApiDocument } from '#edge/docs/document';
import { docsPage, PAGE_POLICY } from '#edge/docs/page';
import type { AppContext, Route } from '#edge/route';
import { sha256Hex } from '#edge/storage/digest';

/** It is public and the same for all; a new version is seen within minutes. */
const CACHE_CONTROL = 'public, max-age=300';

export const getOpenApi: Route = {
  method: 'GET',
  path: '/openapi.json',
  isPublic: true,
  handler: (c) => answer(c, JSON.stringify(openApiDocument), { 'content-type': 'application/json' }),
};

export const getDocs: Route = {
  method: 'GET',
  path: '/docs',
  isPublic: true,
  handler: (c) =>
    answer(c, docsPage(openApiDocument), {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': PAGE_POLICY,
    }),
};

async function answer(c: AppContext, body: string, headers: Record<string, string>): Promise<Response> {
  const etag = `"${(await sha256Hex(body)).slice(0, 32)}"`;
  const common = { etag, 'cache-control': CACHE_CONTROL };
  const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return c.body(null, 304, common);
  return c.body(body, 200, { ...headers, ...common });
}
