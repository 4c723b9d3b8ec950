/** The shape of one endpoint, and what guards leave for handlers. */
import type { Context, Handler } from 'hono';
import type { Scope } from '#shared/scopes';
import type { Settings } from './env.ts';
import type { Meter } from './limits/terms.ts';
import type { Principal } from './principal.ts';

export type AppEnvironment = {
  Variables: {
    requestId: string;
    settings: Settings;
    /** Set on all routes that are not public. */
    principal: Principal;
    /** The limits that the request was held against, as they stand. */
    meters: readonly Meter[];
    /** The route speaks OpenAI's dialect. */
    openAi?: true;
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
  /** The handler asks the limits itself, because it knows what the work may cost. */
  readonly charges?: 'itself';
  /** Speaks OpenAI's dialect: other statuses and headers. */
  readonly openAi?: true;
  readonly handler: Handler<AppEnvironment>;
};
