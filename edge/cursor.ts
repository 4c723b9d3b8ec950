/** Where the next page of a list begins, as callers keep it: opaque, and checked when it comes back. */
import type * as z from 'zod';
import { ApiError } from '#shared/errors';

export function writeCursor(place: unknown): string {
  return new Uint8Array(new TextEncoder().encode(JSON.stringify(place))).toBase64({
    alphabet: 'base64url',
    omitPadding: true,
  });
}

/** @throws ApiError `invalid_cursor` */
export function readCursor<Place>(cursor: string, schema: z.ZodType<Place>): Place {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: 'base64url' });
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new ApiError('invalid_cursor', 'expected the next_cursor of an earlier page, as it was given', {
      cause,
    });
  }
}
