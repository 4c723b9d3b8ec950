/** The only place where an error becomes a reply. */
import type { ErrorHandler } from 'hono';
import { BackendFailure, publicError } from '#edge/backend/failure';
import type { AppContext, AppEnvironment } from '#edge/route';
import { ApiError, errorTable, problemOf } from '#shared/errors';

export const answerError: ErrorHandler<AppEnvironment> = (thrown, c) => {
  const error = reportedError(thrown, c);
  const { status: native, retryable } = errorTable[error.code];
  // OpenAI's API knows no 422.
  const status = c.get('openAi') && native === 422 ? 400 : native;
  const requestId = c.get('requestId') ?? 'req_unknown';
  return new Response(JSON.stringify(problemOf(error, requestId, status)), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      // OpenAI's clients repeat a request, or do not, by this header.
      'x-should-retry': String(retryable),
      ...error.headers,
    },
  });
};

/** What the caller may be told; a fault of ours goes to the log. */
export function reportedError(thrown: unknown, c: AppContext): ApiError {
  const error = apiErrorOf(thrown);
  if (errorTable[error.code].status >= 500)
    logFailure(thrown, c.get('requestId') ?? 'req_unknown', c.req.header('x-client-request-id'));
  return error;
}

function apiErrorOf(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof BackendFailure) return publicError(thrown);
  return new ApiError(
    'internal',
    'the request failed by a fault of ours; try again, and name the request id if it stays',
  );
}

function logFailure(thrown: unknown, requestId: string, clientRequestId: string | undefined): void {
  const causes: string[] = [];
  for (let cause = thrown; cause instanceof Error && causes.length < 4; cause = cause.cause) {
    causes.push(cause.stack ?? String(cause));
  }
  const client = clientRequestId?.replace(/[^\x21-\x7e]/g, '').slice(0, 128);
  console.error(JSON.stringify({ level: 'error', event: 'request.failed', requestId, client, causes }));
}
