/** A chain of thought and action: what the planner should write, step by step. */
import { calculateHandler } from '#edge/tools/calculate';
import type { Observation } from '#shared/conversation';
import type { Turn } from '#shared/turn';
import type { QuestionType } from './wordings/index.ts';

export type TraceStep = { readonly turn: Turn; readonly observation?: Observation };

/** One question on a scene whose text has been read: the steps after OCR, `Terminate` last. */
export type Problem = {
  readonly type: QuestionType | 'blank';
  readonly question: string;
  readonly answer: string;
  /** The right answer, where a misreading may have made `answer` another one. */
  readonly printed?: string;
  readonly steps: readonly TraceStep[];
};

const step = (
  thought: string,
  name: string,
  args: Turn['actions'][number]['arguments'],
  observation?: Observation,
): TraceStep => ({
  turn: { thought, actions: [{ name, arguments: args }] },
  ...(observation ? { observation } : {}),
});

export const ocrTurn: Turn = {
  thought: 'I read the text.',
  actions: [{ name: 'OCR', arguments: { image: 'image-0' } }],
};

export function terminate(thought: string, answer: string): TraceStep {
  return step(thought, 'Terminate', { answer });
}

/** A calculation whose result `solvedBy` fills in. */
export type Calculation = { readonly thought: string; readonly expression: string };
export function calculate(thought: string, expression: string): Calculation {
  return { thought, expression };
}

/**
 * A problem solved by calculations: each is run by the tool that will run it in production, and
 * the last result becomes the answer.
 */
export function solvedBy(
  type: Problem['type'],
  question: string,
  calculations: readonly Calculation[],
  answerOf: (result: number) => string,
  thoughtOf: (result: number) => string = (result) => `The result is ${result}.`,
): Problem {
  let result = Number.NaN;
  const steps = calculations.map(({ thought, expression }) => {
    const observation = calculateHandler({ expression });
    if (!('result' in observation))
      throw new Error(`the trace computes "${expression}": ${JSON.stringify(observation)}`);
    result = observation.result;
    return step(thought, 'Calculate', { expression }, { result });
  });
  const answer = answerOf(result);
  return { type, question, answer, steps: [...steps, terminate(thoughtOf(result), answer)] };
}

export function solve(thought: string, query: string, result: string): TraceStep {
  return step(thought, 'SolveMathEquation', { query }, { result });
}
