/**
 * Whose rows take part in the next round of passes. Usually everybody's: a pass of all rows costs little more
 * than a pass of one. Only a tenant that crowds sits rounds out, for one that has had less and has far fewer
 * steps at work; so few runs beside a flood are about as fast as alone. The flood goes on all the same.
 */
import type { VirtualCounters } from './counters.ts';

/** Counters nearer than this are taken for equal: more than a chunk of prefill. In cells, as all costs here. */
export const SLACK_CELLS = 512;
/** A tenant crowds another when it has this many times as many steps at work. */
const CROWD_FACTOR = 4;
/** Of the work of rounds that crowds sit out, to what they then do in a round of their own. */
const FAVOUR = 4;
/** What may be done for others before a crowd's first round: a step of some length. */
const FIRST_ALLOWANCE = 1_024;

/** A tenant is expected back until so much has been done for others: some seconds of full load. */
const EXPECTED_CELLS = 262_144;

export class FairRounds {
  readonly #counters: VirtualCounters;
  readonly #atWork: (tenant: string) => number;
  /** Work that may still be done while crowds sit out. */
  #allowance = FIRST_ALLOWANCE;
  #crowds: ReadonlySet<string> = new Set();
  /** All that was done, and how much it was when something was last done for each tenant. */
  #done = 0;
  readonly #lastDone = new Map<string, number>();

  constructor(counters: VirtualCounters, atWork: (tenant: string) => number) {
    this.#counters = counters;
    this.#atWork = atWork;
  }

  /** Begins a round for the tenants that wait, and tells which of them take part. */
  begin(waiting: readonly string[]): (tenant: string) => boolean {
    this.#crowds = this.#crowdsAmong(new Set(waiting));
    if (this.#crowds.size === 0) {
      this.#allowance = FIRST_ALLOWANCE;
      return () => true;
    }
    if (this.#allowance > 0) {
      const crowds = this.#crowds;
      return (tenant) => !crowds.has(tenant);
    }
    this.#allowance = 0;
    return () => true;
  }

  /** Whether a round that began now would leave out tenants that take part in this one. */
  isOvertaken(waiting: readonly string[]): boolean {
    if (this.#allowance <= 0) return false;
    const crowds = this.#crowdsAmong(new Set(waiting));
    return [...crowds].some((tenant) => !this.#crowds.has(tenant));
  }

  /** Whether there are tenants besides one: such as come next should not find a long pass before them. */
  get expectsOthers(): boolean {
    for (const [tenant, done] of this.#lastDone)
      if (this.#done - done > EXPECTED_CELLS) this.#lastDone.delete(tenant);
    return this.#lastDone.size > 1;
  }

  /** A pass of this round cost so much for a tenant. */
  charge(tenant: string, cost: number): void {
    this.#counters.charge(tenant, cost);
    this.#done += cost;
    this.#lastDone.set(tenant, this.#done);
    if (this.#crowds.size === 0) return;
    this.#allowance += this.#crowds.has(tenant) ? FAVOUR * cost : -cost;
  }

  /** Of the jobs, the first of the tenant that has had least. */
  first<Job extends { readonly tenant: string }>(jobs: readonly Job[]): Job | undefined {
    let first: Job | undefined;
    for (const job of jobs)
      if (first === undefined || this.#counters.of(job.tenant) < this.#counters.of(first.tenant)) first = job;
    return first;
  }

  #crowdsAmong(tenants: ReadonlySet<string>): Set<string> {
    const [least] = [...tenants].toSorted((a, b) => this.#counters.of(a) - this.#counters.of(b));
    if (least === undefined) return new Set();
    const had = this.#counters.of(least) + SLACK_CELLS;
    const few = CROWD_FACTOR * Math.max(1, this.#atWork(least));
    return new Set(
      [...tenants].filter((tenant) => this.#counters.of(tenant) > had && this.#atWork(tenant) >= few),
    );
  }
}
