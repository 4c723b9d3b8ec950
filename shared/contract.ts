/**
 * Everything that edge and backend say to each other. Change it and raise CONTRACT_VERSION.
 *
 * GET  /healthz                 -> BackendHealth
 * PUT  /v1/images/{sha256}      raw bytes -> 201 StoredImage (same bytes again: 200)
 * GET  /v1/images/{sha256}      -> the bytes (images that tools made are fetched this way)
 * POST /v1/step                 StepRequest -> application/x-ndjson of StepEvent
 * POST /v1/tools/{name}         ToolRequest -> ToolResponse
 * POST /v1/egress/check         EgressCheck -> {} when the URL may be opened
 * POST /v1/egress/fetch         EgressFetch -> the bytes behind the URL
 * POST /v1/egress/deliver       EgressDelivery -> EgressDelivered
 *
 * Every failure is problem details (`shared/errors.ts`); a backend that lacks images answers
 * 409 `images_missing` with `missing: [sha256]`, the edge puts them and repeats the call.
 * All but /healthz are signed: see `signedText`.
 */
import * as z from 'zod';
import { conversation, observation, sha256 } from './conversation.ts';
import {
  IMAGE_BYTES_MAX,
  IMAGES_IN_CONVERSATION_MAX,
  URL_CHARS_MAX,
  WEBHOOK_BODY_CHARS_MAX,
} from './limits.ts';
import { turn } from './turn.ts';

export const CONTRACT_VERSION = 3;

export const SIGNATURE_HEADER = 'x-taco-signature';
export const TIMESTAMP_HEADER = 'x-taco-timestamp';
export const IDEMPOTENCY_HEADER = 'idempotency-key';

/** The text whose HMAC-SHA-256 (hex) goes into SIGNATURE_HEADER. `timestamp` is milliseconds since 1970. */
export function signedText(method: string, pathname: string, timestamp: string, bodySha256: string): string {
  return [method.toUpperCase(), pathname, timestamp, bodySha256].join('\n');
}

export const mediaType = z.enum(['image/jpeg', 'image/png', 'image/webp']);
export type MediaType = z.infer<typeof mediaType>;

/** Width and height are those of the upright image, after EXIF orientation. */
export const storedImage = z.object({
  sha256,
  media_type: mediaType,
  width: z.int().positive(),
  height: z.int().positive(),
  bytes: z.int().positive(),
});
export type StoredImage = z.infer<typeof storedImage>;

export const backendHealth = z.object({
  status: z.enum(['ok', 'starting', 'degraded']),
  contract: z.int(),
  device: z.string(),
  planner: z.object({ model: z.string(), version: z.string() }).nullable(),
  /** Backend tools that have a handler and all their models. */
  tools: z.array(z.object({ name: z.string(), version: z.string() })),
  /** Packs that were chosen for a role; one that is refused takes its role away, and `code` says why. */
  models: z
    .array(
      z.object({
        role: z.string(),
        pack: z.string(),
        state: z.enum(['ready', 'refused']),
        code: z.string().optional(),
        /** Why its answers are not to be relied on yet. */
        experimental: z.string().optional(),
      }),
    )
    .default([]),
});
export type BackendHealth = z.infer<typeof backendHealth>;

export const stepRequest = z.strictObject({
  version: z.literal(CONTRACT_VERSION),
  run: z.string().max(128),
  step: z.int().min(0),
  conversation,
  /** Actions that the planner may choose, in listing order; always holds Terminate. */
  tools: z.array(z.string()).min(1),
  /** The last allowed step: the grammar permits nothing but Terminate. */
  final: z.boolean(),
  max_tokens: z.int().min(16).max(4096),
  deadline_ms: z.int().positive(),
});
export type StepRequest = z.infer<typeof stepRequest>;

export const stepUsage = z.object({
  /** Tokens of the whole prompt, image tokens included. */
  prompt_tokens: z.int().min(0),
  /** Of these, tokens whose keys and values were still in the KV cache. */
  cached_tokens: z.int().min(0),
  completion_tokens: z.int().min(0),
});
export type StepUsage = z.infer<typeof stepUsage>;

export const stepEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('token'), text: z.string() }),
  z.object({
    type: z.literal('turn'),
    text: z.string(),
    turn,
    usage: stepUsage,
    timings: z.object({
      queue_ms: z.number(),
      vision_ms: z.number(),
      prefill_ms: z.number(),
      decode_ms: z.number(),
    }),
  }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string() }),
]);
export type StepEvent = z.infer<typeof stepEvent>;

export const toolRequest = z.strictObject({
  version: z.literal(CONTRACT_VERSION),
  arguments: z.record(z.string(), z.json()),
  /** Digests of image-0, image-1 ... */
  images: z.array(sha256).max(IMAGES_IN_CONVERSATION_MAX),
  deadline_ms: z.int().positive(),
});
export type ToolRequest = z.infer<typeof toolRequest>;

/** A tool that fails on its input is a success here: its observation is a `toolError`. */
export const toolResponse = z.object({
  observation,
  /** Images that the tool made, in order; at most one today. */
  images: z.array(storedImage),
  ms: z.number().min(0),
});
export type ToolResponse = z.infer<typeof toolResponse>;

/** The backend opens the URLs of callers, and of the encyclopedia, because only it sees which addresses a name has. */
export const egressCheck = z.strictObject({
  version: z.literal(CONTRACT_VERSION),
  url: z.string().max(URL_CHARS_MAX),
});
export type EgressCheck = z.infer<typeof egressCheck>;

export const egressFetch = egressCheck.extend({
  /** Hosts that may be asked, after a redirect too; `*.example.com` stands for all names below. */
  hosts: z.array(z.string().max(255)).max(64),
  /** What is asked for, and what a refusal speaks of. */
  media: z.enum(['image', 'json']),
  bytes_max: z.int().positive().max(IMAGE_BYTES_MAX),
});
export type EgressFetch = z.infer<typeof egressFetch>;

export const egressDelivery = egressCheck.extend({
  headers: z.record(z.string().regex(/^webhook-[a-z]{1,20}$/), z.string().max(1_000)),
  body: z.string().max(WEBHOOK_BODY_CHARS_MAX),
});
export type EgressDelivery = z.infer<typeof egressDelivery>;

/** Status of the receiver's reply; a redirect counts as such. */
export const egressDelivered = z.object({ status: z.int() });
