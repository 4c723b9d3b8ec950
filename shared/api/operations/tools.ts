/** Tools: listing them and calling one. */
import { toolCalls, toolResults } from '../examples.ts';
import {
  BACKEND_ERRORS,
  BODY_ERRORS,
  IMAGE_ERRORS,
  ifNoneMatch,
  json,
  type Operation,
} from '../operation.ts';

export const toolOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/v1/tools',
    operationId: 'listTools',
    tag: 'tools',
    scope: 'tools',
    summary: 'List the tools',
    description: 'Each with the schemas of its arguments and observation, and whether it can be used now.',
    parameters: [ifNoneMatch],
    replies: {
      200: { description: 'All tools.', content: [json('ToolList')], headers: ['ETag'] },
      304: { description: 'The list has not changed.', headers: ['ETag'] },
    },
  },
  {
    method: 'POST',
    path: '/v1/tools/{name}',
    operationId: 'callTool',
    tag: 'tools',
    scope: 'tools',
    summary: 'Call one tool',
    description:
      'A tool that cannot work on its input answers 200 with `observation.error`, as the planner would read it. Only a request that is no valid call is refused.',
    parameters: [
      {
        in: 'path',
        name: 'name',
        description: 'Name of the tool, as in GET /v1/tools.',
        schema: { type: 'string' },
        example: 'Calculate',
      },
    ],
    body: [json('ToolCallRequest', toolCalls)],
    replies: {
      200: { description: 'What the tool gave.', content: [json('ToolCallResponse', toolResults)] },
    },
    errors: [...BODY_ERRORS, ...IMAGE_ERRORS, ...BACKEND_ERRORS, 'not_found', 'tool_unavailable'],
  },
];
