/** What can go wrong, as classes; `instanceof TacoError` holds for all of them. */
import type { components } from './generated/api.ts';

export type Problem = components['schemas']['Problem'];
export type ErrorCode = components['schemas']['ErrorCode'];

export class TacoError extends Error {
  override readonly name: string = 'TacoError';
}

/** The server refused. `message` says what was expected, what came and how to mend it. */
export class ApiError extends TacoError {
  override readonly name = 'ApiError';
  readonly status: number;
  /** Undefined when something between client and server answered, such as a proxy. */
  readonly code: ErrorCode | undefined;
  readonly requestId: string | undefined;
  readonly problem: Problem | undefined;
  readonly retryable: boolean;
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, headers: Headers, problem: Problem | undefined) {
    super(problem?.detail ?? `status ${status}`);
    this.status = status;
    this.code = problem?.code;
    this.requestId = problem?.request_id ?? headers.get('x-request-id') ?? undefined;
    this.problem = problem;
    this.retryable = isRetryable(status, headers);
    this.retryAfterMs = retryAfterMs(headers);
  }
}

/** No reply came, or the connection broke more often than it is taken up again. `cause` says how. */
export class ConnectionError extends TacoError {
  override readonly name = 'ConnectionError';
}

/** The error of a reply that is no success. Reads its body. */
export async function apiErrorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  return new ApiError(response.status, response.headers, problemIn(text));
}

function problemIn(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'detail' in value ? (value as Problem) : undefined;
  } catch {
    return undefined;
  }
}

/** The server's own word wins over what the status lets guess. */
function isRetryable(status: number, headers: Headers): boolean {
  const word = headers.get('x-should-retry');
  if (word === 'true' || word === 'false') return word === 'true';
  return status === 408 || status === 429 || status >= 500;
}

/** Seconds or milliseconds; the form with a date is for caches and is not sent by the API. */
function retryAfterMs(headers: Headers): number | undefined {
  const milliseconds = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return seconds >= 0 ? seconds * 1000 : undefined;
}
