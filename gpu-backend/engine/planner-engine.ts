/**
 * The planner at work: one turn for one step of a run. The prompt is always built and tokenised from the
 * conversation; image features and keys and values are only kept to save time, never to remember.
 */
import type { Raster } from '#backend/images/raster';
import type { ImageLayout, VisionLanguageModel } from '#backend/models/vision-language';
import type { StepEvent, StepRequest } from '#shared/contract';
import { imagesOf } from '#shared/conversation';
import { ApiError } from '#shared/errors';
import { KV_BYTES_MAX, KV_TOKENS_MAX, PLANNER_ACTIVE_MAX, PLANNER_ACTIVE_MIN } from '#shared/limits';
import { parseTurn } from '#shared/turn';
import { completeQuestion } from './completion.ts';
import { type EngineCounts, noSteps } from './counts.ts';
import { SequenceDecoder } from './decoder.ts';
import { DraftLength } from './drafts.ts';
import { FeatureCache } from './features.ts';
import { GrammarCache } from './grammar/cache.ts';
import { KvSequence } from './kv-sequence.ts';
import { KvStore } from './kv-store.ts';
import { placesOf } from './places.ts';
import { prefill } from './prefill.ts';
import { commonLength, type Prompt, type PromptShape, promptOf, systemIds } from './prompts.ts';
import { Scheduler } from './scheduler.ts';
import { Semaphore } from './semaphore.ts';
import { SharedWork } from './shared-work.ts';
import { decodeTurn } from './turn-decode.ts';
import { TurnWriter } from './turn-writer.ts';

export type TurnEvent = Extract<StepEvent, { type: 'turn' }>;

export type StepIo = {
  /** Called with each piece of the turn as it is written; pieces are whole characters. */
  onText(text: string): void;
  /** Looked at before every pass of the model. */
  readonly signal: AbortSignal;
};

/** Shorter beginnings are cheaper to copy from another run than to keep as a segment of their own. */
const SHARED_TOKENS_MIN = 32;

export class PlannerEngine {
  readonly #model: VisionLanguageModel;
  readonly #shape: PromptShape;
  readonly #tools: ReadonlySet<string> | undefined;
  readonly #features: FeatureCache;
  readonly #store: KvStore;
  readonly #scheduler: Scheduler;
  readonly #slots: Semaphore;
  readonly #grammars: GrammarCache;
  readonly #drafts = new DraftLength();
  readonly #encoding = new SharedWork<Float32Array>();
  readonly #sharing = new SharedWork<void>();
  readonly #steps = noSteps();
  readonly #tokenBytes: number;
  /** Steps that are past their prompt. */
  #decoding = 0;

  constructor(model: VisionLanguageModel, shape: PromptShape, tools?: readonly string[]) {
    this.#model = model;
    this.#tools = tools && new Set([...tools, 'Terminate']);
    this.#shape = shape;
    this.#features = new FeatureCache(model.images);
    this.#grammars = new GrammarCache(shape.codec.vocabulary);
    this.#scheduler = new Scheduler(model);
    const kv = this.#scheduler.shape;
    this.#tokenBytes = kv.layers * kv.heads * kv.headSize * 2 * Float32Array.BYTES_PER_ELEMENT;
    this.#store = new KvStore(
      kv,
      shape,
      Math.min(KV_TOKENS_MAX, Math.floor(KV_BYTES_MAX / this.#tokenBytes)),
    );
    // A row of a batch is held twice: see BatchSlab.
    const fitting = Math.floor(KV_BYTES_MAX / (2 * this.#tokenBytes * model.positions));
    this.#slots = new Semaphore(Math.max(PLANNER_ACTIVE_MIN, Math.min(PLANNER_ACTIVE_MAX, fitting)));
  }

  counts(): EngineCounts {
    return {
      steps: { ...this.#steps },
      passes: { ...this.#scheduler.counts },
      drafts: { ...this.#drafts.counts },
      running: this.#slots.running,
      waiting: this.#slots.waiting,
      rows: this.#scheduler.rows,
      parkedBytes: this.#store.tokens * this.#tokenBytes,
    };
  }

  /** The request without the actions that the model was not trained for: it would call them at random. */
  known(request: StepRequest): StepRequest {
    const known = this.#tools;
    return known ? { ...request, tools: request.tools.filter((name) => known.has(name)) } : request;
  }

  missingImages({ conversation }: StepRequest): string[] {
    return [...new Set(imagesOf(conversation))].filter((digest) => !this.#features.has(digest));
  }

  async step(request: StepRequest, images: ReadonlyMap<string, Raster>, io: StepIo): Promise<TurnEvent> {
    const arrived = performance.now();
    return await this.#slots.run(io.signal, () =>
      this.#step(request, images, io, performance.now() - arrived),
    );
  }

  async complete(question: string, system: string, signal: AbortSignal): Promise<string> {
    const { positions } = this.#model;
    return await this.#slots.run(signal, async () => {
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
    const { positions } = this.#model;
    const layouts = this.#layoutsOf(request, images);
    const tokensMax = positions - request.max_tokens;
    const prompt = promptOf(request.conversation, request.tools, this.#shape, tokensMax, layouts);
    const grammar = this.#grammars.get({
      tools: request.tools,
      images: prompt.images.length,
      final: request.final,
    });
    const budget = Math.min(request.max_tokens, positions - prompt.ids.length);
    const writer = new TurnWriter(grammar, this.#shape.codec, budget);
    checkLength(prompt.ids.length + writer.remaining, positions);
    const started = performance.now();
    const features = await this.#featuresOf(prompt, images, io.signal);
    const encoded = performance.now();
    const computed = await this.#shareSystem(request.tools, prompt, io.signal);
    const sequence = this.#store.acquire(request.run, prompt);
    const cached = Math.max(0, sequence.length - computed);
    const places = placesOf(prompt.ids, layouts, this.#shape.imageToken);
    const decoder = new SequenceDecoder(this.#scheduler, sequence, io.signal, places);
    try {
      const logits = await prefill(decoder, prompt, features, this.#shape);
      const prefilled = performance.now();
      await this.#decode(decoder, writer, prompt, logits, io);
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
      this.#count(event, writer.forced);
      return event;
    } finally {
      decoder.release();
      const ids = [...prompt.ids, ...writer.tokens].slice(0, sequence.length);
      this.#store.park(request.run, { ...prompt, ids }, sequence);
    }
  }

  #layoutsOf({ conversation }: StepRequest, images: ReadonlyMap<string, Raster>): ImageLayout[] {
    return imagesOf(conversation).map((digest) => {
      const layout = this.#features.layout(digest, images.get(digest));
      if (!layout) throw missingImage(digest);
      return layout;
    });
  }

  async #featuresOf(
    prompt: Prompt,
    images: ReadonlyMap<string, Raster>,
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const rows: Float32Array[] = [];
    for (const digest of prompt.images) {
      const known = this.#features.get(digest);
      const raster = images.get(digest);
      if (!known && !raster) throw missingImage(digest);
      signal.throwIfAborted();
      let isNew = false;
      const encode = (): Promise<Float32Array> => {
        isNew = true;
        return this.#features.encode(digest, raster as Raster);
      };
      rows.push(known ?? (await this.#encoding.run(digest, signal, encode)));
      this.#steps[isNew ? 'encoded' : 'known']++;
    }
    return rows;
  }

  async #decode(
    decoder: SequenceDecoder,
    writer: TurnWriter,
    prompt: Prompt,
    first: Float32Array,
    { onText, signal }: StepIo,
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
        onText,
        signal,
      });
    } finally {
      this.#decoding--;
    }
  }

  #count({ usage, timings }: TurnEvent, forced: number): void {
    const { prompt_tokens: prompt, cached_tokens: cached, completion_tokens: written } = usage;
    const sums = this.#steps;
    sums.steps++;
    sums.reused += cached;
    sums.prefilled += prompt - cached;
    sums.written += written;
    sums.forced += forced;
    sums.queueMs += timings.queue_ms;
    sums.visionMs += timings.vision_ms;
    sums.prefillMs += timings.prefill_ms;
    sums.decodeMs += timings.decode_ms;
  }

  /**
   * Computes what every run with these actions begins with, once for all of them. Gives the tokens that
   * were computed for this step: none where they were known, or where another step computed them.
   */
  async #shareSystem(tools: readonly string[], prompt: Prompt, signal: AbortSignal): Promise<number> {
    const known = systemIds(tools, this.#shape);
    const ids = prompt.ids.slice(0, commonLength(known, prompt.ids));
    if (ids.length < SHARED_TOKENS_MIN || this.#store.hasPrefix(ids)) return 0;
    let computed = 0;
    await this.#sharing.run(ids.join(), signal, async (everyone) => {
      computed = ids.length;
      const decoder = new SequenceDecoder(this.#scheduler, new KvSequence(this.#scheduler.shape), everyone);
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

function missingImage(digest: string): ApiError {
  return new ApiError('images_missing', 'The planner needs images that it does not have.', {
    extra: { missing: [digest] },
  });
}

function checkLength(tokens: number, positions: number): void {
  if (tokens <= positions) return;
  throw new ApiError(
    'invalid_request',
    `The conversation and its turn need ${tokens} tokens, the planner reads ${positions}. Send fewer images or a shorter question.`,
  );
}

function turnOf(text: string): Pick<TurnEvent, 'text' | 'turn'> {
  const parsed = parseTurn(text);
  if (!parsed.ok)
    throw new ApiError('internal', `The planner wrote a turn that does not parse: ${parsed.reason}`);
  return { text, turn: parsed.turn };
}
