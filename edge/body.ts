/** Reads request bodies: bounded, drained when refused, strict about what JSON and text are. */
import type * as z from 'zod';
import { ApiError, type ErrorDetail } from '#shared/errors';
import { BODY_BYTES_MAX, DRAIN_BYTES_MAX, DRAIN_MS_MAX } from '#shared/limits';
import type { AppContext } from './route.ts';
import { sha256Hex } from './storage/digest.ts';

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

/**
 * The whole body. @throws ApiError `body_too_large`, after reading on so that the client hears it;
 * `body_incomplete` when the connection or its framing breaks off before the end.
 */
export async function readBytes(c: AppContext, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = new ApiError(
    'body_too_large',
    `expected at most ${bytesMax} bytes; send less, or scale images down`,
  );
  const declared = c.req.header('content-length');
  if (declared !== undefined && Number(declared) > bytesMax) throw tooLarge;
  const reader = c.req.raw.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const read = () =>
    reader?.read().catch((cause: unknown) => {
      throw new ApiError('body_incomplete', 'expected a whole body, but it broke off; send it again', {
        cause,
      });
    });
  for (let next = await read(); reader && next && !next.done; next = await read()) {
    length += next.value.byteLength;
    if (length > bytesMax) {
      await drain(reader);
      throw tooLarge;
    }
    chunks.push(next.value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** Reads and forgets, within DRAIN_BYTES_MAX and DRAIN_MS_MAX; a client that is gone is no error. */
export async function drain(reader: BodyReader): Promise<void> {
  let bytes = 0;
  const readOn = async () => {
    for (let next = await reader.read(); !next.done && bytes < DRAIN_BYTES_MAX; next = await reader.read()) {
      bytes += next.value.byteLength;
    }
  };
  const timeUp = Promise.withResolvers<void>();
  const timer = setTimeout(timeUp.resolve, DRAIN_MS_MAX);
  await Promise.race([readOn().catch(() => undefined), timeUp.promise]);
  clearTimeout(timer);
  await reader.cancel().catch(() => undefined);
}

/** A JSON body that fits the schema. @throws ApiError 400, 413, 415 or 422. */
export async function readJsonBody<Value>(c: AppContext, schema: z.ZodType<Value>): Promise<Value> {
  return parseJsonBody(await readJsonBytes(c), schema);
}

/** The same, with the SHA-256 of the bytes: what tells a repeated request from another one. */
export async function readFingerprintedJson<Value>(
  c: AppContext,
  schema: z.ZodType<Value>,
): Promise<{ readonly value: Value; readonly sha256: string }> {
  const bytes = await readJsonBytes(c);
  return { value: parseJsonBody(bytes, schema), sha256: await sha256Hex(bytes) };
}

/** The bytes of a body that says it is JSON. @throws ApiError 413 or 415. */
export async function readJsonBytes(c: AppContext): Promise<Uint8Array<ArrayBuffer>> {
  const type = c.req.header('content-type');
  if (type !== undefined && !/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ApiError('unsupported_media_type', 'expected content-type: application/json');
  }
  return readBytes(c, BODY_BYTES_MAX);
}

function parseJsonBody<Value>(bytes: Uint8Array, schema: z.ZodType<Value>): Value {
  const parsed = schema.safeParse(readJson(bytes));
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error.issues);
}

/** Any JSON. @throws ApiError 400 or 422. */
export function readJson(bytes: Uint8Array): unknown {
  const value = parseJson(bytes);
  const damaged = loneSurrogate(value);
  if (damaged !== undefined) {
    const message = 'expected well-formed Unicode, found a lone surrogate';
    throw new ApiError('invalid_request', message, { errors: [{ path: damaged, message }] });
  }
  return value;
}

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

const ISSUES_MAX = 20;

/** 422 with one entry per fault. */
export function invalidRequest(issues: readonly Issue[], prefix = ''): ApiError {
  const errors = issues.slice(0, ISSUES_MAX).map(
    ({ path, message }): ErrorDetail => ({
      path: [...(prefix ? [prefix] : []), ...path.map((part) => String(part).slice(0, 64))].join('.'),
      message: message.slice(0, 500),
    }),
  );
  const [first] = errors;
  const where = first?.path ? `${first.path}: ` : '';
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return new ApiError('invalid_request', `${where}${first?.message ?? 'does not fit the schema'}${more}`, {
    errors,
  });
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) throw new ApiError('invalid_json', 'expected a JSON body, got none');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw new ApiError('invalid_json', 'expected UTF-8, got other bytes', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError('invalid_json', 'expected a valid JSON document', { cause });
  }
}

/** Where a string is no Unicode text. Walks without recursion: nesting may be deep. */
function loneSurrogate(root: unknown): string | undefined {
  const open: Array<{ value: unknown; path: string }> = [{ value: root, path: '' }];
  for (let item = open.pop(); item; item = open.pop()) {
    const { value, path } = item;
    if (typeof value === 'string' && !value.isWellFormed()) return path;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, child] of Object.entries(value)) {
      if (!key.isWellFormed()) return path;
      // Only the first levels are named; the schema refuses what is deeper.
      open.push({ value: child, path: path.length > 200 ? path : path ? `${path}.${key}` : key });
    }
  }
  return undefined;
}
