/** Deadlines as abort signals. */
import { ApiError } from '#shared/errors';

/** Aborts with `deadline_exceeded` after `ms`, or with the reason of the first of `others` that aborts. */
export function deadline(
  ms: number,
  others: readonly AbortSignal[],
): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(
      new ApiError('deadline_exceeded', `The ${ms} ms of the call are over. Repeat it with more time.`),
    );
  }, ms);
  return {
    signal: AbortSignal.any([controller.signal, ...others]),
    clear: () => clearTimeout(timer),
  };
}
