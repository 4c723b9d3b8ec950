/** Webhooks as Standard Webhooks has them: what is sent when a run has ended, and what signs it. */
import * as z from 'zod';
import { URL_CHARS_MAX } from '../limits.ts';
import { runSummary } from './run-list.ts';

/** The query of GET /v1/webhooks/secret, and the body of POST /v1/webhooks/secret/rotate. */
export const webhookEndpoint = z.strictObject({
  url: z.string().max(URL_CHARS_MAX).describe('the `webhook_url` of runs; its query makes no difference'),
});
export type WebhookEndpoint = z.infer<typeof webhookEndpoint>;

export const webhookSecret = z.object({
  endpoint: z.string().describe('origin and path that it signs for'),
  secret: z.string().describe('whsec_ and base64; what a library of Standard Webhooks verifies with'),
});
export type WebhookSecret = z.infer<typeof webhookSecret>;

/** The body of a delivery. Answer 2xx within 5 s; anything else is tried again, 410 is not. */
export const webhookEvent = z.object({
  type: z.enum(['run.completed', 'run.failed', 'run.canceled']),
  timestamp: z.iso.datetime(),
  data: runSummary,
});
export type WebhookEvent = z.infer<typeof webhookEvent>;
