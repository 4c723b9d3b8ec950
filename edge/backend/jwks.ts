/** The public keys of a token issuer. The address is the operator's, never a caller's. */
import * as z from 'zod';
import { ApiError } from '#shared/errors';
import { JWKS_BYTES_MAX, JWKS_WALL_MS } from '#shared/limits';

export const jwks = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().exactOptional() })).max(64),
});
export type Jwks = z.infer<typeof jwks>;

/** @throws ApiError `attestation_unavailable` when they cannot be had: then nobody is let in by them. */
export async function fetchJwks(url: string): Promise<Jwks> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(JWKS_WALL_MS) });
    const text = await response.text();
    if (!response.ok || text.length > JWKS_BYTES_MAX) throw new Error(`status ${response.status}`);
    return jwks.parse(JSON.parse(text));
  } catch (cause) {
    throw new ApiError('attestation_unavailable', 'the app cannot be verified now; try again', { cause });
  }
}
