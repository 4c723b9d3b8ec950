/** One signed HTTP exchange with one backend; every way to fail becomes a BackendFailure. */
import * as z from 'zod';
import { sha256Hex } from '#edge/storage/digest';
import { SIGNATURE_HEADER, signedText, TIMESTAMP_HEADER } from '#shared/contract';
import { type ErrorCode, errorTable } from '#shared/errors';
import { BACKEND_REPLY_BYTES_MAX } from '#shared/limits';
import { BackendFailure } from './failure.ts';

export type Transport = {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
  /** HMAC-SHA-256 of a text in hex, by the secret that edge and backend share. */
  readonly sign: (text: string) => Promise<string>;
  /** Sent with every request, such as a Cloudflare Access service token. */
  readonly headers: Readonly<Record<string, string>>;
};

export type Exchange = {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};

const encoder = new TextEncoder();

export function jsonBody(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encoder.encode(JSON.stringify(value)));
}

/** Sends, and hands a 2xx reply to `read`; the timeout covers both. */
export async function exchange<Result>(
  transport: Transport,
  backend: string,
  { method, path, body, headers, timeoutMs, signal }: Exchange,
  read: (response: Response) => Promise<Result>,
): Promise<Result> {
  const timestamp = String(transport.now());
  const text = signedText(method, path, timestamp, await sha256Hex(body ?? new Uint8Array()));
  try {
    const response = await transport.fetch(backend + path, {
      method,
      ...(body ? { body } : {}),
      headers: {
        ...transport.headers,
        ...headers,
        [TIMESTAMP_HEADER]: timestamp,
        [SIGNATURE_HEADER]: await transport.sign(text),
      },
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(Math.max(1, timeoutMs)), ...(signal ? [signal] : [])]),
    });
    if (!response.ok) throw await failureOf(response);
    return await read(response);
  } catch (error) {
    // Whoever ended the call wants no other attempt.
    if (signal?.aborted)
      throw new BackendFailure('refusal', 'internal', 'the call was ended', { cause: error });
    if (error instanceof BackendFailure) throw error;
    if (error instanceof Error && error.name === 'TimeoutError') {
      throw new BackendFailure('outage', 'deadline_exceeded', `no reply within ${timeoutMs} ms`, {
        cause: error,
      });
    }
    throw new BackendFailure('outage', 'backend_unavailable', 'the connection failed or broke off', {
      cause: error,
    });
  }
}

/**
 * Hands each chunk of a body to `take` until that makes something of it; undefined when the body ends before.
 * At most BACKEND_REPLY_BYTES_MAX in all. A plain loop, because a turn comes in a chunk for each token and a
 * generator takes several times as long for it.
 */
export async function takeChunks<Result>(
  response: Response,
  take: (chunk: Uint8Array) => Result | undefined,
): Promise<Result | undefined> {
  const reader = response.body?.getReader();
  let bytes = 0;
  let whole = false;
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      bytes += next.value.byteLength;
      if (bytes > BACKEND_REPLY_BYTES_MAX) {
        throw new BackendFailure(
          'reply',
          'backend_error',
          `the reply has more than ${BACKEND_REPLY_BYTES_MAX} bytes`,
        );
      }
      const made = take(next.value);
      if (made !== undefined) return made;
    }
    whole = true;
    return undefined;
  } finally {
    // What is left of a reply that nobody wants must not hold the connection.
    if (!whole) await reader?.cancel().catch(() => undefined);
  }
}

export async function readBytes(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  await takeChunks(response, (chunk) => void chunks.push(chunk));
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

export async function readJson<Value>(response: Response, schema: z.ZodType<Value>): Promise<Value> {
  return parseReply(new TextDecoder().decode(await readBytes(response)), schema);
}

export function parseReply<Value>(text: string, schema: z.ZodType<Value>): Value {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BackendFailure('reply', 'backend_error', 'the reply is not JSON', { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BackendFailure(
    'reply',
    'backend_error',
    `the reply does not fit the contract: ${z.prettifyError(parsed.error)}`,
  );
}

const problem = z.object({
  code: z.string(),
  detail: z.string().max(2_000),
  missing: z.array(z.string().max(64)).max(64).optional(),
});

/** Statuses that speak of a moment, not of the request. */
const MOMENTARY: ReadonlyMap<number, ErrorCode> = new Map([
  [429, 'overloaded'],
  [502, 'backend_error'],
  [503, 'backend_unavailable'],
  [504, 'deadline_exceeded'],
]);

async function failureOf(response: Response): Promise<BackendFailure> {
  const text = new TextDecoder().decode(await readBytes(response));
  const body = problem.safeParse(tryJson(text));
  const retryAfterMs = Math.min(60, Number(response.headers.get('retry-after')) || 0) * 1000;
  const said = body.success && isErrorCode(body.data.code) ? body.data : undefined;
  const momentary = MOMENTARY.get(response.status);
  if (momentary) {
    const code = said?.code === 'overloaded' ? 'overloaded' : momentary;
    return new BackendFailure('outage', code, `status ${response.status}`, { retryAfterMs });
  }
  // Our own signature being refused is nothing that the caller of the API could mend.
  if (!said || response.status === 401 || response.status === 404 || response.status >= 500) {
    return new BackendFailure('reply', 'backend_error', `unexpected status ${response.status}`);
  }
  const missing = body.data?.missing;
  return new BackendFailure('refusal', said.code as ErrorCode, said.detail, missing ? { missing } : {});
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
