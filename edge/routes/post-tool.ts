/**
 * POST /v1/tools/{name}: calls one tool. A tool that cannot work on its input answers 200 with
 * `observation.error`, as the planner would read it; a request that is no valid call is a 4xx.
 */

import { servingBackends } from '#edge/backend/admission';
import { invalidRequest, readJsonBody } from '#edge/body';
import { resolveImages } from '#edge/images/intake';
import { admitted } from '#edge/limits/index';
import { requireTools } from '#edge/principal';
import type { AppContext, Route } from '#edge/route';
import { createToolPorts, imageSource } from '#edge/run/ports';
import type { RunTool } from '#edge/run/rpc';
import { availableTools } from '#edge/tools/available';
import { callTool } from '#edge/tools/call';
import { type ReadCall, readCall } from '#edge/tools/read-call';
import { type ToolCallRequest, type ToolCallResponse, toolCallRequest } from '#shared/api';
import { ApiError } from '#shared/errors';
import { toolSpec } from '#shared/tools/index';

export const postTool: Route = {
  method: 'POST',
  path: '/v1/tools/:name',
  scope: 'tools',
  charges: 'itself',
  handler: async (c) => {
    const tool = await usableTool(c);
    const request = await readJsonBody(c, toolCallRequest);
    const call = readCall(
      { name: tool.name, arguments: request.arguments },
      [tool.name],
      request.images.length,
    );
    if (!call.ok) throw refusal(call);

    return admitted(c, { kind: 'tool', runs: call.spec.runs }, () => work(c, tool, request, call));
  },
};

async function work(
  c: AppContext,
  tool: RunTool,
  request: ToolCallRequest,
  call: ReadCall & { ok: true },
): Promise<Response> {
  const { settings, principal } = c.var;
  const { tenant } = principal;
  const images = (await resolveImages(settings, principal, request.images)).map((image) => image.sha256);
  const until = Date.now() + settings.TOOL_WALL_MS;
  const affinity = images[0] ?? c.var.requestId;
  const options = {
    affinity,
    idempotencyKey: c.var.requestId,
    timeoutMs: settings.TOOL_WALL_MS,
    until,
    deadline: until,
    images: imageSource(settings, tenant),
  };
  const { observation, image, ms, cached } = await callTool(
    createToolPorts(settings, tenant, options),
    {
      tenant,
      spec: call.spec,
      version: tool.version,
      arguments: call.arguments,
      images,
      cache: request.cache,
    },
    options,
  );
  const body: ToolCallResponse = { observation, ...(image ? { image_id: image.id } : {}), ms, cached };
  return c.json(body);
}

/** The tool that the path names. Terminate ends a run and is nothing outside of one. */
async function usableTool(c: AppContext): Promise<RunTool> {
  const spec = toolSpec(c.req.param('name') ?? '');
  if (!spec) throw new ApiError('not_found', 'there is no such tool; see GET /v1/tools');
  requireTools(c.var.principal, [spec.name]);
  if (spec.name === 'Terminate')
    throw new ApiError('tool_unavailable', 'Terminate ends a run; there is nothing to call');
  const health = spec.runs === 'edge' ? [] : await servingBackends(c.var.settings, () => true);
  const tool = availableTools(health).find(({ name }) => name === spec.name);
  if (!tool)
    throw new ApiError(
      'tool_unavailable',
      `${spec.name} has no model here; see "available" in GET /v1/tools`,
    );
  return tool;
}

function refusal(call: ReadCall & { ok: false }): ApiError {
  if (call.code === 'invalid_arguments') return invalidRequest(call.issues, 'arguments');
  return new ApiError('image_unknown', call.message, {
    errors: [{ path: 'arguments', message: call.message }],
  });
}
