/**
 * Iteration-level scheduling: steps ask for their next tokens to be appended, and each time round the
 * batch is made anew from those that ask. Decode rows go together; then one chunk of prefill follows, so
 * neither can starve the other. A step that is given up is dropped before the next pass.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { VisionLanguageModel } from '#backend/models/vision-language';
import type { KvSequence, KvShape } from './kv-sequence.ts';
import { type PassCounts, type PassRow, PassRunner } from './pass.ts';
import { DECODE_TOKENS_MAX, planDecode } from './pass-plan.ts';

/** Tokens of one prefill pass: bounds memory, and how long others wait for the thread. */
export const CHUNK_TOKENS = 256;

type Job = PassRow & {
  readonly signal: AbortSignal;
  resolve(logits: Float32Array[]): void;
  reject(reason: unknown): void;
};

export class Scheduler {
  readonly #runner: PassRunner;
  #waiting: Job[] = [];
  #isRunning = false;

  constructor(model: VisionLanguageModel) {
    this.#runner = new PassRunner(model);
  }

  get shape(): KvShape {
    return this.#runner.shape;
  }

  get counts(): Readonly<PassCounts> {
    return this.#runner.counts;
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
  append(row: PassRow, signal: AbortSignal): Promise<Float32Array[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Float32Array[]>();
    this.#waiting.push({ ...row, signal, resolve, reject });
    if (!this.#isRunning) void this.#work();
    return promise;
  }

  /** Tells that a sequence is not decoded any more. */
  release(sequence: KvSequence): void {
    this.#runner.release(sequence);
  }

  async #work(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const decode = await this.#take(({ ids }) => ids.length <= DECODE_TOKENS_MAX);
      for (const jobs of planDecode(decode.map(withTokens))) await this.#pass(jobs.map(({ job }) => job));
      const [chunk] = await this.#take(({ ids }) => ids.length > DECODE_TOKENS_MAX, 1);
      if (chunk) await this.#pass([chunk]);
    }
    this.#isRunning = false;
  }

  /**
   * Takes waiting jobs out, after every step that has just been answered could ask for its next pass, and
   * messages, such as a cancel, came in.
   */
  async #take(isWanted: (job: Job) => boolean, countMax = Number.POSITIVE_INFINITY): Promise<Job[]> {
    await nextTurn();
    for (const job of this.#waiting) if (job.signal.aborted) job.reject(job.signal.reason);
    this.#waiting = this.#waiting.filter((job) => !job.signal.aborted);
    const taken = this.#waiting.filter(isWanted).slice(0, countMax);
    this.#waiting = this.#waiting.filter((job) => !taken.includes(job));
    return taken;
  }

  async #pass(jobs: readonly Job[]): Promise<void> {
    const live = jobs.filter((job) => !job.signal.aborted);
    for (const job of jobs) if (job.signal.aborted) job.reject(job.signal.reason);
    if (live.length === 0) return;
    try {
      const logits = await this.#runner.run(live);
      live.forEach((job, index) => {
        job.resolve(logits[index] as Float32Array[]);
      });
    } catch (error) {
      for (const job of live) job.reject(error);
    }
  }
}

function withTokens(job: Job): { tokens: number; prefix: unknown; job: Job } {
  return { tokens: job.ids.length, prefix: job.sequence.prefix, job };
}
