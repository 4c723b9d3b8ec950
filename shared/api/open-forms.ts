/**
 * Shapes of other APIs as the description shows them. Where OpenAI's API and MCP have unions that
 * generators of clients cannot read, there is a free value; the code checks by `chat.ts`, `responses.ts`
 * and the MCP library.
 */
import * as z from 'zod';
import { CHAT_MESSAGES_MAX } from '../limits.ts';
import { chatRequest } from './chat.ts';
import { response, responseRequest } from './responses.ts';

const freeObject = z.record(z.string(), z.unknown());

export const chatRequestForm = chatRequest.extend({
  messages: z
    .array(
      z.object({
        role: z.enum(['user', 'system', 'developer', 'assistant', 'tool', 'function']),
        content: z
          .unknown()
          .describe(
            'text, or a list of parts {"type":"text","text"} and {"type":"image_url","image_url":{"url"}}: a data URL in base64, an https URL of a host that the key lists, or the id of an upload',
          ),
      }),
    )
    .min(1)
    .max(CHAT_MESSAGES_MAX)
    .describe('the last user message is the question; images of all user messages are image-0, image-1 ...'),
  response_format: freeObject
    .nullish()
    .describe('json_object gives {"answer"}; json_schema takes an object with one plain property'),
});

export const responseRequestForm = responseRequest.extend({
  input: z
    .unknown()
    .describe(
      'text, or a list of messages {"role":"user","content"}; content is text, or a list of parts {"type":"input_text","text"} and {"type":"input_image","image_url"}',
    ),
  text: freeObject
    .nullish()
    .describe('{"format"}: text, json_object, or json_schema with one plain property'),
});

export const responseForm = response.extend({
  output: z.array(freeObject).describe('one `reasoning` for each step, then the `message` with the answer'),
});

/** One `data:` of the stream of a response. */
export const responseEvent = z.looseObject({
  type: z.string().describe('response.created, response.output_text.delta, response.completed ...'),
  sequence_number: z.int().min(0).optional().describe('to resume after; absent in an `error`'),
});

const id = z.unknown().optional().describe('a string or a number, chosen by the client');

export const jsonRpcRequest = z.object({
  jsonrpc: z.literal('2.0'),
  id,
  method: z.string().describe('initialize, tools/list, tools/call ...'),
  params: freeObject.optional(),
});

export const jsonRpcReply = z.object({
  jsonrpc: z.literal('2.0'),
  id,
  result: freeObject.optional(),
  error: freeObject.optional().describe('a code and a message, in place of `result`'),
});
