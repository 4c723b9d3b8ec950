/**
 * The engine with a decoder of 40 million parameters and the shape of TACO's own runs: a system prompt of 3,400
 * tokens, an image of 729, a request of 30; three steps of 50 tokens, observations of 134. The weights are noise, so the
 * tokens are fixed beforehand and every way must find them to be its own greedy ones.
 */
import { SequenceDecoder } from '#backend/engine/decoder';
import { FeatureCache } from '#backend/engine/features';
import { type KvPrefix, KvSequence } from '#backend/engine/kv-sequence';
import { prefill } from '#backend/engine/prefill';
import { Scheduler } from '#backend/engine/scheduler';
import type { Raster } from '#backend/images/raster';
import { type LlavaModel, openLlava } from '#backend/models/llava';
import { type Random, randomOf } from '#training/random';
import { syntheticCheckpoint } from './engine/checkpoint.ts';
import { interleaved, printTable } from './engine/measure.ts';
import { best, Peer, type RecordedStep } from './engine/peer.ts';

const SYSTEM = 3_400;
const REQUEST = 30;
const OBSERVATION = 134;
const WRITTEN = 50;
const STEPS = 3;
const REPEATS = 3;
const CONCURRENCIES = [1, 4, 16];
const SEED = 20_261_127;
const never = new AbortController().signal;

type Job = { readonly image: Raster; readonly pieces: readonly (readonly number[])[] };

export async function run(): Promise<void> {
  const folder = await syntheticCheckpoint();
  const model = await openLlava(folder, { device: 'cpu', threads: 1 });
  const random = randomOf(SEED);
  const system = words(random, SYSTEM);
  const jobs = Array.from({ length: Math.max(...CONCURRENCIES) }, () => newJob(random, model));
  const scheduler = new Scheduler(model);
  const before = process.cpuUsage();
  const prefix = await prefixOf(scheduler, model, system);
  const { user } = process.cpuUsage(before);
  console.log(`the system prompt, computed once: ${(user / 1000).toFixed(0)} CPU ms`);
  const engine = new Engine(scheduler, model, prefix, system);
  const recorded = await Promise.all(jobs.map((job) => engine.run(job)));
  const [naive, reusing] = [await Peer.open(folder, model), await Peer.open(folder, model)];
  const first = recorded[0] as readonly RecordedStep[];
  const replay = (name: string, peer: Peer, reuse: boolean) => ({
    name,
    work: async () => {
      await peer.run(first, { reuse });
      return 1;
    },
  });
  const ours = (concurrency: number) => ({
    name: `engine, ${concurrency} at a time`,
    work: async () => {
      const again = await Promise.all(jobs.slice(0, concurrency).map((job) => engine.run(job)));
      if (
        JSON.stringify(again.map(tokensOf)) !== JSON.stringify(recorded.slice(0, concurrency).map(tokensOf))
      )
        throw new Error('the engine wrote other tokens in another batch');
      return concurrency;
    },
  });
  const measured = await interleaved(
    [replay('naive', naive, false), replay('reuse', reusing, true), ...CONCURRENCIES.map(ours)],
    REPEATS,
  );
  for (const [name, { counts }] of [
    ['naive', naive],
    ['reuse', reusing],
  ] as const)
    console.log(
      `${name}: ${counts.computed / REPEATS} tokens computed for a run, its greedy token is the engine's at ${counts.agreed} of ${counts.written} places`,
    );
  printTable(measured, ['naive', 'reuse']);
  for (const peer of [naive, reusing]) await peer.release();
  await model.release();
}

class Engine {
  readonly #scheduler: Scheduler;
  readonly #model: LlavaModel;
  readonly #prefix: KvPrefix;
  readonly #system: readonly number[];

  constructor(scheduler: Scheduler, model: LlavaModel, prefix: KvPrefix, system: readonly number[]) {
    this.#scheduler = scheduler;
    this.#model = model;
    this.#prefix = prefix;
    this.#system = system;
  }

  /** All steps of a run; its keys and values are kept from step to step, its image is encoded once. */
  async run({ image, pieces }: Job): Promise<RecordedStep[]> {
    const rows = await new FeatureCache(this.#model.images).encode('image', image);
    const sequence = new KvSequence(this.#scheduler.shape, this.#prefix);
    const steps: RecordedStep[] = [];
    let ids: readonly number[] = this.#system;
    for (const piece of pieces) {
      ids = [...ids, ...piece];
      const decoder = new SequenceDecoder(this.#scheduler, sequence, never);
      let logits = await prefill(decoder, { ids, images: ['image'] }, [rows], this.#model.config);
      const written = [best(logits)];
      while (written.length < WRITTEN) {
        logits = await decoder.append(written.slice(-1));
        written.push(best(logits));
      }
      decoder.release();
      steps.push({ ids, images: [image], written });
      ids = [...ids, ...written];
    }
    return steps;
  }
}

const tokensOf = (steps: readonly RecordedStep[]): (readonly number[])[] =>
  steps.map(({ written }) => written);

function newJob(random: Random, { config }: LlavaModel): Job {
  const side = config.vision.image_size;
  const data = Buffer.from(Array.from({ length: side * side * 3 }, () => random.int(0, 255)));
  const image = Array<number>(config.imageTokens).fill(config.imageToken);
  const observations = Array.from({ length: STEPS - 1 }, () => words(random, OBSERVATION));
  return {
    image: { width: side, height: side, data },
    pieces: [[...image, ...words(random, REQUEST)], ...observations],
  };
}

const words = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.int(10, 31_000));

async function prefixOf(scheduler: Scheduler, model: LlavaModel, ids: readonly number[]): Promise<KvPrefix> {
  const decoder = new SequenceDecoder(scheduler, new KvSequence(scheduler.shape), never);
  await prefill(decoder, { ids, images: [] }, [], model.config);
  return decoder.sequence.freeze();
}
