/**
 * How long work that waits will take, from what was measured: what the last steps cost, and the time in which
 * something was done for them. Under load that is the rate of full batches; after a quiet time it is lower, and the
 * forecast too high for a few steps.
 */

/** A first step reads system prompt and photo; later ones read an observation. */
export type StepKind = 'first' | 'later';

/** A token that is written takes about twice the time of one that is read, where many are decoded together. */
const WRITTEN_WEIGHT = 2;
/** Weight of the newest step in what is usual. */
const NEWEST_WEIGHT = 0.1;
/** Steps that the rate is taken over. */
const WINDOW_STEPS = 64;

export const costOf = (usage: {
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly completion_tokens: number;
}): number => usage.prompt_tokens - usage.cached_tokens + WRITTEN_WEIGHT * usage.completion_tokens;

export class Forecast {
  readonly #now: () => number;
  readonly #usual = new Map<StepKind, { cost: number; ms: number }>();
  #running = 0;
  #since = 0;
  #busyMs = 0;
  /** The last ends: the busy time by then, and what was done. */
  #ends: Array<{ readonly busyMs: number; readonly cost: number }> = [{ busyMs: 0, cost: 0 }];

  /** `now`: a clock in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  begin(): void {
    this.#note();
    this.#running++;
  }

  /** A step has ended after `ms`; with a turn, that cost so much. One that was given up did its part of a usual one. */
  end(kind: StepKind, ms: number, cost: number | undefined): void {
    this.#note();
    this.#running--;
    const done = cost ?? this.usualCost(kind) * Math.min(1, ms / Math.max(1, this.usualMs(kind)));
    if (done > 0) this.#ends.push({ busyMs: this.#busyMs, cost: done });
    if (this.#ends.length > WINDOW_STEPS + 1) this.#ends.shift();
    if (cost === undefined) return;
    const usual = this.#usual.get(kind) ?? { cost, ms };
    const mixed = (old: number, newest: number): number => old + NEWEST_WEIGHT * (newest - old);
    this.#usual.set(kind, { cost: mixed(usual.cost, cost), ms: mixed(usual.ms, ms) });
  }

  /** Cost of a usual step; 0 while none has been seen. */
  usualCost(kind: StepKind): number {
    return (this.#usual.get(kind) ?? [...this.#usual.values()][0])?.cost ?? 0;
  }

  /** Milliseconds of a usual step that has its place; 0 while none has been seen. */
  usualMs(kind: StepKind): number {
    return (this.#usual.get(kind) ?? [...this.#usual.values()][0])?.ms ?? 0;
  }

  /** Milliseconds in which so much is done; undefined while nothing has been seen. */
  msOf(cost: number): number | undefined {
    this.#note();
    const [before, ...seen] = this.#ends;
    const done = seen.reduce((sum, end) => sum + end.cost, 0);
    if (!before || done === 0) return undefined;
    return (cost * (this.#busyMs - before.busyMs)) / done;
  }

  #note(): void {
    const now = this.#now();
    if (this.#running > 0) this.#busyMs += now - this.#since;
    this.#since = now;
  }
}
