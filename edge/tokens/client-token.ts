/**
 * Client tokens: short JWTs that carry their caps, signed with a secret of their key's own. One
 * algorithm, one issuer, one audience; a header that says anything more is refused.
 */
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { hmacHex } from '#edge/storage/digest';
import { clientTokenId } from '#shared/api/client-tokens';
import { keyId } from '#shared/api/keys';
import { CLIENT_TOKEN_S_MAX } from '#shared/limits';
import { clientScope } from '#shared/scopes';

const ALGORITHM = 'HS256';
const ISSUER = 'taco-edge';
const AUDIENCE = 'taco-edge/v1';
const TYPE = 'taco-client+jwt';

const header = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(TYPE), kid: keyId });

const claims = z.strictObject({
  iss: z.literal(ISSUER),
  aud: z.literal(AUDIENCE),
  sub: z.string().min(1).max(128),
  jti: clientTokenId,
  iat: z.int(),
  exp: z.int(),
  scopes: z.array(clientScope),
  max_runs: z.int(),
  max_cost: z.int(),
});
export type ClientClaims = z.infer<typeof claims>;

export type NewClientToken = Pick<ClientClaims, 'sub' | 'jti' | 'scopes' | 'max_runs' | 'max_cost'> & {
  readonly keyId: string;
  /** Seconds. */
  readonly ttl: number;
};

/** @param now milliseconds since 1970 */
export async function signClientToken(
  root: string,
  { keyId: kid, ttl, sub, jti, ...caps }: NewClientToken,
  now: number,
): Promise<{ token: string; expiresAt: number }> {
  const iat = Math.floor(now / 1000);
  const token = await new SignJWT({ ...caps })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(sub)
    .setJti(jti)
    .setIssuedAt(iat)
    .setExpirationTime(iat + ttl)
    .sign(await secretOf(root, kid));
  return { token, expiresAt: (iat + ttl) * 1000 };
}

/** Which key a token says it comes from, unverified; undefined for what is no client token. */
export function claimedKey(token: string): string | undefined {
  try {
    const parsed = header.safeParse(decodeProtectedHeader(token));
    return parsed.success ? parsed.data.kid : undefined;
  } catch {
    return undefined;
  }
}

/** The claims of a token that this key has signed; 'expired' for one that was good. */
export async function verifyClientToken(
  root: string,
  kid: string,
  token: string,
  now: number,
): Promise<ClientClaims | 'expired' | undefined> {
  try {
    const { payload } = await jwtVerify(token, await secretOf(root, kid), {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: TYPE,
      currentDate: new Date(now),
    });
    const parsed = claims.safeParse(payload);
    // Such a one was never made here, whoever signed it.
    if (!parsed.success || parsed.data.exp - parsed.data.iat > CLIENT_TOKEN_S_MAX) return undefined;
    return parsed.data.iat * 1000 <= now + 1_000 ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'expired';
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** Each key signs with a secret of its own: a token that names another key does not verify. */
async function secretOf(root: string, kid: string): Promise<Uint8Array> {
  return new TextEncoder().encode(await hmacHex(root, `client-token/${kid}`));
}
