/**
 * Firebase App Check: a token by which an app shows that it is itself, made by an issuer that the key
 * names. The issuer's public keys are kept in KV for an hour.
 */
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import * as z from 'zod';
import { fetchJwks, jwks } from '#edge/backend/jwks';
import type { Settings } from '#edge/env';
import { sha256Hex } from '#edge/storage/digest';
import type { AppCheck } from '#shared/api/keys';
import { JWKS_AGAIN_MS, JWKS_KEPT_MS } from '#shared/limits';

const ALGORITHM = 'RS256';

const kept = z.object({ at: z.number(), keys: jwks });
type Kept = z.infer<typeof kept>;

/** What a token that is good says: the app (`sub`), and when the token ends (ms since 1970). */
export type Attested = { readonly app: string; readonly expiresAt: number };

/** 'expired' for a token that was good. */
export async function verifyAppCheck(
  settings: Pick<Settings, 'CACHE' | 'APP_CHECK_JWKS_URL'>,
  { issuer, audience }: Pick<AppCheck, 'issuer' | 'audience'>,
  token: string,
  now: number,
): Promise<Attested | 'expired' | undefined> {
  const verify = async ({ keys }: Kept): Promise<Attested | undefined> => {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      algorithms: [ALGORITHM],
      issuer,
      audience,
      requiredClaims: ['sub', 'exp', 'iat'],
      currentDate: new Date(now),
    });
    const { sub, exp } = payload;
    return sub === undefined || exp === undefined ? undefined : { app: sub, expiresAt: exp * 1000 };
  };
  const known = await issuerKeys(settings, now, JWKS_KEPT_MS);
  try {
    return await verify(known);
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'expired';
    // The issuer may have new keys; asked for rarely, because anyone can name a key that is none.
    if (error instanceof errors.JWKSNoMatchingKey && now - known.at >= JWKS_AGAIN_MS)
      return verify(await issuerKeys(settings, now, JWKS_AGAIN_MS)).catch(() => undefined);
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

async function issuerKeys(
  { CACHE, APP_CHECK_JWKS_URL }: Pick<Settings, 'CACHE' | 'APP_CHECK_JWKS_URL'>,
  now: number,
  ageMsMax: number,
): Promise<Kept> {
  const name = `jwks/${await sha256Hex(APP_CHECK_JWKS_URL)}`;
  const found = kept.safeParse(await CACHE.get(name, 'json').catch(() => null));
  if (found.success && now - found.data.at < ageMsMax) return found.data;
  const fresh: Kept = { at: now, keys: await fetchJwks(APP_CHECK_JWKS_URL) };
  await CACHE.put(name, JSON.stringify(fresh), { expirationTtl: JWKS_KEPT_MS / 1000 });
  return fresh;
}
