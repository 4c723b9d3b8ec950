/**
 * The planner at work: one turn for one step of a run. The prompt is always built and tokenised from the
 * conversation; image features and keys and values are only kept to save time, never to remember.
 */
import { LRUCache } from 'lru-cache';
import { VirtualCounters } from '#backend/fairness/counters';
import { FairLine } from '#backend/fairness/line';
import { FairRounds, SLACK_CELLS } from '#backend/fairness/rounds';
import type { Raster } from '#backend/images/raster';
import type { ImageLayout, VisionLanguageModel } from '#backend/models/vision-language';
import type { StepRequest } from '#shared/contract';
import { imagesOf } from '#shared/conversation';
import {
  FAIR_CREDIT_STEPS,
  GRAMMARS_MAX,
  KV_BYTES_MAX,
  KV_TENANT_SHARE,
  KV_TOKENS_MAX,
  PLANNER_ACTIVE_MAX,
  PLANNER_ACTIVE_MIN,
  PLANNER_SPARE,
} from '#shared/limits';
import { completeQuestion } from './completion.ts';
import { countStep, type EngineCounts, noSteps } from './counts.ts';
import { SequenceDecoder } from './decoder.ts';
import { Drafter } from './drafts.ts';
import { GrammarCache } from './grammar/cache.ts';
import { KvSequence } from './kv-sequence.ts';
import { KvStore } from './kv-store.ts';
import { PASS_COST_CELLS } from './pass-plan.ts';
import { placesOf } from './places.ts';
import { prefill } from './prefill.ts';
import { commonLength, type Prompt, type PromptShape, promptOf, systemIds } from './prompts.ts';
import type { TurnEvent } from './protocol.ts';
import { type Lane, Scheduler } from './scheduler.ts';
import { SharedWork } from './shared-work.ts';
import { Slices } from './slices.ts';
import { StepImages } from './step-images.ts';
import { checkLength, turnOf } from './step-limits.ts';
import { decodeTurn } from './turn-decode.ts';
import { TurnWriter } from './turn-writer.ts';

export type { TurnEvent };

export type StepIo = {
  /** Called with each piece of the turn as it is written; pieces are whole characters. */
  onText(text: string): void;
  /** Looked at before every pass of the model. */
  readonly signal: AbortSignal;
};

type Prepared = {
  readonly prompt: Prompt;
  readonly layouts: readonly ImageLayout[];
  readonly writer: TurnWriter;
};

/** Shorter beginnings are cheaper to copy from another run than to keep as a segment of their own. */
const SHARED_TOKENS_MIN = 32;

export class PlannerEngine {
  readonly #model: VisionLanguageModel;
  readonly #shape: PromptShape;
  readonly #tools: ReadonlySet<string> | undefined;
  readonly #images: StepImages;
  readonly #store: KvStore;
  readonly #scheduler: Scheduler;
  /** Steps that may be worked on together, but for those that tenants without any may have besides. */
  readonly slots: number;
  readonly #line: FairLine;
  readonly #grammars: GrammarCache;
  readonly #drafts: Drafter;
  readonly #slices: Slices;
  /** By their actions: few lists differ at a time. */
  readonly #systems = new LRUCache<string, readonly number[]>({ max: GRAMMARS_MAX });
  readonly #sharing = new SharedWork<void>();
  readonly #steps = noSteps();
  readonly #tokenBytes: number;
  /** Steps that are past their prompt. */
  #decoding = 0;

  /** `turns` are public ones such as the model writes; drafts are made of them. */
  constructor(
    model: VisionLanguageModel,
    shape: PromptShape,
    tools?: readonly string[],
    turns: readonly string[] = [],
  ) {
    this.#model = model;
    this.#tools = tools && new Set([...tools, 'Terminate']);
    this.#shape = shape;
    this.#images = new StepImages(model.images, this.#steps);
    this.#grammars = new GrammarCache(shape.codec.vocabulary);
    const counters = new VirtualCounters(() => SLACK_CELLS + FAIR_CREDIT_STEPS * this.#usualCells());
    const line = new FairLine({ places: () => this.slots, spare: PLANNER_SPARE, counters });
    this.#line = line;
    this.#slices = new Slices(counters, () => performance.now());
    this.#scheduler = new Scheduler(model, new FairRounds(counters, (tenant) => line.heldBy(tenant)));
    this.#drafts = new Drafter(this.#scheduler.costs, turns.map(shape.codec.encode));
    const kv = this.#scheduler.shape;
    this.#tokenBytes = kv.layers * kv.heads * kv.headSize * 2 * Float32Array.BYTES_PER_ELEMENT;
    const parked = Math.min(KV_TOKENS_MAX, Math.floor(KV_BYTES_MAX / this.#tokenBytes));
    this.#store = new KvStore(kv, shape, parked, Math.floor(parked * KV_TENANT_SHARE));
    // A row of a batch is held twice: see BatchSlab.
    const fitting = Math.floor(KV_BYTES_MAX / (2 * this.#tokenBytes * model.positions));
    this.slots = Math.max(PLANNER_ACTIVE_MIN, Math.min(PLANNER_ACTIVE_MAX, fitting));
  }

  counts(): EngineCounts {
    return {
      steps: { ...this.#steps },
      passes: { ...this.#scheduler.counts },
      drafts: { ...this.#drafts.counts },
      running: this.#line.running,
      waiting: this.#line.waiting,
      rows: this.#scheduler.rows,
      parkedBytes: this.#store.tokens * this.#tokenBytes,
      parkedShare: this.#store.fill,
      evictions: this.#store.evictions,
    };
  }

  /** What a usual step costs when nothing shares its passes. */
  #usualCells(): number {
    const { prefilled, written, steps } = this.#steps;
    return (prefilled + PASS_COST_CELLS * written) / Math.max(1, steps);
  }

  /** The request without the actions that the model was not trained for: it would call them at random. */
  known(request: StepRequest): StepRequest {
    const known = this.#tools;
    return known ? { ...request, tools: request.tools.filter((name) => known.has(name)) } : request;
  }

  missingImages({ conversation, tenant = '' }: StepRequest): string[] {
    return [...new Set(imagesOf(conversation))].filter((digest) => !this.#images.isKnown(tenant, digest));
  }

  async step(request: StepRequest, images: ReadonlyMap<string, Raster>, io: StepIo): Promise<TurnEvent> {
    const arrived = performance.now();
    return await this.#line.run(request.tenant ?? '', io.signal, () =>
      this.#step(request, images, io, performance.now() - arrived),
    );
  }

  async complete(question: string, system: string, signal: AbortSignal): Promise<string> {
    const { positions } = this.#model;
    return await this.#line.run('', signal, async () => {
      const opened: SequenceDecoder[] = [];
      const open = (ids: readonly number[]) => {
        const sequence = this.#store.acquire('completion', { ids, images: [] });
        const decoder = new SequenceDecoder(this.#scheduler, sequence, signal);
        opened.push(decoder);
        return decoder;
      };
      try {
        return await completeQuestion(question, system, { shape: this.#shape, positions, open, signal });
      } finally {
        for (const decoder of opened) decoder.release();
      }
    });
  }

  async #step(
    request: StepRequest,
    images: ReadonlyMap<string, Raster>,
    io: StepIo,
    queueMs: number,
  ): Promise<TurnEvent> {
    const { tenant = '' } = request;
    const lane = this.#scheduler.laneOf(tenant);
    const { prompt, layouts, writer } = await this.#slices.run(tenant, () => this.#prepared(request, images));
    const started = performance.now();
    const features = await this.#images.features(prompt.images, images, tenant, io.signal);
    const encoded = performance.now();
    const computed = await this.#shareSystem(request.tools, prompt, lane, io.signal);
    const sequence = await this.#slices.run(tenant, () => this.#store.acquire(request.run, prompt, tenant));
    const cached = Math.max(0, sequence.length - computed);
    const places = placesOf(prompt.ids, layouts, this.#shape.imageToken);
    const decoder = new SequenceDecoder(lane, sequence, io.signal, places);
    try {
      const logits = await prefill(decoder, prompt, features, this.#shape);
      const prefilled = performance.now();
      await this.#decode(decoder, writer, prompt, logits, { ...io, tenant: request.tenant });
      const finished = performance.now();
      const event: TurnEvent = {
        type: 'turn',
        ...turnOf(writer.text),
        usage: {
          prompt_tokens: prompt.ids.length,
          cached_tokens: cached,
          completion_tokens: writer.tokens.length,
        },
        timings: {
          queue_ms: queueMs,
          vision_ms: encoded - started,
          prefill_ms: prefilled - encoded,
          decode_ms: finished - prefilled,
        },
      };
      countStep(this.#steps, event, writer.forced);
      return event;
    } finally {
      decoder.release();
      const ids = [...prompt.ids, ...writer.tokens].slice(0, sequence.length);
      this.#store.park(request.run, { ...prompt, ids }, sequence, tenant);
    }
  }

  /** The prompt, and what will write the turn. Throws ApiError where they do not fit the model. */
  #prepared(request: StepRequest, images: ReadonlyMap<string, Raster>): Prepared {
    const { conversation, tools, final, max_tokens: wanted } = request;
    const { positions } = this.#model;
    const layouts = this.#images.layouts(imagesOf(conversation), images, request.tenant ?? '');
    const prompt = promptOf(conversation, tools, this.#shape, positions - wanted, layouts);
    const grammar = this.#grammars.get({ tools, images: prompt.images.length, final });
    const budget = Math.min(wanted, positions - prompt.ids.length);
    const writer = new TurnWriter(grammar, this.#shape.codec, budget);
    checkLength(prompt.ids.length + writer.remaining, positions);
    return { prompt, layouts, writer };
  }

  #systemIdsOf(tools: readonly string[]): readonly number[] {
    const key = tools.join();
    const ids = this.#systems.get(key) ?? systemIds(tools, this.#shape);
    this.#systems.set(key, ids);
    return ids;
  }

  async #decode(
    decoder: SequenceDecoder,
    writer: TurnWriter,
    prompt: Prompt,
    first: Float32Array,
    { onText, signal, tenant }: StepIo & { readonly tenant: string | undefined },
  ): Promise<void> {
    const rows = (): number => this.#decoding;
    this.#decoding++;
    try {
      await decodeTurn({
        decoder,
        writer,
        prompt: prompt.ids,
        first,
        rows,
        drafts: this.#drafts,
        tenant,
        onText,
        signal,
      });
    } finally {
      this.#decoding--;
    }
  }

  /**
   * Computes what every run with these actions begins with, once for all of them. Gives the tokens that
   * were computed for this step: none where they were known, or where another step computed them.
   */
  async #shareSystem(
    tools: readonly string[],
    prompt: Prompt,
    lane: Lane,
    signal: AbortSignal,
  ): Promise<number> {
    const known = this.#systemIdsOf(tools);
    const ids = prompt.ids.slice(0, commonLength(known, prompt.ids));
    if (ids.length < SHARED_TOKENS_MIN || this.#store.hasPrefix(ids)) return 0;
    let computed = 0;
    await this.#sharing.run(ids.join(), signal, async (everyone) => {
      computed = ids.length;
      const decoder = new SequenceDecoder(lane, new KvSequence(this.#scheduler.shape), everyone);
      try {
        await prefill(decoder, { ids, images: [] }, [], this.#shape);
        this.#store.share(ids, decoder.sequence);
      } finally {
        decoder.release();
      }
    });
    return computed;
  }
}
