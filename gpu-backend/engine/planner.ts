/** A planner is a checkpoint folder: its model, how it was trained to read and write, and the engine over both. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import type { Raster } from '#backend/images/raster';
import { openModel } from '#backend/models/architectures';
import { readOptionalJson } from '#backend/models/checkpoint';
import type { DecoderConfig } from '#backend/models/vision-language';
import type { StepRequest } from '#shared/contract';
import { IMAGE_MARKER, questionPlaces } from '#shared/prompt';
import type { EngineCounts } from './counts.ts';
import { PlannerEngine, type StepIo, type TurnEvent } from './planner-engine.ts';
import { type PromptShape, systemPrompts } from './prompts.ts';
import type { Device } from './runtime.ts';
import { openTextCodec } from './tokenizer.ts';

export type Planner = {
  readonly model: string;
  readonly version: string;
  /** Steps that are worked on together; of further ones only those of tenants that have none. */
  readonly places: number;
  /** Digests whose pixels `step` needs, because their features are not known here. */
  missingImages(request: StepRequest): string[];
  /** Throws ApiError where the request cannot be served, and the signal's reason once it is aborted. */
  step(request: StepRequest, images: ReadonlyMap<string, Raster>, io: StepIo): Promise<TurnEvent>;
  /** Answers a question that stands by itself in plain text; absent where the model is no language model. */
  complete?(question: string, system: string, signal: AbortSignal): Promise<string>;
  counts(): EngineCounts;
  close(): Promise<void>;
};

const promptNames = Object.keys(systemPrompts) as [keyof typeof systemPrompts];

/** Our own file in the checkpoint folder: which prompt and actions the model knows, and its version. */
const plannerJson = z.object({
  prompt: z.enum(promptNames).default('simple'),
  /** The actions that it was trained for. Absent: it can follow the description of any. */
  tools: z.array(z.string().max(64)).max(64).optional(),
  question: z.enum(questionPlaces).default('first'),
  /** What stands for image number {n}, where the model was trained with more around it than its class says. */
  image: z
    .string()
    .max(256)
    .refine((text) => text.split(IMAGE_MARKER).length === 2, `must have ${IMAGE_MARKER} once`)
    .optional(),
  /** Whether it answers questions without an image, too: then QueryLanguageModel asks it. */
  language: z.boolean().default(false),
  version: z.string().min(1).max(64).default('0'),
  model: z.string().min(1).max(64).optional(),
});

const settingsOf = async (folder: string): Promise<z.output<typeof plannerJson>> =>
  (await readOptionalJson(folder, 'planner.json', plannerJson)) ?? plannerJson.parse({});

/**
 * Turns such as the planner writes, one a line, in our own file `turns.jsonl`: they are public, so what they make
 * faster tells of nobody. None where there is no such file.
 */
export async function typicalTurns(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, 'turns.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** How the planner in `folder` reads: its tokens, its image rows, its system prompt. */
export async function openPromptShape(folder: string, config: DecoderConfig): Promise<PromptShape> {
  const { prompt, question, image } = await settingsOf(folder);
  return {
    codec: await openTextCodec(folder, config.text.vocab_size),
    imageToken: config.imageToken,
    imageTokens: config.imageTokens,
    imageText: image ?? config.imageText,
    system: prompt,
    question,
  };
}

/** Opens the checkpoint in `folder`. Throws CheckpointError with what is wrong with it. */
export async function openPlanner(
  folder: string,
  options: { readonly device: Device; readonly threads: number },
): Promise<Planner> {
  const path = resolve(folder);
  const settings = await settingsOf(path);
  const model = await openModel(path, options);
  const shape = await openPromptShape(path, model.config);
  const engine = new PlannerEngine(model, shape, settings.tools, await typicalTurns(path));
  return {
    model: settings.model ?? `${basename(dirname(path))}/${basename(path)}`,
    version: settings.version,
    places: engine.slots,
    missingImages: (request) => engine.missingImages(request),
    step: (request, images, io) => engine.step(engine.known(request), images, io),
    ...(settings.language ? { complete: engine.complete.bind(engine) } : {}),
    counts: () => engine.counts(),
    close: () => model.release(),
  };
}
