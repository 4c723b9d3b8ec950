/**
 * Public requests and responses, for callers of the API and for `/openapi.json`.
 * Times are ISO 8601 in UTC. A member that has no value is left out; nothing is ever null.
 */
import * as z from 'zod';
import { mediaType, stepUsage } from './contract.ts';
import { observation } from './conversation.ts';
import {
  IMAGES_IN_CONVERSATION_MAX,
  IMAGES_PER_RUN_MAX,
  METADATA_ENTRIES_MAX,
  METADATA_VALUE_CHARS_MAX,
  MODEL_NAME_CHARS_MAX,
  QUESTION_CHARS_MAX,
  STEPS_DEFAULT,
  STEPS_MAX,
  URL_CHARS_MAX,
} from './limits.ts';
import { action } from './turn.ts';

export const runId = z.string().regex(/^run_[0-9a-f]{32}$/, 'a run id: run_ and 32 hex digits');
export const imageId = z.string().regex(/^img_[0-9a-f]{64}$/, 'an image id: img_ and 64 hex digits');

const base64Image = z.strictObject({
  type: z.literal('base64'),
  media_type: mediaType,
  data: z.string().min(1).describe('base64 of the file, or a data URL of that media type'),
});
const urlImage = z.strictObject({
  type: z.literal('url'),
  url: z.string().max(URL_CHARS_MAX).describe('https, of a host that the key lists'),
});
const idImage = z.strictObject({ type: z.literal('image_id'), image_id: imageId });

/** An image in a request: its bytes, where they are, or the id of one that was uploaded before. */
export const imageInput = z.discriminatedUnion('type', [base64Image, urlImage, idImage], {
  error: 'expected an image of type "base64", "url" or "image_id"',
});
export type ImageInput = z.infer<typeof imageInput>;

/** POST /v1/images with a JSON body. */
export const imageUpload = z.discriminatedUnion('type', [base64Image, urlImage], {
  error: 'expected an image of type "base64" or "url"',
});

export const modelName = z.string().min(1).max(MODEL_NAME_CHARS_MAX).describe('an id of GET /v1/models');

/** POST /v1/runs */
export const runRequest = z.strictObject({
  question: z
    .string()
    .max(QUESTION_CHARS_MAX)
    .refine((text) => text.trim() !== '', 'expected a question, got only white space'),
  images: z.array(imageInput).min(1).max(IMAGES_PER_RUN_MAX).describe('they become image-0, image-1 ...'),
  tools: z
    .array(z.string().max(64))
    .max(64)
    .optional()
    .describe('actions that the planner may choose; all available ones when left out; Terminate always is'),
  model: modelName
    .optional()
    .describe('an id of GET /v1/models; `taco-edge`, whichever planner serves, when left out'),
  max_steps: z.int().min(1).max(STEPS_MAX).default(STEPS_DEFAULT),
  background: z.boolean().default(false).describe('answer 202 at once; poll or watch the run'),
  stream: z.boolean().default(false).describe('answer with the event stream'),
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(METADATA_VALUE_CHARS_MAX))
    .refine((entries) => Object.keys(entries).length <= METADATA_ENTRIES_MAX, {
      message: `at most ${METADATA_ENTRIES_MAX} entries`,
    })
    .optional()
    .describe('kept with the run, never read'),
  webhook_url: z
    .string()
    .max(URL_CHARS_MAX)
    .optional()
    .describe('https; told with a signature when the run has ended'),
  cache: z.enum(['auto', 'no-store']).default('auto').describe('whether tool results may be reused and kept'),
});
export type RunRequest = z.infer<typeof runRequest>;

export const runStatus = z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled']);
export type RunStatus = z.infer<typeof runStatus>;

export const runErrorCode = z.enum([
  'no_answer',
  'image_unknown',
  'deadline_exceeded',
  'backend_error',
  'backend_unavailable',
  'overloaded',
  'interrupted',
  'internal',
]);
export type RunErrorCode = z.infer<typeof runErrorCode>;

export const runError = z.object({ code: runErrorCode, message: z.string() });
export type RunError = z.infer<typeof runError>;

/** One turn of the planner and what came of it. The turn that terminates has no observation. */
export const runStep = z.object({
  index: z.int().min(0),
  thought: z.string(),
  actions: z.array(action),
  observation: observation.optional(),
  image_id: imageId.optional().describe('the image that the tool made'),
  ms: z.number().describe('wall time of the planner'),
  tool_ms: z.number().optional().describe('wall time of the tool; 0 when the result came from the cache'),
  cached: z.boolean().describe('whether the observation came from the cache'),
});
export type RunStep = z.infer<typeof runStep>;

export const runUsage = z.object({
  steps: z.int(),
  tool_calls: z.int(),
  input_tokens: z.int(),
  cached_tokens: z.int(),
  output_tokens: z.int(),
  cost_units: z
    .int()
    .describe('what the run has cost so far of the limits of its key; once it has ended, what was booked'),
});
export type RunUsage = z.infer<typeof runUsage>;

export const run = z.object({
  id: runId,
  object: z.literal('run'),
  status: runStatus,
  question: z.string(),
  images: z.array(imageId).max(IMAGES_IN_CONVERSATION_MAX).describe('image-0, image-1 ... in order'),
  answer: z.string().optional(),
  steps: z.array(runStep),
  usage: runUsage,
  error: runError.optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().optional(),
  expires_at: z.iso.datetime(),
});
export type Run = z.infer<typeof run>;

const numbered = { seq: z.int().positive() };

/**
 * The events of a run. All but `step.delta` are stored, numbered 1..n without a gap, and can be
 * resumed after any `seq`. A `step.delta` is only a preview of the turn being written: it has no
 * number and is not repeated. Its `offset` counts the characters before it; 0 starts the turn anew.
 */
export const runEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run.started'), ...numbered, run_id: runId, created_at: z.iso.datetime() }),
  z.object({ type: z.literal('step.started'), ...numbered, index: z.int() }),
  z.object({ type: z.literal('step.delta'), index: z.int(), offset: z.int(), text: z.string() }),
  z.object({
    type: z.literal('step.completed'),
    ...numbered,
    index: z.int(),
    thought: z.string(),
    actions: z.array(action),
    ms: z.number(),
    usage: stepUsage,
  }),
  z.object({
    type: z.literal('tool.completed'),
    ...numbered,
    index: z.int(),
    name: z.string().optional(),
    observation,
    image_id: imageId.optional(),
    ms: z.number(),
    cached: z.boolean(),
  }),
  z.object({ type: z.literal('run.completed'), ...numbered, run }),
  z.object({ type: z.literal('run.failed'), ...numbered, run }),
  z.object({ type: z.literal('run.canceled'), ...numbered, run }),
]);
export type RunEvent = z.infer<typeof runEvent>;

/** POST /v1/images answers with this. Width and height are those of the upright image. */
export const image = z.object({
  id: imageId,
  object: z.literal('image'),
  media_type: mediaType,
  width: z.int(),
  height: z.int(),
  bytes: z.int(),
  orientation_applied: z.boolean().describe('whether EXIF turned or mirrored the image'),
  expires_at: z.iso.datetime(),
});
export type Image = z.infer<typeof image>;

/** POST /v1/tools/{name}. `images` are image-0, image-1 ... of the arguments. */
export const toolCallRequest = z.strictObject({
  arguments: z.record(z.string(), z.json()),
  images: z.array(imageInput).max(IMAGES_IN_CONVERSATION_MAX).default([]),
  cache: z.enum(['auto', 'no-store']).default('auto'),
});
export type ToolCallRequest = z.infer<typeof toolCallRequest>;

/**
 * A tool that cannot work on its input still answers 200: `observation.error` says why, just as
 * the planner would read it. Only a request that is no tool call is a 4xx.
 */
export const toolCallResponse = z.object({
  observation,
  image_id: imageId.optional(),
  ms: z.number(),
  cached: z.boolean(),
});
export type ToolCallResponse = z.infer<typeof toolCallResponse>;

/** GET /v1/tools. `arguments` and `observation` are JSON Schema, draft 2020-12. */
export const toolListing = z.object({
  name: z.string(),
  description: z.string(),
  arguments: z.record(z.string(), z.json()),
  observation: z.record(z.string(), z.json()),
  examples: z.array(z.object({ arguments: z.record(z.string(), z.json()) })),
  runs: z.enum(['edge', 'backend']),
  version: z.string(),
  cacheable: z.boolean(),
  returns_image: z.boolean(),
  available: z
    .boolean()
    .describe('whether it has a handler and all its models here, now, and the calling key may use it'),
  experimental: z
    .string()
    .optional()
    .describe('why the answers of the models behind it here are not to be relied on yet'),
  typical_ms: z.number(),
});
export type ToolListing = z.infer<typeof toolListing>;

export const toolList = z.object({ object: z.literal('list'), data: z.array(toolListing) });
export type ToolList = z.infer<typeof toolList>;
