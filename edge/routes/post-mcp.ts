/** POST /mcp: Model Context Protocol over streamable HTTP. There are no sessions and no stream to GET. */
// Not by import(): in one file, esbuild makes every module below a lazy one and then leaves out that zod
// must be set up first, since zod declares that it has no side effects.
import { readJson, readJsonBytes } from '#edge/body';
import { admit } from '#edge/limits/index';
import { callsTool, mcpPorts } from '#edge/mcp/ports';
import { answerMcp } from '#edge/mcp/server';
import type { Route } from '#edge/route';

export const postMcp: Route = {
  method: 'POST',
  path: '/mcp',
  scope: 'tools',
  charges: 'itself',
  handler: async (c) => {
    const body = readJson(await readJsonBytes(c));
    // A call asks for what it costs; everything else is a request like any other.
    if (!callsTool(body)) await admit(c, { kind: 'request' });
    return answerMcp(c.req.raw, body, mcpPorts(c));
  },
};
