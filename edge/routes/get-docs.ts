/** GET /openapi.json and GET /docs: the description of the API, for programs and for people. */
import { openApiDocument } from '#edge/docs/document';
import { docsPage, PAGE_POLICY } from '#edge/docs/page';
import { textWithEtag } from '#edge/etag';
import type { Route } from '#edge/route';

/** It is public and the same for all; a new version is seen within minutes. */
const CACHE_CONTROL = 'public, max-age=300';

export const getOpenApi: Route = {
  method: 'GET',
  path: '/openapi.json',
  isPublic: true,
  handler: (c) =>
    textWithEtag(c, JSON.stringify(openApiDocument), {
      'content-type': 'application/json',
      'cache-control': CACHE_CONTROL,
    }),
};

export const getDocs: Route = {
  method: 'GET',
  path: '/docs',
  isPublic: true,
  handler: (c) =>
    textWithEtag(c, docsPage(openApiDocument), {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': CACHE_CONTROL,
      'content-security-policy': PAGE_POLICY,
    }),
};
