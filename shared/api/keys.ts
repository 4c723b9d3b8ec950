/** /v1/keys. The secret of a key stands in the reply that makes it and nowhere else. */
import * as z from 'zod';
import { GRACE_S_MAX, KEY_LIST_MAX, KEY_NAME_CHARS_MAX } from '../limits.ts';
import { planName } from '../plans.ts';
import { ATTESTED_SCOPES, clientScope, DEFAULT_SCOPES, scope } from '../scopes.ts';

export const keyId = z.string().regex(/^[0-9A-Za-z]{8}$/, 'a key id: 8 letters or digits');

/**
 * Firebase App Check: whose tokens an app may send instead of a client token, and what they may do. A token proves
 * the app, not the user, and `x-app-instance` is only what the app says: so the caps are those of each token, and
 * all installations together have no more than `cost_per_day` and half of the plan's requests and reads a minute.
 */
export const appCheck = z.strictObject({
  issuer: z
    .url({ protocol: /^https$/ })
    .max(200)
    .describe('https://firebaseappcheck.googleapis.com/<number>'),
  audience: z.string().min(1).max(200).describe('projects/<number>'),
  scopes: z
    .array(clientScope)
    .min(1)
    .max(clientScope.options.length)
    .default([...ATTESTED_SCOPES]),
  max_runs: z.int().min(1).max(10_000).default(20).describe('runs of one token'),
  max_cost: z.int().min(1).max(100_000).default(200).describe('cost units of one token'),
  cost_per_day: z
    .int()
    .min(1)
    .max(100_000_000)
    .default(1_000)
    .describe('cost units of all installations together within a day'),
});
export type AppCheck = z.infer<typeof appCheck>;

/** As a browser writes it; `http` only for this machine. */
export const webOrigin = z
  .string()
  .regex(
    /^(?:https:\/\/[a-z0-9.-]{1,253}(?::\d{1,5})?|http:\/\/(?:localhost|127\.0\.0\.1)(?::\d{1,5})?)$/,
    'expected an origin such as https://app.example.com, without a path',
  );

/** A host name, or `*.` and the name that it is below. */
export const imageHost = z
  .string()
  .regex(
    /^(?:\*\.)?(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$/,
    'expected a host such as photos.example.com or *.example.com',
  );

const names = (what: string) => z.array(z.string().min(1).max(64)).min(1).max(KEY_LIST_MAX).describe(what);

const restrictions = {
  tools: names('the only tools that it may use; all when left out').optional(),
  models: names('the only models that it may name; all when left out').optional(),
  addresses: names(
    'the only addresses that it may come from, such as 203.0.113.0/24; any when left out',
  ).optional(),
  expires_at: z.iso.datetime().optional(),
  app_check: appCheck.optional(),
  origins: z
    .array(webOrigin)
    .min(1)
    .max(KEY_LIST_MAX)
    .optional()
    .describe('pages that may call with it; none when left out'),
  image_hosts: z
    .array(imageHost)
    .min(1)
    .max(KEY_LIST_MAX)
    .optional()
    .describe('hosts whose images may be fetched for it; none when left out'),
};

/** POST /v1/keys. A key hands out no more than it has itself. */
export const keyRequest = z.strictObject({
  name: z.string().max(KEY_NAME_CHARS_MAX).default(''),
  mode: z.enum(['live', 'test']).default('live'),
  scopes: z
    .array(scope)
    .min(1)
    .max(scope.options.length)
    .default([...DEFAULT_SCOPES]),
  plan: planName.optional().describe('that of the calling key when left out'),
  ...restrictions,
});
export type KeyRequest = z.infer<typeof keyRequest>;

/** PATCH /v1/keys/{id}: what is left out stays; what `clear` names is lifted. */
export const keyChange = z.strictObject({
  name: z.string().max(KEY_NAME_CHARS_MAX).optional(),
  scopes: z.array(scope).min(1).max(scope.options.length).optional(),
  plan: planName.optional(),
  ...restrictions,
  clear: z
    .array(z.enum(['tools', 'models', 'addresses', 'expires_at', 'app_check', 'origins', 'image_hosts']))
    .max(7)
    .optional(),
});
export type KeyChange = z.infer<typeof keyChange>;

/** POST /v1/keys/{id}/rotate */
export const rotation = z.strictObject({
  grace_s: z.int().min(0).max(GRACE_S_MAX).default(0).describe('how long the secret before it still holds'),
});

export const apiKey = z.object({
  id: keyId,
  object: z.literal('key'),
  name: z.string(),
  mode: z.enum(['live', 'test']),
  status: z.enum(['active', 'expired', 'revoked']),
  scopes: z.array(scope),
  plan: planName,
  tools: z.array(z.string()).optional(),
  models: z.array(z.string()).optional(),
  addresses: z.array(z.string()).optional(),
  app_check: appCheck.optional(),
  origins: z.array(z.string()).optional(),
  image_hosts: z.array(z.string()).optional(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().optional(),
  revoked_at: z.iso.datetime().optional(),
  previous_expires_at: z.iso.datetime().optional().describe('until when the secret before it holds'),
  last_used_at: z.iso.datetime().optional().describe('to ten minutes'),
});
export type ApiKey = z.infer<typeof apiKey>;

export const createdKey = apiKey.extend({ key: z.string().describe('shown this once') });
export type CreatedKey = z.infer<typeof createdKey>;

export const keyList = z.object({ object: z.literal('list'), data: z.array(apiKey) });
export type KeyList = z.infer<typeof keyList>;
