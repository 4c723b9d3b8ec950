/** The shape of one endpoint, and what guards leave for handlers. */
import type { Context, Handler } from 'hono';
import type { Settings } from './env.ts';
import type { Principal } from './storage/keys.ts';

export type AppEnvironment = {
  Variables: {
    requestId: string;
    settings: Settings;
    /** Set on all routes that are not public. */
    principal: Principal;
    /** The route speaks OpenAI's dialect. */
    openAi?: true;
  };
};

export type AppContext = Context<AppEnvironment>;

export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Needs no API key. */
  readonly isPublic?: true;
  /** Speaks OpenAI's dialect: other statuses and headers. */
  readonly openAi?: true;
  readonly handler: Handler<AppEnvironment>;
};
