/** Runs of fixed shape on a decoder of noise: the engine's own way to serve them. */
import { SequenceDecoder } from '#backend/engine/decoder';
import { FeatureCache } from '#backend/engine/features';
import { type KvPrefix, KvSequence } from '#backend/engine/kv-sequence';
import { prefill } from '#backend/engine/prefill';
import { Scheduler } from '#backend/engine/scheduler';
import type { Raster } from '#backend/images/raster';
import type { LlavaModel } from '#backend/models/llava';
import { type Random, randomOf } from '#training/random';
import { best, type RecordedStep } from './peer.ts';

/** Tokens of the parts of a run. */
export type Workload = {
  readonly name: string;
  readonly system: number;
  /** Whether the request has a picture. */
  readonly image: boolean;
  readonly request: number;
  readonly observation: number;
  readonly written: number;
  readonly steps: number;
};

type Job = { readonly image: Raster | undefined; readonly pieces: readonly (readonly number[])[] };

const SEED = 20_261_127;
const never = new AbortController().signal;

export class SyntheticEngine {
  readonly scheduler: Scheduler;
  readonly #model: LlavaModel;
  readonly #workload: Workload;
  readonly #jobs: readonly Job[];
  readonly #system: readonly number[];
  readonly #prefix: KvPrefix;

  /** Computes the system prompt, once for all runs. */
  static async open(model: LlavaModel, workload: Workload, runs: number): Promise<SyntheticEngine> {
    const random = randomOf(SEED);
    const system = words(random, workload.system);
    const jobs = Array.from({ length: runs }, () => newJob(random, model, workload));
    const scheduler = new Scheduler(model);
    const decoder = new SequenceDecoder(scheduler, new KvSequence(scheduler.shape), never);
    await prefill(decoder, { ids: system, images: [] }, [], model.config);
    return new SyntheticEngine(model, workload, jobs, scheduler, system, decoder.sequence.freeze());
  }

  private constructor(
    model: LlavaModel,
    workload: Workload,
    jobs: readonly Job[],
    scheduler: Scheduler,
    system: readonly number[],
    prefix: KvPrefix,
  ) {
    this.scheduler = scheduler;
    this.#model = model;
    this.#workload = workload;
    this.#jobs = jobs;
    this.#system = system;
    this.#prefix = prefix;
  }

  /** The steps of run `index`; its keys and values are kept from step to step, its image is encoded once. */
  async run(index: number): Promise<RecordedStep[]> {
    const { image, pieces } = this.#jobs[index] as Job;
    const rows = image ? [await new FeatureCache(this.#model.images).encode('image', image)] : [];
    const sequence = new KvSequence(this.scheduler.shape, this.#prefix);
    const steps: RecordedStep[] = [];
    let ids: readonly number[] = this.#system;
    for (const piece of pieces) {
      ids = [...ids, ...piece];
      const decoder = new SequenceDecoder(this.scheduler, sequence, never);
      let logits = await prefill(decoder, { ids, images: ['image'] }, rows, this.#model.config);
      const written = [best(logits)];
      while (written.length < this.#workload.written) {
        logits = await decoder.append(written.slice(-1));
        written.push(best(logits));
      }
      decoder.release();
      steps.push({ ids, images: image ? [image] : [], written });
      ids = [...ids, ...written];
    }
    return steps;
  }
}

function newJob(random: Random, { config }: LlavaModel, workload: Workload): Job {
  const side = config.vision.image_size;
  const data = Buffer.from(
    Array.from({ length: workload.image ? side * side * 3 : 0 }, () => random.int(0, 255)),
  );
  const image = Array<number>(workload.image ? config.imageTokens : 0).fill(config.imageToken);
  const observations = Array.from({ length: workload.steps - 1 }, () => words(random, workload.observation));
  return {
    image: workload.image ? { width: side, height: side, data } : undefined,
    pieces: [[...image, ...words(random, workload.request)], ...observations],
  };
}

const words = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.int(10, 31_000));
