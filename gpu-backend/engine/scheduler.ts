/**
 * Iteration-level scheduling: steps ask for their next tokens to be appended, and each time round the
 * batch is made anew from those that ask. Decode rows go together; then one chunk of prefill follows, of the
 * tenant that has had least, so neither can starve the other. What a pass costs is charged to its tenants. After each
 * pass it is seen who has come, or has left: a step that is given up is dropped before the next pass.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { VirtualCounters } from '#backend/fairness/counters';
import { FairRounds } from '#backend/fairness/rounds';
import type { VisionLanguageModel } from '#backend/models/vision-language';
import type { KvSequence, KvShape } from './kv-sequence.ts';
import { type PassCounts, type PassRow, PassRunner } from './pass.ts';
import type { PassCosts } from './pass-costs.ts';
import {
  DECODE_TOKENS_MAX,
  PASS_COST_CELLS,
  planDecode,
  SHARED_PASS_CELLS,
  type Waiting,
} from './pass-plan.ts';

/** Tokens of one prefill pass: bounds memory, and how long others wait for the thread. */
export const CHUNK_TOKENS = 256;

type Job = PassRow & {
  readonly tenant: string;
  readonly signal: AbortSignal;
  resolve(logits: Float32Array[]): void;
  reject(reason: unknown): void;
};

/** A scheduler as one tenant's steps see it. */
export type Lane = Pick<Scheduler, 'append' | 'release'>;

export class Scheduler {
  readonly #runner: PassRunner;
  readonly #rounds: FairRounds;
  #waiting: Job[] = [];
  #isRunning = false;

  /** Left to itself it takes all rounds to be everybody's, and prefers whose counter is least. */
  constructor(model: VisionLanguageModel, rounds = new FairRounds(new VirtualCounters(() => 0), () => 1)) {
    this.#runner = new PassRunner(model);
    this.#rounds = rounds;
  }

  get shape(): KvShape {
    return this.#runner.shape;
  }

  get counts(): Readonly<PassCounts> {
    return this.#runner.counts;
  }

  /** What its decode passes cost. */
  get costs(): PassCosts {
    return this.#runner.costs;
  }

  /** Sequences that are held as rows of a batch. */
  get rows(): number {
    return this.#runner.rows;
  }

  /**
   * Appends at most CHUNK_TOKENS tokens to a sequence, together with what others append meanwhile, and
   * gives the logits that the row wants. Rejects with the signal's reason, or with what the pass threw; the
   * sequence is unchanged then.
   */
  append(row: PassRow, signal: AbortSignal, tenant = ''): Promise<Float32Array[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Float32Array[]>();
    this.#waiting.push({ ...row, tenant, signal, resolve, reject });
    if (!this.#isRunning) void this.#work();
    return promise;
  }

  /** The same scheduler, its passes charged to a tenant. */
  laneOf(tenant: string): Lane {
    return {
      append: (row, signal) => this.append(row, signal, tenant),
      release: (sequence) => this.release(sequence),
    };
  }

  /** Tells that a sequence is not decoded any more. */
  release(sequence: KvSequence): void {
    this.#runner.release(sequence);
  }

  async #work(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const waiting = await this.#asked();
      await this.#round(waiting, this.#rounds.begin(waiting.map(({ tenant }) => tenant)));
    }
    this.#isRunning = false;
  }

  /** Decode passes, then a chunk of prefill; cut short when somebody comes whom these tenants are to wait for. */
  async #round(waiting: readonly Job[], takesPart: (tenant: string) => boolean): Promise<void> {
    const decode = waiting.filter(({ ids, tenant }) => ids.length <= DECODE_TOKENS_MAX && takesPart(tenant));
    const cellsMax = this.#rounds.expectsOthers ? SHARED_PASS_CELLS : Number.POSITIVE_INFINITY;
    for (const jobs of planDecode(decode.map(this.#planned), cellsMax)) {
      await this.#pass(this.#take(jobs.map(({ job }) => job)));
      const asking = await this.#asked();
      if (this.#rounds.isOvertaken(asking.map(({ tenant }) => tenant))) return;
    }
    const chunks = this.#waiting.filter(({ ids }) => ids.length > DECODE_TOKENS_MAX);
    const chunk = this.#rounds.first(chunks.filter(({ tenant }) => takesPart(tenant)));
    if (chunk) await this.#pass(this.#take([chunk]));
  }

  /**
   * The waiting jobs, after every step that has just been answered could ask for its next pass, and
   * messages, such as a cancel, came in.
   */
  async #asked(): Promise<readonly Job[]> {
    await nextTurn();
    for (const job of this.#waiting) if (job.signal.aborted) job.reject(job.signal.reason);
    this.#waiting = this.#waiting.filter((job) => !job.signal.aborted);
    return this.#waiting;
  }

  readonly #planned = (job: Job): Waiting & { readonly job: Job } => ({
    tokens: job.ids.length,
    prefix: job.sequence.prefix,
    place: this.#runner.placeOf(job.sequence),
    job,
  });

  #take(jobs: readonly Job[]): readonly Job[] {
    this.#waiting = this.#waiting.filter((job) => !jobs.includes(job));
    return jobs;
  }

  async #pass(jobs: readonly Job[]): Promise<void> {
    const live = jobs.filter((job) => !job.signal.aborted);
    for (const job of jobs) if (job.signal.aborted) job.reject(job.signal.reason);
    if (live.length === 0) return;
    const { cells } = this.#runner.counts;
    try {
      const logits = await this.#runner.run(live);
      this.#charge(live, PASS_COST_CELLS + this.#runner.counts.cells - cells);
      live.forEach((job, index) => {
        job.resolve(logits[index] as Float32Array[]);
      });
    } catch (error) {
      for (const job of live) job.reject(error);
    }
  }

  /** Each tenant pays for its tokens' share of a pass: decoded alone a token is dear, in a batch cheap. */
  #charge(jobs: readonly Job[], cost: number): void {
    const tokens = jobs.reduce((sum, { ids }) => sum + ids.length, 0);
    for (const { tenant, ids } of jobs) this.#rounds.charge(tenant, (cost * ids.length) / tokens);
  }
}
