/** A bounded waiting line: whoever finds it full is told at once, so that load never piles up here. */
import { ApiError } from '#shared/errors';

export type Gate = {
  /**
   * Waits for a place and gives the milliseconds waited; `leave` must be called once.
   * Rejects with `overloaded` when the line is full, with the signal's reason when it aborts.
   */
  enter(signal: AbortSignal): Promise<{ readonly waitedMs: number; leave(): void }>;
  readonly running: number;
  readonly waiting: number;
};

export function createGate({
  concurrency,
  queueMax,
}: {
  readonly concurrency: number;
  readonly queueMax: number;
}): Gate {
  const line: Array<() => void> = [];
  let running = 0;

  const leave = (): void => {
    running--;
    line.shift()?.();
  };

  return {
    get running() {
      return running;
    },
    get waiting() {
      return line.length;
    },
    enter: async (signal) => {
      signal.throwIfAborted();
      const from = performance.now();
      if (running >= concurrency) {
        if (line.length >= queueMax) throw overloaded(queueMax);
        await turn(line, signal);
      }
      running++;
      return { waitedMs: performance.now() - from, leave: once(leave) };
    },
  };
}

function turn(line: Array<() => void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const wake = (): void => {
    signal.removeEventListener('abort', abort);
    resolve();
  };
  const abort = (): void => {
    line.splice(line.indexOf(wake), 1);
    reject(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  line.push(wake);
  return promise;
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

function overloaded(queueMax: number): ApiError {
  return new ApiError(
    'overloaded',
    `${queueMax} calls are waiting already. Repeat the call after Retry-After.`,
    {
      headers: { 'Retry-After': '1' },
    },
  );
}
