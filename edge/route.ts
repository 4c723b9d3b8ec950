/** The shape of one endpoint, and what guards leave for handlers. */
import type { Context, Handler } from 'hono';
import type { Scope } from '#shared/scopes';
import type { Settings } from './env.ts';
import type { Principal } from './principal.ts';

export type AppEnvironment = {
  Variables: {
    requestId: string;
    settings: Settings;
    /** Set on all routes that are not public. */
    principal: Principal;
  };
};

export type AppContext = Context<AppEnvironment>;

/** Open to all, or to keys with the one scope that it names; 'any' for each valid key. */
type Access =
  | { readonly isPublic: true; readonly scope?: never }
  | { readonly isPublic?: never; readonly scope: Scope | 'any' };

export type Route = Access & {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly handler: Handler<AppEnvironment>;
};
