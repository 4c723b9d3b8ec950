/**
 * A bounded number of places, given to the waiting tenant that has had least; within a tenant first come, first
 * served. Some places are spare: they are for tenants that have none, so that a flood never holds them all.
 */
import type { VirtualCounters } from './counters.ts';

export type LineOptions = {
  /** Looked at each time, because how many fit is known only once a model is open. */
  readonly places: () => number;
  readonly spare: number;
  readonly counters: VirtualCounters;
};

type Waiting = {
  readonly tenant: string;
  /** What it is expected to cost, in the unit of the counters. */
  readonly cost: number;
  start(): void;
  turnAway(reason: unknown): void;
};

/** The waiting of a tenant: what it has had, what they cost in their order, and which of them is next. */
type Queue = { had: number; readonly costs: number[]; next: number };

export class FairLine {
  readonly #options: LineOptions;
  readonly #held = new Map<string, number>();
  #running = 0;
  #waiting: Waiting[] = [];

  constructor(options: LineOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** What all that wait are expected to cost. */
  get waitingCost(): number {
    return this.#waiting.reduce((sum, { cost }) => sum + cost, 0);
  }

  /** Places that a tenant has. */
  heldBy(tenant: string): number {
    return this.#held.get(tenant) ?? 0;
  }

  waitingOf(tenant: string): number {
    let count = 0;
    for (const entry of this.#waiting) if (entry.tenant === tenant) count++;
    return count;
  }

  /** Whether a call of this tenant would get a place at once. */
  hasRoom(tenant: string): boolean {
    const places = this.#options.places();
    if (this.#running < places) return true;
    return this.heldBy(tenant) === 0 && this.#running < places + this.#options.spare;
  }

  /**
   * Resolves with a place, which `leave` gives back. Rejects with the signal's reason when it aborts, or with
   * the reason of `turnAway`.
   */
  async enter(tenant: string, signal: AbortSignal, cost = 0): Promise<void> {
    signal.throwIfAborted();
    this.#options.counters.enter(tenant);
    if (this.hasRoom(tenant)) return this.#take(tenant, cost);
    try {
      await this.#wait(tenant, signal, cost);
    } catch (error) {
      this.#options.counters.leave(tenant);
      throw error;
    }
  }

  /** Gives a place back; it goes straight to the next in line, so nobody can slip in between. */
  leave(tenant: string): void {
    this.#running--;
    const held = this.heldBy(tenant) - 1;
    if (held > 0) this.#held.set(tenant, held);
    else this.#held.delete(tenant);
    this.#options.counters.leave(tenant);
    for (let next = this.#next(); next; next = this.#next()) {
      this.#remove(next);
      this.#take(next.tenant, next.cost);
      next.start();
    }
  }

  async run<Result>(tenant: string, signal: AbortSignal, task: () => Promise<Result>): Promise<Result> {
    await this.enter(tenant, signal);
    try {
      return await task();
    } finally {
      this.leave(tenant);
    }
  }

  /** What is expected to be done before a newcomer of this tenant gets a place: the order in which the waiting go. */
  costAhead(tenant: string): number {
    const { counters } = this.#options;
    const queues = new Map<string, Queue>();
    const queueOf = (name: string): Queue => {
      const known = queues.get(name) ?? { had: counters.of(name), costs: [], next: 0 };
      queues.set(name, known);
      return known;
    };
    for (const entry of this.#waiting) queueOf(entry.tenant).costs.push(entry.cost);
    const own = queueOf(tenant);
    let ahead = 0;
    for (;;) {
      let first: Queue | undefined;
      for (const queue of queues.values())
        if (queue.next < queue.costs.length && (first === undefined || queue.had < first.had)) first = queue;
      if (!first || (own.next === own.costs.length && own.had < first.had)) return ahead;
      const cost = first.costs[first.next++] as number;
      ahead += cost;
      first.had += cost;
    }
  }

  /** Whether `makeRoomFor` would turn somebody away. */
  couldMakeRoomFor(tenant: string): boolean {
    return this.#heaviestWaiting().count > this.waitingOf(tenant) + 1;
  }

  /** Turns the last of the tenant away that has most waiting, if that is more than `tenant` would have. */
  makeRoomFor(tenant: string, reason: () => unknown): boolean {
    if (!this.couldMakeRoomFor(tenant)) return false;
    const { heaviest } = this.#heaviestWaiting();
    this.#waiting.findLast((entry) => entry.tenant === heaviest)?.turnAway(reason());
    return true;
  }

  /** Turns everybody away who waits. */
  turnAllAway(reason: () => unknown): void {
    for (const entry of [...this.#waiting]) entry.turnAway(reason());
  }

  #heaviestWaiting(): { readonly heaviest: string; readonly count: number } {
    const counts = new Map<string, number>();
    for (const { tenant } of this.#waiting) counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
    const [heaviest, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
    return { heaviest, count };
  }

  #take(tenant: string, cost: number): void {
    this.#running++;
    this.#held.set(tenant, this.heldBy(tenant) + 1);
    this.#options.counters.charge(tenant, cost);
  }

  #next(): Waiting | undefined {
    const { counters } = this.#options;
    const able = this.#waiting.filter(({ tenant }) => this.hasRoom(tenant));
    return leastOf(able, ({ tenant }) => counters.of(tenant));
  }

  #remove(entry: Waiting): void {
    this.#waiting = this.#waiting.filter((other) => other !== entry);
  }

  #wait(tenant: string, signal: AbortSignal, cost: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => entry.turnAway(signal.reason);
    const entry: Waiting = {
      tenant,
      cost,
      start: () => {
        signal.removeEventListener('abort', abort);
        resolve();
      },
      turnAway: (reason) => {
        signal.removeEventListener('abort', abort);
        this.#remove(entry);
        reject(reason);
      },
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#waiting.push(entry);
    return promise;
  }
}

/** The first of those with the least value. */
function leastOf<Item>(items: readonly Item[], costOf: (item: Item) => number): Item | undefined {
  let least: Item | undefined;
  for (const item of items) if (least === undefined || costOf(item) < costOf(least)) least = item;
  return least;
}
