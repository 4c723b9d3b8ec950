/** The tools for clients of the Model Context Protocol. */
import { rpcReplies, rpcRequests } from '../openai-examples.ts';
import { BODY_ERRORS, json, type Operation } from '../operation.ts';

const refused = (description: string) => ({ description, content: [json('JsonRpcReply')] });

export const mcpOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/mcp',
    operationId: 'callMcp',
    tag: 'mcp',
    scope: 'tools',
    summary: 'Send a message of MCP (streamable HTTP)',
    description:
      'Without sessions, one JSON reply to each message; `Accept` must name `application/json` and `text/event-stream`. A tool that refuses its input says so in a result with `isError`. AskAboutImages needs the scope `runs:write` too, and takes a `model` as a run does.',
    body: [json('JsonRpcRequest', rpcRequests)],
    replies: {
      200: { description: 'The reply.', content: [json('JsonRpcReply', rpcReplies)] },
      202: { description: 'A notification was taken.' },
      400: refused('The protocol was not kept.'),
      406: refused('`Accept` names not both types.'),
      415: refused('The type of the body is not `application/json`.'),
    },
    errors: BODY_ERRORS,
  },
];
