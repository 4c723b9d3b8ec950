/** Trace number n of a seed: the same pair gives the same trace on every machine, whatever was made before it. */
import { draftOf, programNames } from '#training/programs/index';
import { caseOf } from '#training/traces/index';
import { purchaseTypes } from '#training/traces/money';
import { ocrTurn, type Problem } from '#training/traces/trace';
import { type Random, randomOf } from '../random.ts';
import type { CotaTrace } from './trace.ts';

/** A scene may give no problem at all, such as a receipt that was read too badly to ask of. */
const ATTEMPTS_MAX = 50;

/**
 * The state that trace `index` of a build starts with. A bijection of the index for each seed
 * (the finaliser of MurmurHash3), so no two traces of a build start alike.
 */
export function traceSeed(seed: number, index: number): number {
  let mixed = (index + Math.imul(seed, 0x9e3779b1)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * Recipes: what a build is made of. `text` is the one of the shipped planner's kind, text in one picture; its traces
 * never change. `all` has every tool. The others are one program each, such as `plain.unknown`.
 */
export const recipes: readonly string[] = ['text', 'all', ...programNames];

/** Share of `all` that is text in one picture. */
const TEXT_SHARE = 0.45;

/** Throws where no attempt gives a problem: then a program is broken. */
export function traceOf(seed: number, index: number, recipe = 'text'): CotaTrace {
  const random = randomOf(traceSeed(seed, index));
  const id = `${seed}-${index}`;
  if (programNames.includes(recipe)) return { id, form: 'cota', ...draftOf(random, recipe) };
  if (recipe === 'text' || random.chance(TEXT_SHARE)) return textTrace(id, random);
  return { id, form: 'cota', ...draftOf(random) };
}

function textTrace(id: string, random: Random): CotaTrace {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { scene, kind, text, problems } = caseOf(random, 1);
    const [problem] = problems;
    if (!problem) continue;
    return {
      id,
      source: `scene/${kind}`,
      type: problem.type,
      form: 'cota',
      images: [{ type: 'scene', scene, seed: pictureSeed(random), split: 'train' }],
      question: problem.question,
      truth: truthOf(problem),
      steps: [{ turn: ocrTurn, observation: { text } }, ...problem.steps],
    };
  }
  throw new Error(`trace ${id}: ${ATTEMPTS_MAX} scenes gave no problem`);
}

const pictureSeed = (random: Random): number => random.int(0, 2 ** 31 - 1);

const NUMBER = /^-?\d+(\.\d+)?$/;
/** Of these types, digits alone decide: "020 7946 0018" is right without its spaces. */
const DIGITS: ReadonlySet<string> = new Set(['phone']);

function truthOf({ type, answer, printed = answer, steps }: Problem): CotaTrace['truth'] {
  if (type === 'blank') return { type: 'nothing' };
  if (DIGITS.has(type)) return { type: 'digits', value: printed };
  // A time such as 16.30 and a platform are texts, though they look like numbers.
  const counted = purchaseTypes.has(type) || steps.length > 1;
  if (counted && NUMBER.test(printed)) return { type: 'number', value: Number(printed) };
  return { type: 'text', values: [printed] };
}
