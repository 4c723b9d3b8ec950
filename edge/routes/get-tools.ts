/** GET /v1/tools: the whole action space, each tool with its schemas and whether this key can use it now. */
import * as z from 'zod';
import { backendOf } from '#edge/backend/index';
import { jsonWithEtag } from '#edge/etag';
import { mayUseTool } from '#edge/principal';
import type { Route } from '#edge/route';
import { availableTools, whyExperimental } from '#edge/tools/available';
import type { ToolListing } from '#shared/api';
import type { ToolSpec } from '#shared/tool';
import { toolSpecs } from '#shared/tools/index';

export const getTools: Route = {
  method: 'GET',
  path: '/v1/tools',
  scope: 'tools',
  handler: async (c) => {
    const { settings, principal } = c.var;
    const backends = await backendOf(settings).health(settings.HEALTH_WALL_MS);
    const available = new Map(
      availableTools(backends)
        .filter(({ name }) => mayUseTool(principal, name))
        .map((tool) => [tool.name, tool.version]),
    );
    const data = toolSpecs.map((spec) => {
      const experimental = available.has(spec.name) ? whyExperimental(spec, backends) : undefined;
      return { ...listingOf(spec, available), ...(experimental === undefined ? {} : { experimental }) };
    });
    return jsonWithEtag(c, { object: 'list', data });
  },
};

function listingOf(spec: ToolSpec, available: ReadonlyMap<string, string>): ToolListing {
  return {
    name: spec.name,
    description: spec.description,
    arguments: jsonSchema(spec.arguments, 'input'),
    observation: jsonSchema(spec.observation, 'output'),
    examples: spec.examples as ToolListing['examples'],
    runs: spec.runs,
    version: available.get(spec.name) ?? spec.version,
    cacheable: spec.cacheable,
    returns_image: spec.returnsImage,
    available: available.has(spec.name),
    typical_ms: spec.typicalMs,
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): ToolListing['arguments'] {
  return z.toJSONSchema(schema, { io }) as ToolListing['arguments'];
}
