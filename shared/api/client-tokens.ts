/** /v1/client_tokens: what an app's server asks for, and hands to the app in place of its key. */
import * as z from 'zod';
import { CLIENT_TOKEN_S_DEFAULT, CLIENT_TOKEN_S_MAX, CLIENT_TOKEN_S_MIN } from '../limits.ts';
import { clientScope } from '../scopes.ts';

export const clientTokenId = z
  .string()
  .regex(/^ct_[0-9a-f]{32}$/, 'a client token id: ct_ and 32 hex digits');

export const clientTokenRequest = z.strictObject({
  subject: z
    .string()
    .min(1)
    .max(128)
    .describe('the user of the app; users do not see the runs and images of one another'),
  ttl: z
    .int()
    .min(CLIENT_TOKEN_S_MIN)
    .max(CLIENT_TOKEN_S_MAX)
    .default(CLIENT_TOKEN_S_DEFAULT)
    .describe('seconds'),
  scopes: z
    .array(clientScope)
    .min(1)
    .max(clientScope.options.length)
    .default(['runs:write', 'runs:read', 'images']),
  max_runs: z.int().min(1).max(10_000).default(20),
  max_cost: z.int().min(1).max(100_000).default(200).describe('cost units'),
});
export type ClientTokenRequest = z.infer<typeof clientTokenRequest>;

export const clientToken = z.object({
  id: clientTokenId,
  object: z.literal('client_token'),
  token: z.string(),
  subject: z.string(),
  scopes: z.array(clientScope),
  max_runs: z.int(),
  max_cost: z.int(),
  expires_at: z.iso.datetime(),
});
export type ClientToken = z.infer<typeof clientToken>;
