/** GET /v1/models and GET /v1/models/{id}: what may stand in `model`. */

import { jsonWithEtag } from '#edge/etag';
import { findModel, listModels } from '#edge/models';
import type { Route } from '#edge/route';

export const getModels: Route = {
  method: 'GET',
  path: '/v1/models',
  scope: 'any',
  openAi: true,
  handler: async (c) =>
    jsonWithEtag(c, { object: 'list', data: await listModels(c.var.settings, c.var.principal) }),
};

export const getModel: Route = {
  method: 'GET',
  path: '/v1/models/:id',
  scope: 'any',
  openAi: true,
  handler: async (c) => c.json(await findModel(c.var.settings, c.var.principal, c.req.param('id') ?? '')),
};
