/** One tool call outside of a run, for every route that offers tools. */

import { servingBackends } from '#edge/backend/admission';
import { invalidRequest } from '#edge/body';
import { resolveImages } from '#edge/images/intake';
import { admitted } from '#edge/limits/index';
import { knowledgeOf, requireTools } from '#edge/principal';
import type { AppContext } from '#edge/route';
import { availableTools } from '#edge/tools/available';
import { callTool, type ToolResult } from '#edge/tools/call';
import { type ReadCall, readCall } from '#edge/tools/read-call';
import type { ToolCallRequest } from '#shared/api';
import { ApiError } from '#shared/errors';
import type { ToolSpec } from '#shared/tool';
import { toolSpec } from '#shared/tools/index';
import { createToolPorts, imageSource } from './ports.ts';
import type { RunTool } from './rpc.ts';

export type SingleCall = ToolResult & {
  /** Ids of image-0, image-1 ... */
  readonly imageIds: readonly string[];
};

/** The tool of that name. Terminate ends a run and is nothing outside of one. @throws ApiError */
export async function usableTool(c: AppContext, name: string): Promise<RunTool> {
  const spec = toolSpec(name);
  if (!spec) throw new ApiError('not_found', 'there is no such tool; see GET /v1/tools');
  requireTools(c.var.principal, [spec.name]);
  if (spec.name === 'Terminate')
    throw new ApiError('tool_unavailable', 'Terminate ends a run; there is nothing to call');
  const health = spec.runs === 'edge' ? [] : await servingBackends(c.var.settings, () => true);
  const tool = availableTools(health).find((available) => available.name === spec.name);
  if (!tool)
    throw new ApiError(
      'tool_unavailable',
      `${spec.name} has no model here; ${setupOf(spec) ?? 'see "available" in GET /v1/tools'}`,
    );
  return tool;
}

/** What the tool itself does wrong is its observation. @throws ApiError for what is no valid call. */
export async function callSingle(
  c: AppContext,
  tool: RunTool,
  request: ToolCallRequest,
): Promise<SingleCall> {
  const call = readCall(
    { name: tool.name, arguments: request.arguments },
    [tool.name],
    request.images.length,
  );
  if (!call.ok) throw refusal(call);
  return admitted(c, { kind: 'tool', runs: call.spec.runs }, () => work(c, tool, request, call));
}

async function work(
  c: AppContext,
  tool: RunTool,
  request: ToolCallRequest,
  call: ReadCall & { ok: true },
): Promise<SingleCall> {
  const { settings, principal } = c.var;
  const { tenant } = principal;
  const owned = await resolveImages(settings, principal, request.images);
  const images = owned.map((image) => image.sha256);
  const until = Date.now() + settings.TOOL_WALL_MS;
  const options = {
    affinity: images[0] ?? c.var.requestId,
    idempotencyKey: c.var.requestId,
    timeoutMs: settings.TOOL_WALL_MS,
    until,
    deadline: until,
    images: imageSource(settings, tenant),
  };
  const result = await callTool(
    createToolPorts(settings, { tenant, knowledge: knowledgeOf(principal) }, options),
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
  return { ...result, imageIds: owned.map((image) => image.public.id) };
}

/** For the operator, where the spec knows how the tool can be had. */
function setupOf({ setup }: ToolSpec): string | undefined {
  return setup === undefined ? undefined : `its operator can ${setup}`;
}

function refusal(call: ReadCall & { ok: false }): ApiError {
  if (call.code === 'invalid_arguments') return invalidRequest(call.issues, 'arguments');
  return new ApiError('image_unknown', call.message, {
    errors: [{ path: 'arguments', message: call.message }],
  });
}
