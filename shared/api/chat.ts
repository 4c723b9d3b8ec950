/**
 * POST /v1/chat/completions and GET /v1/models, in the shapes of OpenAI's API so that its clients work
 * unchanged. Members that are not listed are ignored, as that API does; `cota` is ours.
 */
import * as z from 'zod';
import { image, modelName, run } from '../api.ts';
import {
  CHAT_MESSAGES_MAX,
  METADATA_ENTRIES_MAX,
  METADATA_VALUE_CHARS_MAX,
  STEPS_DEFAULT,
  STEPS_MAX,
} from '../limits.ts';

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const imagePart = z.object({
  type: z.literal('image_url'),
  image_url: z.object({
    url: z
      .string()
      .min(1)
      .describe('a data: URL in base64, or the id of an image that was uploaded with POST /v1/images'),
    detail: z.string().optional().describe('ignored'),
  }),
});

const userMessage = z.object({
  role: z.literal('user'),
  content: z.union([
    z.string(),
    z.array(
      z.discriminatedUnion('type', [textPart, imagePart], {
        error: 'expected a part of type "text" or "image_url"; sound and files are not read here',
      }),
    ),
  ]),
});

/** Not read: a run knows one question, that of the last user message. */
const otherMessage = z.object({
  role: z.enum(['system', 'developer', 'assistant', 'tool', 'function']),
});

/** `metadata` of either API: our own bounds are those of OpenAI. */
export const compatMetadata = z
  .record(z.string().min(1).max(64), z.string().max(METADATA_VALUE_CHARS_MAX))
  .refine((entries) => Object.keys(entries).length <= METADATA_ENTRIES_MAX, {
    message: `at most ${METADATA_ENTRIES_MAX} entries`,
  });

/** What only this API has. Clients pass it as a further member of the request. */
export const compatOptions = z.strictObject({
  max_steps: z.int().min(1).max(STEPS_MAX).default(STEPS_DEFAULT),
  tools: z
    .array(z.string().max(64))
    .max(64)
    .optional()
    .describe('actions that the planner may choose; all available ones when left out'),
  cache: z.enum(['auto', 'no-store']).default('auto'),
});

/** Any list with an entry is refused: actions are ours, and a caller's functions would never be called. */
export const noTools = z
  .array(z.unknown())
  .max(0, 'tools of the caller are not supported; leave the member out, or choose our own in cota.tools');

export const chatRequest = z.object({
  model: modelName,
  messages: z
    .array(
      z.discriminatedUnion('role', [userMessage, otherMessage], {
        error: 'expected a role: user, system, developer, assistant or tool',
      }),
    )
    .min(1)
    .max(CHAT_MESSAGES_MAX)
    .describe('the last user message is the question; images of all user messages are image-0, image-1 ...'),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.literal(1, 'expected 1: a run has one answer').nullish(),
  tools: noTools.nullish(),
  functions: noTools.nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ name: z.string().max(64).optional(), schema: z.unknown().optional() }),
      }),
    ])
    .nullish()
    .describe(
      'json_object gives {"answer"}. json_schema takes an object of plain properties (string, number, integer, boolean, choices) and lists of plain values. The planner is asked for it and its answer is checked, but it is not constrained to it: what does not fit is a `refusal`. Nested objects and other keywords are refused before the run.',
    ),
  metadata: compatMetadata.nullish(),
  cota: compatOptions.optional(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

/** The trace behind an answer: what GET /v1/runs/{run_id} shows. */
export const cotaTrace = z.object({
  run_id: run.shape.id,
  status: run.shape.status,
  images: z.array(image.shape.id).describe('image-0, image-1 ... in order'),
  steps: run.shape.steps,
  usage: run.shape.usage,
});
export type CotaTrace = z.infer<typeof cotaTrace>;

/**
 * The trace while it grows: the steps that are new or now have their observation, to be merged by
 * `index`. The chunk of the answer holds the whole trace.
 */
export const cotaDelta = z.object({
  run_id: cotaTrace.shape.run_id,
  steps: z.array(cotaTrace.shape.steps.element.partial().required({ index: true })),
  status: cotaTrace.shape.status.optional(),
  images: cotaTrace.shape.images.optional(),
  usage: cotaTrace.shape.usage.optional(),
});
export type CotaDelta = z.infer<typeof cotaDelta>;

export const chatUsage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.object({ cached_tokens: z.int() }),
});
export type ChatUsage = z.infer<typeof chatUsage>;

const nothing = z.null().describe('always null');

export const chatCompletion = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.int().describe('seconds since 1970'),
  model: z.string(),
  choices: z
    .array(
      z.object({
        index: z.literal(0),
        message: z.object({
          role: z.literal('assistant'),
          content: z.union([z.string(), z.null()]),
          refusal: z
            .union([z.string(), z.null()])
            .describe('why the answer does not fit the asked format; content is null then'),
          reasoning_content: z.string().describe('the thoughts and actions as text'),
        }),
        logprobs: nothing,
        finish_reason: z.literal('stop'),
      }),
    )
    .length(1),
  usage: chatUsage,
  cota: cotaTrace,
});
export type ChatCompletion = z.infer<typeof chatCompletion>;

/** One `data:` of the stream. The last one is `[DONE]`, or `{"error"}` in place of it. */
export const chatChunk = z.object({
  id: z.string(),
  object: z.literal('chat.completion.chunk'),
  created: z.int(),
  model: z.string(),
  choices: z
    .array(
      z.object({
        index: z.literal(0),
        delta: z.object({
          role: z.literal('assistant').optional(),
          content: z.string().optional(),
          refusal: z.string().optional(),
          reasoning_content: z.string().optional(),
          cota: cotaDelta.optional(),
        }),
        logprobs: nothing,
        finish_reason: z.union([z.literal('stop'), z.null()]),
      }),
    )
    .max(1)
    .describe('empty in the chunk of the usage'),
  usage: z.union([chatUsage, z.null()]).optional().describe('with stream_options.include_usage only'),
});
export type ChatChunk = z.infer<typeof chatChunk>;

/** GET /v1/models and GET /v1/models/{id} */
export const model = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
});
export type Model = z.infer<typeof model>;
export const modelList = z.object({ object: z.literal('list'), data: z.array(model) });
export type ModelList = z.infer<typeof modelList>;
