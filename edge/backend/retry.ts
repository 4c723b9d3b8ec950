/** Repeats a call over the backends until it succeeds or its bounds are reached. Pure but for its arguments. */
import { BACKEND_ATTEMPTS_MAX, BACKEND_BACKOFF_MS_MAX, BACKEND_BACKOFF_MS_MIN } from '#shared/limits';
import { BackendFailure } from './failure.ts';

export type RetryPorts = {
  now(): number;
  /** 0 <= x < 1 */
  random(): number;
  sleep(ms: number): Promise<void>;
};

export type RetryBounds = {
  /** No attempt starts later, in milliseconds since 1970. */
  readonly until: number;
};

/**
 * `backends` in order of preference. Each failure moves on to the next; after a round of all of them
 * comes a pause with full jitter, at least as long as a backend asked for. Outages are bounded by
 * time, so that a backend may restart; senseless replies by BACKEND_ATTEMPTS_MAX.
 */
export async function withRetries<Result>(
  ports: RetryPorts,
  backends: readonly string[],
  { until }: RetryBounds,
  attempt: (backend: string) => Promise<Result>,
): Promise<Result> {
  let senseless = 0;
  for (let count = 0; ; count++) {
    const backend = backends[count % backends.length] ?? '';
    try {
      return await attempt(backend);
    } catch (error) {
      if (!(error instanceof BackendFailure) || error.kind === 'refusal') throw error;
      if (error.kind === 'reply' && ++senseless >= BACKEND_ATTEMPTS_MAX) throw error;
      const round = Math.floor((count + 1) / backends.length);
      const roundEnded = (count + 1) % backends.length === 0;
      const pause = roundEnded ? Math.max(error.retryAfterMs, backoffMs(round, ports.random())) : 0;
      if (ports.now() + pause >= until) throw error;
      if (pause > 0) await ports.sleep(pause);
    }
  }
}

/** Full jitter: anything between 0 and the doubling bound. */
function backoffMs(round: number, random: number): number {
  return random * Math.min(BACKEND_BACKOFF_MS_MAX, BACKEND_BACKOFF_MS_MIN * 2 ** Math.min(round, 20));
}
