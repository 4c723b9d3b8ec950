/**
 * /v1/responses in the shape of OpenAI's API, as far as it maps on runs: the id of a response is that of
 * its run, `resp_` for `run_`. Members that are not listed are ignored; `cota` is ours.
 */
import * as z from 'zod';
import { modelName } from '../api.ts';
import { CHAT_MESSAGES_MAX } from '../limits.ts';
import { compatMetadata, compatOptions, cotaTrace, noTools } from './chat.ts';

export const responseId = z.string().regex(/^resp_[0-9a-f]{32}$/, 'a response id: resp_ and 32 hex digits');

const userItem = z.object({
  type: z.literal('message').optional(),
  role: z.literal('user'),
  content: z.union([
    z.string(),
    z.array(
      z.discriminatedUnion(
        'type',
        [
          z.object({ type: z.literal('input_text'), text: z.string() }),
          z.object({
            type: z.literal('input_image'),
            image_url: z
              .string()
              .min(1)
              .describe('a data: URL in base64, an https URL that the key allows, or the id of an upload'),
            detail: z.string().nullish().describe('ignored'),
          }),
        ],
        { error: 'expected a part of type "input_text" or "input_image"' },
      ),
    ),
  ]),
});

const otherItems = [
  z.object({ role: z.enum(['system', 'developer', 'assistant']) }),
  z.object({ type: z.enum(['reasoning', 'item_reference', 'function_call', 'function_call_output']) }),
] as const;

const stateless = z
  .null('expected none: a run knows nothing of another one; send its question and images')
  .optional();

export const responseRequest = z.object({
  model: modelName,
  input: z
    .union([z.string(), z.array(z.union([userItem, ...otherItems])).max(CHAT_MESSAGES_MAX)])
    .describe('the last user message is the question; images of all user messages are image-0, image-1 ...'),
  stream: z.boolean().nullish(),
  background: z.boolean().nullish(),
  tools: noTools.nullish(),
  previous_response_id: stateless,
  conversation: stateless,
  text: z
    .object({
      format: z
        .discriminatedUnion('type', [
          z.object({ type: z.literal('text') }),
          z.object({ type: z.literal('json_object') }),
          z.object({ type: z.literal('json_schema'), name: z.string().max(64), schema: z.unknown() }),
        ])
        .nullish(),
    })
    .nullish(),
  metadata: compatMetadata.nullish(),
  cota: compatOptions.optional(),
});
export type ResponseRequest = z.infer<typeof responseRequest>;

const summaryPart = z.object({ type: z.literal('summary_text'), text: z.string() });
const contentPart = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: z.array(z.unknown()),
    logprobs: z.array(z.unknown()),
  }),
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
]);
const itemStatus = z.enum(['in_progress', 'completed', 'incomplete']);

/** One `reasoning` for each step of the run, then the `message` with the answer. */
export const outputItem = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('reasoning'),
    id: z.string(),
    status: itemStatus,
    summary: z.array(summaryPart),
  }),
  z.object({
    type: z.literal('message'),
    id: z.string(),
    status: itemStatus,
    role: z.literal('assistant'),
    content: z.array(contentPart),
  }),
]);
export type OutputItem = z.infer<typeof outputItem>;
export type SummaryPart = z.infer<typeof summaryPart>;
export type ContentPart = z.infer<typeof contentPart>;

const nothing = z.null();

/** What does not apply to runs is there with the value that says so: clients expect the members. */
export const response = z.object({
  id: responseId,
  object: z.literal('response'),
  created_at: z.int().describe('seconds since 1970'),
  status: z.enum(['queued', 'in_progress', 'completed', 'failed', 'cancelled']),
  background: z.boolean(),
  error: z.union([z.object({ code: z.string(), message: z.string() }), z.null()]),
  incomplete_details: nothing,
  instructions: nothing,
  max_output_tokens: nothing,
  model: z.string(),
  output: z.array(outputItem),
  parallel_tool_calls: z.literal(false),
  previous_response_id: nothing,
  temperature: nothing,
  text: z.object({ format: z.record(z.string(), z.unknown()) }),
  tool_choice: z.literal('none'),
  tools: z.array(z.unknown()).max(0),
  top_p: nothing,
  truncation: z.literal('disabled'),
  usage: z.union([
    z.object({
      input_tokens: z.int(),
      input_tokens_details: z.object({ cached_tokens: z.int() }),
      output_tokens: z.int(),
      output_tokens_details: z.object({ reasoning_tokens: z.int() }),
      total_tokens: z.int(),
    }),
    z.null(),
  ]),
  metadata: z.record(z.string(), z.string()),
  cota: cotaTrace,
});
export type ResponseObject = z.infer<typeof response>;
