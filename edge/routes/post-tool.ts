/**
 * POST /v1/tools/{name}: calls one tool. A tool that cannot work on its input answers 200 with
 * `observation.error`, as the planner would read it; a request that is no valid call is a 4xx.
 */

import { readJsonBody } from '#edge/body';
import type { Route } from '#edge/route';
import { callSingle, usableTool } from '#edge/run/single-call';
import { type ToolCallResponse, toolCallRequest } from '#shared/api';

export const postTool: Route = {
  method: 'POST',
  path: '/v1/tools/:name',
  scope: 'tools',
  charges: 'itself',
  handler: async (c) => {
    const tool = await usableTool(c, c.req.param('name') ?? '');
    const request = await readJsonBody(c, toolCallRequest);
    const { observation, image, ms, cached } = await callSingle(c, tool, request);
    const body: ToolCallResponse = { observation, ...(image ? { image_id: image.id } : {}), ms, cached };
    return c.json(body);
  },
};
