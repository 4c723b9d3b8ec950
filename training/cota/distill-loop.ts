/** The loop of a run with a teacher as the planner and our own tools, for one question. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemPrompts } from '#backend/engine/prompts';
import { encodeImage } from '#backend/images/encode';
import type { Raster } from '#backend/images/raster';
import { readTurn } from '#edge/run/read-turn';
import { edgeHandler } from '#edge/tools/index';
import { type Observation, observation as observationSchema } from '#shared/conversation';
import { IMAGE_MARKER, messagesOf } from '#shared/prompt';
import type { ToolSpec } from '#shared/tool';
import { advertisedToolSpecs, toolSpec } from '#shared/tools/index';
import { parseTurn, type Turn } from '#shared/turn';
import { type Teacher, TeacherError } from './teacher.ts';
import { NO_DOCUMENTS, type ToolBench } from './tool-bench.ts';
import type { CotaStep } from './trace.ts';

export type Task = {
  readonly question: string;
  readonly images: readonly { readonly raster: Raster; readonly url: string }[];
  /** Where the images that tools make are kept: `${folder}/${name}-1.jpg` ... */
  readonly folder: string;
  readonly name: string;
};

export type Outcome = {
  readonly steps: readonly CotaStep[];
  /** Absent where the teacher never terminated. */
  readonly answer?: string;
  readonly tokens: number;
};

export type LoopOptions = { readonly stepsMax: number; readonly tokensMax: number };

const DIGEST = '0'.repeat(64);

/** Asks a teacher that runs the loop itself, such as this service: its reply must hold the trace. */
export async function askAgent(teacher: Teacher, { question, images }: Task): Promise<Outcome> {
  const content = images.map(() => `${IMAGE_MARKER}\n`).join('') + question;
  const { steps, tokens } = await teacher.ask(
    [{ role: 'user', content }],
    images.map(({ url }) => url),
  );
  if (!steps) throw new TeacherError('the agent gave no trace, or one with images of its own');
  return { ...servedOutcome(steps), tokens };
}

/** Runs the loop, the teacher being its planner. Ends by `Terminate`, or by the bound of steps or tokens. */
export async function askTeacher(
  teacher: Teacher,
  bench: ToolBench,
  task: Task,
  { stepsMax, tokensMax }: LoopOptions,
): Promise<Outcome> {
  const usable = advertisedToolSpecs
    .map(({ name }) => name as string)
    .filter((name) => isUsable(name, bench));
  const system = systemPrompts.full(usable);
  const rasters = task.images.map(({ raster }) => raster);
  const urls = task.images.map(({ url }) => url);
  const steps: (CotaStep & { readonly text: string })[] = [];
  let tokens = 0;
  while (steps.length < stepsMax && tokens < tokensMax) {
    const reply = await teacher.ask(messagesSoFar(task, steps, system), urls);
    tokens += reply.tokens;
    const parsed = parseTurn(reply.text);
    const turn: Turn = parsed.ok ? parsed.turn : { thought: '', actions: [] };
    const move = readTurn(reply.text, turn, usable, rasters.length);
    if (move.kind === 'answer') return { steps: [...steps.map(bare), { turn }], answer: move.answer, tokens };
    if (move.kind === 'mend') {
      steps.push({ text: reply.text, turn, observation: move.observation });
      continue;
    }
    const { observation, image } = await perform(move.spec, move.arguments, bench, rasters);
    const path = image && (await keep(image, task, rasters.length));
    if (image && path) {
      rasters.push(image);
      urls.push(path.url);
    }
    steps.push({
      text: reply.text,
      turn,
      observation,
      ...(path ? { image: { type: 'file', path: path.file } as const } : {}),
    });
  }
  return { steps: steps.map(bare), tokens };
}

const bare = ({ text: _, ...step }: CotaStep & { readonly text: string }): CotaStep => step;

/** The knowledge of a tenant and other services are not at hand here; whatever runs inline or on a model is. */
function isUsable(name: string, bench: ToolBench): boolean {
  if (name === 'Terminate') return true;
  const spec = toolSpec(name);
  return spec?.runs === 'edge' ? spec.cacheable && edgeHandler(name) !== undefined : bench.has(name);
}

function messagesSoFar(
  { question, images }: Task,
  steps: readonly (CotaStep & { readonly text: string })[],
  system: string,
) {
  return messagesOf(
    {
      question,
      images: images.map(() => DIGEST),
      steps: steps.map(({ text, turn, observation = {}, image }) => ({
        text,
        turn,
        observation,
        ...(image ? { image: DIGEST } : {}),
      })),
    },
    system,
  );
}

async function perform(
  spec: ToolSpec,
  input: Observation,
  bench: ToolBench,
  rasters: readonly Raster[],
): Promise<{ observation: Observation; image?: Raster }> {
  if (spec.runs === 'backend') return await bench.call(spec.name, input, rasters);
  return { observation: observationSchema.parse(await edgeHandler(spec.name)?.(input, NO_DOCUMENTS)) };
}

async function keep(
  image: Raster,
  { folder, name }: Task,
  index: number,
): Promise<{ file: string; url: string }> {
  const { bytes, mediaType } = await encodeImage(image);
  const file = `${folder}/${name}-${index}.${mediaType === 'image/png' ? 'png' : 'jpg'}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return { file, url: dataUrl(bytes, mediaType) };
}

export const dataUrl = (bytes: Uint8Array, mediaType: string): string =>
  `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`;

function servedOutcome(
  served: NonNullable<Awaited<ReturnType<Teacher['ask']>>['steps']>,
): Omit<Outcome, 'tokens'> {
  const steps = served.map(({ thought, actions, observation }) => ({
    turn: { thought, actions: [...actions] },
    ...(observation ? { observation } : {}),
  }));
  const last = steps.at(-1)?.turn.actions[0];
  const answer = last?.name === 'Terminate' ? last.arguments['answer'] : undefined;
  return typeof answer === 'string' ? { steps, answer } : { steps };
}
