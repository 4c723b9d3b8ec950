/** The key or token of each request. A token is fetched when there is none, when it ends soon, or when it was refused. */
import type { Ports } from './ports.ts';

/** A client token as `POST /v1/client_tokens` gives it, or the token alone. */
export type Token = string | { readonly token: string; readonly expires_at?: string };

/** An API key (servers only: never put one into an app), or a function that fetches a fresh client token. */
export type Credential = string | (() => Promise<Token>);

export type Credentials = {
  get(): Promise<string>;
  /** Forgets a token that was refused. False when there is no other to be had. */
  refused(token: string): boolean;
};

const RENEW_BEFORE_MS = 30_000;

export function createCredentials(credential: Credential, ports: Pick<Ports, 'now'>): Credentials {
  if (typeof credential === 'string') return { get: async () => credential, refused: () => false };
  let current: { readonly token: string; readonly renewAt: number } | undefined;
  let pending: Promise<string> | undefined;

  const renew = async (): Promise<string> => {
    const fresh = await credential();
    const { token, expires_at } = typeof fresh === 'string' ? { token: fresh, expires_at: undefined } : fresh;
    const renewAt =
      expires_at === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires_at) - RENEW_BEFORE_MS;
    current = { token, renewAt };
    return token;
  };

  return {
    get: () => {
      if (current && ports.now() < current.renewAt) return Promise.resolve(current.token);
      // Requests side by side share one fetch.
      pending ??= renew().finally(() => {
        pending = undefined;
      });
      return pending;
    },
    refused: (token) => {
      if (current?.token === token) current = undefined;
      return true;
    },
  };
}
