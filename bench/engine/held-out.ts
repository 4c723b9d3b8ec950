/**
 * Runs of the nano planner over the held-out questions of `training/eval`: scenes, names and wordings that no training
 * program holds, read with the noise that the real OCR was measured to have. Tools that need pixels are not run.
 */
import type { Planner } from '#backend/engine/planner';
import type { Raster } from '#backend/images/raster';
import { calculateHandler } from '#edge/tools/calculate';
import { solveMathEquationHandler } from '#edge/tools/solve-math-equation';
import { CONTRACT_VERSION, type StepRequest } from '#shared/contract';
import type { Conversation, Observation } from '#shared/conversation';
import type { Turn } from '#shared/turn';
import { randomOf } from '#training/random';
import { observe } from '#training/traces/observed';
import { textMath } from '../../training/eval/text-math/items.ts';

export type WrittenStep = { readonly request: StepRequest; readonly text: string };

const STEPS_MAX = 5;
const TOOLS = ['OCR', 'Calculate', 'SolveMathEquation', 'Terminate'];
const never = new AbortController().signal;
/** The planner takes nothing from the pixels: one picture stands for all, and is encoded once. */
export const picture: Raster = { width: 64, height: 64, data: Buffer.alloc(64 * 64 * 3, 255) };
const digest = '0'.repeat(64);

/** The steps of each of the first `count` questions; the set has all types in turn. */
export async function heldOutRuns(planner: Planner, count: number): Promise<WrittenStep[][]> {
  const runs: WrittenStep[][] = [];
  for (const item of textMath.items({ seed: textMath.seed, dev: false }).slice(0, count)) {
    const [image] = item.images;
    if (image?.type !== 'scene') throw new Error(`${item.id}: expected a picture with a text`);
    const { text } = observe(image.scene, randomOf(image.seed));
    runs.push(await runOf(planner, item.id, item.question, text));
  }
  return runs;
}

async function runOf(
  planner: Planner,
  run: string,
  question: string,
  reading: string,
): Promise<WrittenStep[]> {
  const written: WrittenStep[] = [];
  let conversation: Conversation = { question, images: [digest], steps: [] };
  for (let step = 0; step < STEPS_MAX; step++) {
    const request: StepRequest = {
      version: CONTRACT_VERSION,
      run,
      step,
      conversation,
      tools: TOOLS,
      final: step === STEPS_MAX - 1,
      max_tokens: 400,
      deadline_ms: 600_000,
    };
    const images = new Map(planner.missingImages(request).map((name) => [name, picture]));
    const { text, turn } = await planner.step(request, images, { onText: () => undefined, signal: never });
    written.push({ request, text });
    if (turn.actions[0]?.name === 'Terminate') break;
    const observation = observationOf(turn, reading);
    conversation = { ...conversation, steps: [...conversation.steps, { text, turn, observation }] };
  }
  return written;
}

function observationOf({ actions }: Turn, reading: string): Observation {
  const [action] = actions;
  const input = action?.arguments ?? {};
  if (action?.name === 'Calculate') return calculateHandler({ expression: String(input['expression']) });
  if (action?.name === 'SolveMathEquation')
    return solveMathEquationHandler({ query: String(input['query']) });
  return { text: reading };
}
