/**
 * The planner: one turn for one step of a run. The prompt is always built and tokenised from the
 * conversation; image features and keys and values are only kept to save time, never to remember.
 */
import { basename, dirname, resolve } from 'node:path';
import * as z from 'zod';
import type { Raster } from '#backend/images/raster';
import { readOptionalJson } from '#backend/models/checkpoint';
import { type LlavaModel, openLlava } from '#backend/models/llava';
import type { StepEvent, StepRequest } from '#shared/contract';
import { imagesOf } from '#shared/conversation';
import { ApiError } from '#shared/errors';
import { GRAMMARS_MAX, KV_BYTES_MAX, KV_TOKENS_MAX, PLANNER_ACTIVE_MAX } from '#shared/limits';
import { questionPlaces } from '#shared/prompt';
import { parseTurn } from '#shared/turn';
import { completeQuestion } from './completion.ts';
import { CHUNK_TOKENS, SequenceDecoder } from './decoder.ts';
import { FeatureCache } from './features.ts';
import { Automaton } from './grammar/automaton.ts';
import { TokenGrammar } from './grammar/matcher.ts';
import { type TurnLanguage, turnPattern } from './grammar/turn-pattern.ts';
import { type KvSequence, KvStore } from './kv-store.ts';
import {
  commonLength,
  type Prompt,
  type PromptShape,
  promptOf,
  systemIds,
  systemPrompts,
} from './prompts.ts';
import type { Device } from './runtime.ts';
import { Semaphore } from './semaphore.ts';
import { openTextCodec } from './tokenizer.ts';
import { TurnWriter } from './turn-writer.ts';

export type TurnEvent = Extract<StepEvent, { type: 'turn' }>;

export type StepIo = {
  /** Called with each piece of the turn as it is written; pieces are whole characters. */
  onText(text: string): void;
  /** Looked at before every pass of the model. */
  readonly signal: AbortSignal;
};

export type Planner = {
  readonly model: string;
  readonly version: string;
  /** Digests whose pixels `step` needs, because their features are not known here. */
  missingImages(request: StepRequest): string[];
  /** Throws ApiError where the request cannot be served, and the signal's reason once it is aborted. */
  step(request: StepRequest, images: ReadonlyMap<string, Raster>, io: StepIo): Promise<TurnEvent>;
  /** Answers a question that stands by itself in plain text; absent where the model is no language model. */
  complete?(question: string, system: string, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
};

/** Shorter system prompts are not worth a parked copy. */
const SYSTEM_TOKENS_MIN = 8;

const promptNames = Object.keys(systemPrompts) as [keyof typeof systemPrompts];

/** Our own file in the checkpoint folder: which prompt and actions the model knows, and its version. */
const plannerJson = z.object({
  prompt: z.enum(promptNames).default('simple'),
  /** The actions that it was trained for. Absent: it can follow the description of any. */
  tools: z.array(z.string().max(64)).max(64).optional(),
  question: z.enum(questionPlaces).default('first'),
  /** Whether it answers questions without an image, too: then QueryLanguageModel asks it. */
  language: z.boolean().default(false),
  version: z.string().min(1).max(64).default('0'),
  model: z.string().min(1).max(64).optional(),
});

/** Opens the checkpoint in `folder`. Throws CheckpointError with what is wrong with it. */
export async function openPlanner(
  folder: string,
  options: { readonly device: Device; readonly threads: number },
): Promise<Planner> {
  const path = resolve(folder);
  const settings = (await readOptionalJson(path, 'planner.json', plannerJson)) ?? plannerJson.parse({});
  const model = await openLlava(path, options);
  const codec = await openTextCodec(path, model.config.text.vocab_size);
  const shape = {
    codec,
    imageToken: model.config.imageToken,
    imageTokens: model.config.imageTokens,
    system: settings.prompt,
    question: settings.question,
  };
  const engine = new PlannerEngine(model, shape, settings.tools);
  return {
    model: settings.model ?? `${basename(dirname(path))}/${basename(path)}`,
    version: settings.version,
    missingImages: (request) => engine.missingImages(request),
    step: (request, images, io) => engine.step(engine.known(request), images, io),
    ...(settings.language ? { complete: engine.complete.bind(engine) } : {}),
    close: () => model.release(),
  };
}

class PlannerEngine {
  readonly #model: LlavaModel;
  readonly #shape: PromptShape;
  readonly #tools: ReadonlySet<string> | undefined;
  readonly #features: FeatureCache;
  readonly #store: KvStore;
  readonly #slots = new Semaphore(PLANNER_ACTIVE_MAX);
  readonly #grammars = new Map<string, TokenGrammar>();

  constructor(model: LlavaModel, shape: PromptShape, tools?: readonly string[]) {
    const { text } = model.config;
    this.#model = model;
    this.#tools = tools && new Set([...tools, 'Terminate']);
    this.#shape = shape;
    this.#features = new FeatureCache(model);
    const kv = { layers: text.num_hidden_layers, heads: text.num_key_value_heads, headSize: text.headSize };
    const tokenBytes = kv.layers * kv.heads * kv.headSize * 2 * Float32Array.BYTES_PER_ELEMENT;
    this.#store = new KvStore(kv, shape, Math.min(KV_TOKENS_MAX, Math.floor(KV_BYTES_MAX / tokenBytes)));
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
    const open = (ids: readonly number[]) =>
      new SequenceDecoder(this.#model, this.#store.acquire('completion', { ids, images: [] }));
    return await this.#slots.run(signal, () =>
      completeQuestion(question, system, { shape: this.#shape, positions, open, signal }),
    );
  }

  async #step(
    request: StepRequest,
    images: ReadonlyMap<string, Raster>,
    io: StepIo,
    queueMs: number,
  ): Promise<TurnEvent> {
    const { positions } = this.#model;
    const prompt = promptOf(request.conversation, request.tools, this.#shape, positions - request.max_tokens);
    const grammar = this.#grammar({
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
    const sequence = this.#store.acquire(request.run, prompt);
    const cached = sequence.length;
    const decoder = new SequenceDecoder(this.#model, sequence);
    try {
      const logits = await this.#prefill(decoder, prompt, features, io.signal);
      this.#parkSystem(request.tools, prompt, sequence);
      const prefilled = performance.now();
      await this.#decode(decoder, writer, logits, io);
      const finished = performance.now();
      return {
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
    } finally {
      const ids = [...prompt.ids, ...writer.tokens].slice(0, sequence.length);
      this.#store.park(request.run, { ids, images: prompt.images }, sequence);
    }
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
      if (!known && !raster) {
        throw new ApiError('images_missing', 'The planner needs images that it does not have.', {
          extra: { missing: [digest] },
        });
      }
      signal.throwIfAborted();
      rows.push(known ?? (await this.#features.encode(digest, raster as Raster)));
    }
    return rows;
  }

  /** Appends what the sequence lacks of the prompt; gives the logits after its last token. */
  async #prefill(
    decoder: SequenceDecoder,
    prompt: Prompt,
    features: readonly Float32Array[],
    signal: AbortSignal,
  ): Promise<Float32Array> {
    const { imageToken, imageTokens } = this.#shape;
    const width = this.#model.config.text.hidden_size;
    const { sequence } = decoder;
    let imageCells = prompt.ids.slice(0, sequence.length).filter((id) => id === imageToken).length;
    let logits: Float32Array = new Float32Array(0);
    while (sequence.length < prompt.ids.length) {
      signal.throwIfAborted();
      const ids = prompt.ids.slice(sequence.length, sequence.length + CHUNK_TOKENS);
      const rows = ids
        .filter((id) => id === imageToken)
        .map(() => {
          const row = imageCells % imageTokens;
          const image = features[Math.floor(imageCells++ / imageTokens)] as Float32Array;
          return image.subarray(row * width, (row + 1) * width);
        });
      logits = await decoder.append(ids, rows);
    }
    return logits;
  }

  async #decode(
    decoder: SequenceDecoder,
    writer: TurnWriter,
    first: Float32Array,
    { onText, signal }: StepIo,
  ): Promise<void> {
    const text = new TextDecoder();
    let logits = first;
    for (;;) {
      signal.throwIfAborted();
      const tokens = writer.write(logits);
      const piece = text.decode(writer.bytesOf(tokens), { stream: true });
      if (piece !== '') onText(piece);
      if (writer.isDone) return;
      logits = await decoder.append(tokens);
    }
  }

  /** Keeps the system prompt's part by itself, so that it survives the run that computed it. */
  #parkSystem(tools: readonly string[], prompt: Prompt, sequence: KvSequence): void {
    const owner = `system prompt of ${tools.join()}`;
    if (this.#store.has(owner)) return;
    const ids = systemIds(tools, this.#shape);
    const length = Math.min(commonLength(ids, prompt.ids), sequence.length);
    if (length < SYSTEM_TOKENS_MIN) return;
    this.#store.park(owner, { ids: ids.slice(0, length), images: [] }, sequence.copy(length));
  }

  #grammar(language: TurnLanguage): TokenGrammar {
    const key = JSON.stringify(language);
    const known = this.#grammars.get(key);
    if (known) return known;
    const grammar = new TokenGrammar(new Automaton(turnPattern(language)), this.#shape.codec.vocabulary);
    this.#grammars.set(key, grammar);
    if (this.#grammars.size > GRAMMARS_MAX)
      this.#grammars.delete(this.#grammars.keys().next().value as string);
    return grammar;
  }
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
