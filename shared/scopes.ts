/** What a key may be used for. A route names the one scope that it needs; what is not named is denied. */
import * as z from 'zod';

export const scope = z.enum([
  'runs:write',
  'runs:read',
  'images',
  'tools',
  'usage:read',
  'webhooks',
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
];

/** All that a token in an app can ever carry, whatever its key may do. */
export const clientScope = z.enum(['runs:write', 'runs:read', 'images', 'tools']);
export type ClientScope = z.infer<typeof clientScope>;
