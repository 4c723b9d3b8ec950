/**
 * Results of tools in KV, by content. The tenant is in every key, so no result crosses tenants.
 * KV fits: an entry never changes once written, readers may be late, and entries expire by themselves.
 */
import * as z from 'zod';
import { storedImage } from '#shared/contract';
import { observation } from '#shared/conversation';
import { TOOL_CACHE_TTL_MS } from '#shared/limits';
import { sha256Hex } from './digest.ts';

export type ToolCache = Pick<KVNamespace, 'get' | 'put'>;

const entry = z.object({ observation, image: storedImage.optional() });
export type CachedResult = z.infer<typeof entry>;

export type CacheSubject = {
  readonly tenant: string;
  readonly tool: string;
  /** Of the spec and of the models behind it. */
  readonly version: string;
  readonly arguments: unknown;
  /** Digests of the images that the arguments name, by name. */
  readonly images: Readonly<Record<string, string>>;
};

export async function cacheKey(subject: CacheSubject): Promise<string> {
  return `tool/${await sha256Hex(canonicalJson(subject))}`;
}

/** A result that cannot be read counts as none: the cache only ever saves time. */
export async function readCached(cache: ToolCache, key: string): Promise<CachedResult | undefined> {
  const value: unknown = await cache.get(key, 'json').catch(() => undefined);
  const parsed = entry.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

export async function writeCached(cache: ToolCache, key: string, result: CachedResult): Promise<void> {
  const expirationTtl = Math.round(TOOL_CACHE_TTL_MS / 1000);
  await cache.put(key, JSON.stringify(result), { expirationTtl }).catch(() => undefined);
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)))
      : item,
  );
}
