/**
 * The only reader of bindings and variables.
 *
 * Bindings: DB (D1), RUNS, KEYS and ADDRESSES (Durable Objects of the classes RunObject, KeyObject and
 * AddressObject), ADDRESS_RATE (rate limit), IMAGES (R2), CACHE (KV).
 * Variables: BACKEND_URLS (comma-separated origins), BACKEND_SECRET (at least 16 characters), and
 * optionally TOKEN_SECRET (at least 32), APP_CHECK_JWKS_URL, ENCYCLOPEDIA_URL, ACCESS_CLIENT_ID with ACCESS_CLIENT_SECRET and the times whose names end in _MS.
 */
import * as z from 'zod';
import type { AddressRpc, KeyRpc, Namespace } from '#edge/keys/rpc';
import type { RunNamespace } from '#edge/run/rpc';
import { whyRefused } from '#shared/egress';
import {
  BACKEND_OUTAGE_MS_MAX,
  EVENT_PING_MS,
  HEALTH_WALL_MS_MAX,
  RUN_RETENTION_MS,
  RUN_WALL_MS_MAX,
  STEP_WALL_MS_MAX,
  TOOL_WALL_MS_MAX,
  WATCHDOG_MS,
  WEBHOOK_RETRY_MS,
} from '#shared/limits';

const origin = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => new URL(url).pathname === '/',
    'expected an origin such as http://127.0.0.1:8788, without a path',
  )
  .transform((url) => new URL(url).origin);

const milliseconds = (byDefault: number) => z.coerce.number().int().positive().default(byDefault);

const binding = <Binding>(method: string) =>
  z.custom<Binding>(
    (value) =>
      typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function',
    'expected a binding',
  );

/** Such as https://en.wikipedia.org/w/api.php. */
export const encyclopediaUrl = z
  .url({ protocol: /^https$/ })
  .refine((url) => whyRefused(new URL(url)) === undefined, 'expected https, port 443 and a public host');

const environment = z.object({
  DB: binding<D1Database>('prepare'),
  RUNS: binding<RunNamespace>('idFromName'),
  KEYS: binding<Namespace<KeyRpc>>('idFromName'),
  ADDRESSES: binding<Namespace<AddressRpc>>('idFromName'),
  ADDRESS_RATE: binding<RateLimit>('limit'),
  IMAGES: binding<R2Bucket>('put'),
  CACHE: binding<KVNamespace>('put'),
  BACKEND_URLS: z
    .string()
    .transform((list) =>
      list
        .split(',')
        .map((url) => url.trim())
        .filter((url) => url !== ''),
    )
    .pipe(z.array(origin).min(1).max(64)),
  BACKEND_SECRET: z.string().min(16),
  /** Signs client tokens; made of BACKEND_SECRET when left out. */
  TOKEN_SECRET: z.string().min(32).optional(),
  APP_CHECK_JWKS_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://firebaseappcheck.googleapis.com/v1/jwks'),
  /** The MediaWiki API that QueryKnowledgeBase asks where no document answers; nothing is asked when left out. */
  ENCYCLOPEDIA_URL: encyclopediaUrl.optional(),
  ACCESS_CLIENT_ID: z.string().optional(),
  ACCESS_CLIENT_SECRET: z.string().optional(),
  RUN_WALL_MS: milliseconds(RUN_WALL_MS_MAX),
  STEP_WALL_MS: milliseconds(STEP_WALL_MS_MAX),
  TOOL_WALL_MS: milliseconds(TOOL_WALL_MS_MAX),
  BACKEND_OUTAGE_MS: milliseconds(BACKEND_OUTAGE_MS_MAX),
  WATCHDOG_MS: milliseconds(WATCHDOG_MS),
  RUN_RETENTION_MS: milliseconds(RUN_RETENTION_MS),
  WEBHOOK_RETRY_MS: milliseconds(WEBHOOK_RETRY_MS),
  EVENT_PING_MS: milliseconds(EVENT_PING_MS),
  HEALTH_WALL_MS: milliseconds(HEALTH_WALL_MS_MAX),
});

export type Settings = z.infer<typeof environment>;

/** Throws when something is missing or malformed; the message names it and holds no value. */
export function readEnvironment(bindings: unknown): Settings {
  const parsed = environment.safeParse(bindings);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`the Worker's environment is not complete: ${names.join('; ')}`);
}
