/** Runs of a planner over seeded receipts: what it reads after its own turns, until it ends. */
import { createHash } from 'node:crypto';
import type { Planner } from '#backend/engine/planner';
import type { Raster } from '#backend/images/raster';
import { CONTRACT_VERSION, type StepRequest } from '#shared/contract';
import type { Conversation } from '#shared/conversation';
import { type Random, randomOf } from '#training/random';

export type Task = {
  readonly run: string;
  readonly question: string;
  readonly digest: string;
  readonly image: Raster;
  /** What every tool observes. */
  readonly text: string;
};

/** A step as it was asked for and answered. */
export type Answered = {
  readonly request: StepRequest;
  readonly text: string;
  readonly completionTokens: number;
};

const STEPS_MAX = 4;
const TOOLS = ['OCR', 'Crop', 'ZoomIn', 'Calculate', 'Terminate'];
const QUESTIONS = [
  'What is the total?',
  'What is the tax plus the tip?',
  'What does the coffee cost?',
  'What is the date?',
  'What is the total divided by 4?',
];
const never = new AbortController().signal;

export function tasks(count: number, seed: number): Task[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, (_, index) => {
    const image = noise(random);
    const digest = createHash('sha256').update(image.data).digest('hex');
    return {
      run: `bench-${seed}-${index}`,
      question: QUESTIONS[index % QUESTIONS.length] as string,
      digest,
      image,
      text: receipt(random),
    };
  });
}

/** Asks step after step; the planner gets pixels only where it lacks the features. */
export async function runTask(planner: Planner, task: Task): Promise<Answered[]> {
  const answered: Answered[] = [];
  let conversation: Conversation = { question: task.question, images: [task.digest], steps: [] };
  for (let step = 0; step < STEPS_MAX; step++) {
    const request: StepRequest = {
      version: CONTRACT_VERSION,
      run: task.run,
      step,
      conversation,
      tools: TOOLS,
      final: step === STEPS_MAX - 1,
      max_tokens: 200,
      deadline_ms: 600_000,
    };
    const pixels = new Map(planner.missingImages(request).map((digest) => [digest, task.image]));
    const event = await planner.step(request, pixels, { onText: () => undefined, signal: never });
    answered.push({ request, text: event.text, completionTokens: event.usage.completion_tokens });
    if (event.turn.actions[0]?.name === 'Terminate') break;
    const done = { text: event.text, turn: event.turn, observation: { text: task.text } };
    conversation = { ...conversation, steps: [...conversation.steps, done] };
  }
  return answered;
}

/** All tasks, at most `concurrency` of them at a time. */
export async function runAll(
  planner: Planner,
  list: readonly Task[],
  concurrency: number,
): Promise<Answered[][]> {
  const results: Answered[][] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < list.length) {
      const index = next++;
      results[index] = await runTask(planner, list[index] as Task);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return results;
}

function noise(random: Random): Raster {
  const [width, height] = [96, 128];
  return {
    width,
    height,
    data: Buffer.from(Array.from({ length: width * height * 3 }, () => random.int(0, 255))),
  };
}

function receipt(random: Random): string {
  const price = (): string => (random.int(100, 4_000) / 100).toFixed(2);
  const items = random.sample(['Coffee', 'Bread', 'Soup', 'Tea', 'Rice', 'Juice', 'Cake'], random.int(3, 6));
  return [
    `${random.pick(['CORNER', 'HARBOUR', 'GARDEN'])} CAFE`,
    `2026-0${random.int(1, 9)}-${random.int(10, 28)}`,
    ...items.map((item) => `${item} ${price()}`),
    `Tax ${price()}`,
    `Tip ${price()}`,
    `TOTAL $${price()}`,
    'Thank you!',
  ].join('\n');
}
