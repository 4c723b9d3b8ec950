/** What a key may be used for. A route names the one scope that it needs; what is not named is denied. */
import * as z from 'zod';

export const scope = z.enum([
  'runs:write',
  'runs:read',
  'images',
  'tools',
  'usage:read',
  'webhooks',
  'knowledge:read',
  'knowledge:write',
  'tokens:mint',
  'keys:admin',
]);
export type Scope = z.infer<typeof scope>;

/** Of a key that is made without saying: work and its bill, but nothing that makes further credentials. */
export const DEFAULT_SCOPES: readonly Scope[] = [
  'runs:write',
  'runs:read',
  'images',
  'tools',
  'usage:read',
  'webhooks',
  'knowledge:read',
  'knowledge:write',
];

/**
 * All that a token in an app can ever carry, whatever its key may do. `knowledge:read` lets its user read, and ask
 * about, the documents of the whole tenant.
 */
export const clientScope = z.enum(['runs:write', 'runs:read', 'images', 'tools', 'knowledge:read']);
export type ClientScope = z.infer<typeof clientScope>;

/** Of an app that is attested and for which no token was made: nobody has said that its users may read documents. */
export const ATTESTED_SCOPES: readonly ClientScope[] = ['runs:write', 'runs:read', 'images', 'tools'];
