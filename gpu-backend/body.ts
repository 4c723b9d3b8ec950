/** Request bodies, read with a cap and checked against their schemas. */
import * as z from 'zod';
import { ApiError } from '#shared/errors';
import { BODY_BYTES_MAX } from '#shared/limits';

/** The whole body. Throws body_too_large as soon as more than the cap has come. */
export async function readBody(request: Request, bytesMax = BODY_BYTES_MAX): Promise<Uint8Array> {
  // A parser of HTTP/1.1 lets no more through than was announced; read at once it costs a fifth of a stream.
  if (Number(request.headers.get('content-length') ?? Number.NaN) <= bytesMax)
    return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax)
      throw new ApiError('body_too_large', `Expected at most ${bytesMax} bytes; more came.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** JSON in UTF-8 that fits a schema. Throws invalid_json, invalid_request. */
export function parseBody<Schema extends z.ZodType>(bytes: Uint8Array, schema: Schema): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ApiError('invalid_json', 'Expected a body of JSON in UTF-8.', { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiError(
    'invalid_request',
    `The body does not fit the contract: ${z.prettifyError(parsed.error)}`,
    {
      errors: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    },
  );
}
