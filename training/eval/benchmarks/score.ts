/** Whether an answer to a published question is right: by its letter or words, else by a judge. */
import { alphanumeric, numbersIn } from '../check.ts';
import type { Key, Options } from './formats.ts';

/** `by`: `rule` without asking anybody; `judge` as it said; `none` where no rule fits and there is no judge. */
export type Verdict = { readonly score: number; readonly by: 'rule' | 'judge' | 'none' };

export type Judge = {
  /** The letter of the option that an answer means, or undefined. Throws TeacherError. */
  option(question: string, options: Options, answer: string): Promise<string | undefined>;
  /** 0..1. Throws TeacherError. */
  grade(question: string, truth: string, answer: string): Promise<number>;
};

export async function scoreOf(
  question: string,
  key: Key,
  answer: string,
  judge: Judge | undefined,
): Promise<Verdict> {
  switch (key.type) {
    case 'choice': {
      const own = letterOf(answer, key.options);
      if (own !== undefined) return { score: own === key.letter ? 1 : 0, by: 'rule' };
      // The reference guesses at random here; an answer that names no option is wrong.
      if (!judge) return { score: 0, by: 'none' };
      return {
        score: (await judge.option(question, key.options, answer)) === key.letter ? 1 : 0,
        by: 'judge',
      };
    }
    case 'number': {
      const said = numbersIn(answer.slice(answer.lastIndexOf('=') + 1));
      const last = said.at(-1);
      return {
        score: last !== undefined && Math.abs(last - key.value) <= key.tolerance + 1e-9 ? 1 : 0,
        by: 'rule',
      };
    }
    case 'open': {
      const exact = key.parts.every((part) => part.some((one) => alphanumeric(one) === alphanumeric(answer)));
      if (exact) return { score: 1, by: 'rule' };
      if (judge) return { score: await judge.grade(question, key.truth, answer), by: 'judge' };
      const holds = (one: string): boolean => one !== '' && wordsOf(answer).includes(wordsOf(one));
      const held = key.parts.filter((part) => part.some(holds)).length;
      return { score: held / key.parts.length, by: 'rule' };
    }
  }
}

/** Words between blanks, so that "7" is not in "17". */
const wordsOf = (text: string): string =>
  ` ${
    text
      .toLowerCase()
      .match(/[\p{L}\p{N}]+(?:\.\p{N}+)?/gu)
      ?.join(' ') ?? ''
  } `;

/**
 * The option that an answer names: by its letter alone, by "the answer is B", or by the words of one option and of
 * no other. Undefined where it names none or several.
 */
export function letterOf(answer: string, options: Options): string | undefined {
  const said = answer.trim();
  const letters = options.map(({ letter }) => letter);
  const alone =
    /^\(?([A-I])\)?(?:[.:,)]|$)/.exec(said)?.[1] ??
    /(?:answer|option|choice)(?: is)?:? \(?([A-I])\)?\b/i.exec(said)?.[1]?.toUpperCase();
  if (alone !== undefined && letters.includes(alone)) return alone;
  const same = options.filter(({ text }) => alphanumeric(text) === alphanumeric(said));
  if (same.length === 1) return same[0]?.letter;
  const named = options.filter(({ text }) => wordsOf(said).includes(wordsOf(text)));
  // "a dog" is said by "a dog house" too: the longest counts where it holds the others.
  const longest = named.toSorted((a, b) => b.text.length - a.text.length)[0];
  const one = longest && named.every(({ text }) => wordsOf(longest.text).includes(wordsOf(text)));
  return one ? longest.letter : undefined;
}
