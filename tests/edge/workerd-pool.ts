/** Settings of the vitest project that runs inside workerd. */
import { readD1Migrations } from '@cloudflare/vitest-plugin';
import type { TestProject } from 'vitest/node';
import { startFakeBackend } from './fake-backend.ts';
import { startIssuer } from './issuer.ts';

export const TEST_SECRET = 'a secret that only tests know';

/** Starts the scripted backend and the issuer for the whole project. Vitest calls this as its global set-up. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const backend = await startFakeBackend(TEST_SECRET);
  const issuer = await startIssuer();
  project.provide('backendUrl', backend.url);
  project.provide('issuerUrl', issuer.url);
  return async () => {
    await backend.stop();
    await issuer.stop();
  };
}

type PoolContext = { readonly inject: (key: 'backendUrl' | 'issuerUrl') => string };

/** Options of `cloudflareTest`: the real wrangler.toml, with the scripted backend and short times. */
export async function workerdPool({ inject }: PoolContext) {
  return {
    wrangler: { configPath: './wrangler.toml' },
    miniflare: {
      bindings: {
        BACKEND_URLS: inject('backendUrl'),
        BACKEND_SECRET: TEST_SECRET,
        APP_CHECK_JWKS_URL: `${inject('issuerUrl')}/jwks`,
        MIGRATIONS: await readD1Migrations('./migrations'),
        WATCHDOG_MS: '300',
        HEALTH_WALL_MS: '8000',
        EVENT_PING_MS: '200',
        BACKEND_OUTAGE_MS: '3000',
        WEBHOOK_RETRY_MS: '100',
        STEP_WALL_MS: '1500',
        RELIABILITY_ROUNDS: process.env['RELIABILITY_ROUNDS'] ?? '1',
      },
    },
  };
}

declare module 'vitest' {
  export interface ProvidedContext {
    backendUrl: string;
    issuerUrl: string;
  }
}
