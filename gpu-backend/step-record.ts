/** What steps and runs took, as their callers see it: measured from arrival, with one monotonic clock. */
import { LRUCache } from 'lru-cache';
import type { TurnEvent } from '#backend/engine/protocol';
import { Histogram } from '#backend/histogram';
import type { StepRequest } from '#shared/contract';
import { ApiError } from '#shared/errors';
import { RUN_WALL_MS_MAX, STEPS_MAX } from '#shared/limits';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160];
const TOKEN_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
/** Runs between their first step and their answer. A run that never ends is forgotten. */
const RUNS_MAX = 4_096;

/** `left`: the caller went away. */
export type StepFailure = 'left' | 'deadline' | 'error';

export class StepRecord {
  readonly firstToken = new Histogram(SECONDS);
  readonly whole = new Histogram(SECONDS);
  readonly queue = new Histogram(SECONDS);
  readonly betweenTokens = new Histogram(TOKEN_SECONDS);
  readonly runLatency = new Histogram(SECONDS);
  readonly runSteps = new Histogram(Array.from({ length: STEPS_MAX }, (_, index) => index + 1));
  readonly failed: Record<StepFailure, number> = { left: 0, deadline: 0, error: 0 };
  readonly #runs = new LRUCache<string, { readonly from: number; steps: number }>({
    max: RUNS_MAX,
    ttl: RUN_WALL_MS_MAX,
  });
  readonly #now: () => number;

  /** `now`: a clock in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A step has come. */
  begin({ run, tenant = '' }: StepRequest): StepInProgress {
    const from = this.#now();
    const key = `${tenant} ${run}`;
    if (!this.#runs.has(key)) this.#runs.set(key, { from, steps: 0 });
    return {
      ended: (event) => {
        const whole = this.#now() - from;
        this.whole.observe(whole / 1000);
        // A short turn comes without pieces, so the first is not seen here.
        this.firstToken.observe(Math.max(0, whole - event.timings.decode_ms) / 1000);
        this.queue.observe(event.timings.queue_ms / 1000);
        const { completion_tokens: tokens } = event.usage;
        if (tokens > 1) this.betweenTokens.observe(event.timings.decode_ms / 1000 / tokens);
        this.#step(key, event);
      },
      failed: (error, hasLeft) => {
        const isLate = error instanceof ApiError && error.code === 'deadline_exceeded';
        this.failed[hasLeft ? 'left' : isLate ? 'deadline' : 'error']++;
      },
    };
  }

  #step(key: string, { turn }: TurnEvent): void {
    const run = this.#runs.get(key);
    if (!run) return;
    run.steps++;
    if (turn.actions[0]?.name !== 'Terminate') return;
    this.runLatency.observe((this.#now() - run.from) / 1000);
    this.runSteps.observe(run.steps);
    this.#runs.delete(key);
  }
}

export type StepInProgress = {
  ended(event: TurnEvent): void;
  failed(error: unknown, hasLeft: boolean): void;
};
