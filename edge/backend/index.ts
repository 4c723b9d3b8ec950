/** The backend client as the Worker and its Durable Objects use it. */
import type { Settings } from '#edge/env';
import { hmacSigner } from '#edge/storage/digest';
import { BackendClient } from './client.ts';

export function backendOf(settings: Settings): BackendClient {
  const { ACCESS_CLIENT_ID: id, ACCESS_CLIENT_SECRET: secret } = settings;
  return new BackendClient(
    settings.BACKEND_URLS,
    {
      fetch: (url, init) => fetch(url, init),
      now: Date.now,
      sign: hmacSigner(settings.BACKEND_SECRET),
      headers: id && secret ? { 'cf-access-client-id': id, 'cf-access-client-secret': secret } : {},
    },
    { now: Date.now, random: Math.random, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
  );
}
