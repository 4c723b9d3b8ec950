/** How a run that gave no answer reads as an error of the API. */
import type { Run, RunErrorCode } from '#shared/api';
import { ApiError, type ErrorCode } from '#shared/errors';

const codes: Readonly<Record<RunErrorCode, ErrorCode>> = {
  no_answer: 'no_answer',
  image_unknown: 'image_unknown',
  deadline_exceeded: 'deadline_exceeded',
  backend_error: 'backend_error',
  backend_unavailable: 'backend_unavailable',
  overloaded: 'overloaded',
  interrupted: 'backend_unavailable',
  internal: 'internal',
};

/** Undefined when the run succeeded. */
export function failureOf(run: Run): ApiError | undefined {
  if (run.status === 'succeeded') return undefined;
  const extra = { run_id: run.id };
  if (run.status === 'canceled') return new ApiError('run_canceled', 'the run was canceled', { extra });
  if (!run.error) return unfinished(run.id);
  return new ApiError(codes[run.error.code], run.error.message, { extra });
}

export function unfinished(runId: string): ApiError {
  const message = `the run has not ended in time; look at GET /v1/runs/${runId}`;
  return new ApiError('deadline_exceeded', message, { extra: { run_id: runId } });
}
