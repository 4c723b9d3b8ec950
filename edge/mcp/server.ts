/**
 * The tools for any MCP client: streamable HTTP, without sessions, one JSON reply to each POST. A key
 * is asked for before anything is read, so that pages of other origins get nowhere.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import { ApiError } from '#shared/errors';
import type { JsonObject, McpTool } from './schemas.ts';

export type McpPorts = {
  tools(): Promise<McpTool[]>;
  /** The result as an object. @throws ApiError: what is wrong with the call, in words for a model. */
  call(name: string, input: JsonObject): Promise<McpOutcome>;
};

export type McpOutcome = { readonly failed: boolean; readonly result: JsonObject };

/** `body`: the parsed JSON-RPC message, or a list of them. */
export async function answerMcp(request: Request, body: unknown, ports: McpPorts): Promise<Response> {
  const server = new Server({ name: 'taco-edge', version: '0.1.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: await ports.tools() }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) =>
    call(ports, params.name, params.arguments ?? {}),
  );
  // No session id: any instance of the Worker can take the next request.
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  return transport.handleRequest(request, { parsedBody: body });
}

async function call(ports: McpPorts, name: string, input: JsonObject): Promise<CallToolResult> {
  try {
    const { failed, result } = await ports.call(name, input);
    const content = [{ type: 'text' as const, text: JSON.stringify(result) }];
    return failed ? { content, isError: true } : { content, structuredContent: result };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Only a name that does not exist is an error of the protocol; the rest is for the model to read.
    if (error.code === 'not_found') throw new McpError(ErrorCode.InvalidParams, error.message);
    const { code, message, errors } = error;
    const told = { error: { code, message, ...(errors.length > 0 ? { errors } : {}) } };
    return { content: [{ type: 'text', text: JSON.stringify(told) }], isError: true };
  }
}
