/** One request with its retries. All requests of this client may be repeated without harm. */
import type { Credentials } from './credentials.ts';
import { ApiError, apiErrorOf, ConnectionError, TacoError } from './errors.ts';
import { backoffMs, type Ports, reasonOf } from './ports.ts';

export type HttpOptions = {
  readonly baseUrl: string;
  readonly credentials: Credentials;
  readonly ports: Ports;
  /** Attempts after the first. */
  readonly retries: number;
  /** For the head of a reply. */
  readonly timeoutMs: number;
};

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal | undefined;
};

export type Http = {
  /** A success. @throws ApiError, ConnectionError, or the reason of the signal. */
  send(request: HttpRequest): Promise<Response>;
  /** DELETE. What is gone is no error: the reply to an attempt before may have been lost. */
  remove(request: Pick<HttpRequest, 'path' | 'signal'>): Promise<void>;
};

/** A server that asks for more is not waited for; the error says for how long. */
const RETRY_AFTER_MS_MAX = 60_000;

export function createHttp(options: HttpOptions): Http {
  const { credentials, ports, retries } = options;
  const send = async (request: HttpRequest): Promise<Response> => {
    let isRenewed = false;
    for (let attempt = 0; ; attempt++) {
      const token = await credentials.get();
      const outcome = await attemptOnce(options, request, token);
      // Not `instanceof Response`: a polyfill may have a class of its own.
      if (!(outcome instanceof TacoError)) return outcome;
      if (outcome instanceof ApiError && outcome.status === 401 && !isRenewed && credentials.refused(token)) {
        isRenewed = true;
        continue;
      }
      const wait = waitMs(outcome, attempt, ports);
      if (wait === undefined || attempt >= retries) throw outcome;
      await ports.sleep(wait, request.signal);
    }
  };
  return {
    send,
    remove: async (request) => {
      try {
        await send({ ...request, method: 'DELETE' });
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'not_found') throw error;
      }
    },
  };
}

/** How long to wait before the next attempt, or undefined when another would not help. */
function waitMs(error: ApiError | ConnectionError, attempt: number, { random }: Ports): number | undefined {
  const jitter = backoffMs(attempt, random);
  if (error instanceof ConnectionError) return jitter;
  if (!error.retryable) return undefined;
  const asked = error.retryAfterMs ?? 0;
  return asked > RETRY_AFTER_MS_MAX ? undefined : asked + jitter;
}

async function attemptOnce(
  { baseUrl, ports, timeoutMs }: HttpOptions,
  { method, path, headers, body, signal }: HttpRequest,
  token: string,
): Promise<Response | ApiError | ConnectionError> {
  // React Native knows neither AbortSignal.any nor AbortSignal.timeout.
  const abort = new AbortController();
  const leave = (): void => abort.abort(reasonOf(signal));
  if (signal?.aborted) throw reasonOf(signal);
  signal?.addEventListener('abort', leave, { once: true });
  const timer = setTimeout(() => abort.abort(new Error(`no reply within ${timeoutMs} ms`)), timeoutMs);
  try {
    const response = await ports.fetch(baseUrl + path, {
      method,
      headers: { ...headers, authorization: `Bearer ${token}` },
      signal: abort.signal,
      ...(body === undefined ? {} : { body }),
    });
    return response.ok ? response : await apiErrorOf(response);
  } catch (cause) {
    if (signal?.aborted) throw reasonOf(signal);
    return new ConnectionError(`no server answers at ${baseUrl}`, { cause });
  } finally {
    clearTimeout(timer);
    // The signal goes on to hold for the body of a stream; see events.ts.
    signal?.removeEventListener('abort', leave);
  }
}
