/**
 * Pieces of work that block the thread, such as tokenising a prompt, between the passes of the model: many steps begin at
 * once when a full batch has ended, and a tenant that comes meanwhile must not wait for all of them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { VirtualCounters } from '#backend/fairness/counters';

/** A fraction of what a pass takes. A piece that takes longer has its slice for itself. */
const SLICE_MS = 2;

type Piece = { readonly tenant: string; work(): void };

export class Slices {
  readonly #counters: Pick<VirtualCounters, 'of'>;
  readonly #now: () => number;
  #waiting: Piece[] = [];
  #isRunning = false;

  /** `now`: a clock in milliseconds. */
  constructor(counters: Pick<VirtualCounters, 'of'>, now: () => number) {
    this.#counters = counters;
    this.#now = now;
  }

  /**
   * Does the work once it is its turn: after some milliseconds everything else that waits for the thread comes first.
   * A tenant that has had less than all that wait does not wait at all. Rejects with what the work throws.
   */
  async run<Result>(tenant: string, work: () => Result): Promise<Result> {
    const had = this.#counters.of(tenant);
    const isFirst = this.#waiting.every((piece) => had < this.#counters.of(piece.tenant));
    if (isFirst && this.#waiting.length > 0) return work();
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({
      tenant,
      work: () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      },
    });
    if (!this.#isRunning) void this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    this.#isRunning = true;
    // Whoever asks in the same moment takes part in the choice.
    await Promise.resolve();
    let end = this.#now() + SLICE_MS;
    for (let next = this.#next(); next; next = this.#next()) {
      next.work();
      if (this.#now() < end) continue;
      await nextTurn();
      end = this.#now() + SLICE_MS;
    }
    this.#isRunning = false;
  }

  #next(): Piece | undefined {
    let first: Piece | undefined;
    for (const piece of this.#waiting)
      if (first === undefined || this.#counters.of(piece.tenant) < this.#counters.of(first.tenant))
        first = piece;
    if (first) this.#waiting = this.#waiting.filter((piece) => piece !== first);
    return first;
  }
}
