/** How a call to a backend can fail, sorted by what can be done about it. */
import { ApiError, type ErrorCode } from '#shared/errors';

/**
 * `outage`: it does not answer, is busy, or broke off; another attempt may well succeed.
 * `reply`: it answered with what is no valid reply; worth few attempts.
 * `refusal`: it understood and said no (problem details); the same call gets the same answer.
 */
export type FailureKind = 'outage' | 'reply' | 'refusal';

export class BackendFailure extends Error {
  override readonly name = 'BackendFailure';
  readonly kind: FailureKind;
  readonly code: ErrorCode;
  readonly retryAfterMs: number;
  /** Digests that the backend asked for, with code `images_missing`. */
  readonly missing: readonly string[];

  constructor(
    kind: FailureKind,
    code: ErrorCode,
    message: string,
    options: { retryAfterMs?: number; missing?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = options.retryAfterMs ?? 0;
    this.missing = options.missing ?? [];
  }
}

const PUBLIC: Readonly<Partial<Record<ErrorCode, string>>> = {
  backend_unavailable: 'no inference backend answers at the moment; try again shortly',
  overloaded: 'the inference backends are busy; try again shortly',
  deadline_exceeded: 'the inference backend did not answer in time; try again',
};

/** What the caller of the API is told: a refusal in the backend's words, anything else in ours. */
export function publicError(failure: BackendFailure): ApiError {
  if (failure.kind === 'refusal') return new ApiError(failure.code, failure.message, { cause: failure });
  const message = PUBLIC[failure.code];
  const code = message === undefined ? 'backend_error' : failure.code;
  return new ApiError(code, message ?? 'the inference backend gave no valid reply; try again', {
    cause: failure,
    headers: { 'retry-after': String(Math.max(1, Math.ceil(failure.retryAfterMs / 1000))) },
  });
}
