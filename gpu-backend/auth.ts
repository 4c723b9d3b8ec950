/** Who may call: the edge signs each request with the secret that both sides share. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SIGNATURE_HEADER, signedText, TIMESTAMP_HEADER } from '#shared/contract';
import { ApiError } from '#shared/errors';
import { SIGNATURE_SKEW_MS_MAX } from '#shared/limits';

export type SignedRequest = {
  readonly method: string;
  readonly pathname: string;
  readonly headers: Headers;
  /** Of the body; for an upload, the digest that its path promises and the store checks. */
  readonly bodySha256: string;
};

/** Throws invalid_signature: headers missing, clock too far off, or another secret or content. */
export function verifySignature(request: SignedRequest, secret: string, now: number): void {
  const signature = request.headers.get(SIGNATURE_HEADER);
  const timestamp = request.headers.get(TIMESTAMP_HEADER);
  if (!signature || !timestamp) {
    throw new ApiError(
      'invalid_signature',
      `Expected the headers ${SIGNATURE_HEADER} and ${TIMESTAMP_HEADER}.`,
    );
  }
  const skewMs = Math.abs(now - Number(timestamp));
  if (!/^\d{1,15}$/.test(timestamp) || skewMs > SIGNATURE_SKEW_MS_MAX) {
    throw new ApiError(
      'invalid_signature',
      `Expected ${TIMESTAMP_HEADER} in milliseconds, at most ${SIGNATURE_SKEW_MS_MAX} off this server's clock (${now}). Set the clocks.`,
    );
  }
  const text = signedText(request.method, request.pathname, timestamp, request.bodySha256);
  const expected = createHmac('sha256', secret).update(text).digest();
  const given = Buffer.from(signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new ApiError(
      'invalid_signature',
      'The signature does not fit. Edge and backend need the same BACKEND_SECRET.',
    );
  }
}

/** SHA-256 in lower-case hex. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
