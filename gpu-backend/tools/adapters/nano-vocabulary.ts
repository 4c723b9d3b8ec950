/** The closed vocabulary of the nano detector: names, other spellings, and wider words, with a vector a name. */

import * as z from 'zod';
import { PackError } from '#backend/packs/pack-error';
import { folded } from '#backend/tools/vocabulary';

/** Length of the vector of a name. */
export const VECTOR = 64;

const schema = z.strictObject({
  /** Scores from here on are told: at most 0.2 false alarms a picture, asked for some ten names, on development sets. */
  threshold: z.number().gt(0).lt(1),
  names: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        synonyms: z.array(z.string().min(1)),
        /** Wider words, such as animal, that mean every name below them. */
        groups: z.array(z.string().min(1)),
        vector: z.array(z.number()).length(VECTOR),
      }),
    )
    .min(1),
});

export type NanoVocabulary = {
  readonly threshold: number;
  readonly names: readonly string[];
  /** [names, VECTOR] row by row. */
  readonly vectors: Float32Array;
  /** Places of the names that a word stands for, singular or plural; empty where it is not known. */
  placesOf(word: string): readonly number[];
};

/** Throws PackError `model_invalid`. */
export function parseVocabulary(text: string): NanoVocabulary {
  const { threshold, names } = read(text);
  const places = new Map<string, number[]>();
  names.forEach(({ name, synonyms, groups }, place) => {
    for (const word of [name, ...synonyms, ...groups]) places.set(word, [...(places.get(word) ?? []), place]);
  });
  return {
    threshold,
    names: names.map(({ name }) => name),
    vectors: Float32Array.from(names.flatMap(({ vector }) => vector)),
    placesOf: (word) => {
      const spelling = places.has(word) ? word : singularsOf(folded(word)).find((each) => places.has(each));
      return spelling === undefined ? [] : (places.get(spelling) as number[]);
    },
  };
}

function read(text: string): z.output<typeof schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new PackError('model_invalid', `vocabulary.json of the pack cannot be used: ${reason}`, {
      cause: error,
    });
  }
}

const irregular: Readonly<Record<string, string>> = {
  men: 'man',
  women: 'woman',
  policemen: 'policeman',
  policewomen: 'policewoman',
  gentlemen: 'gentleman',
  snowmen: 'snowman',
  people: 'person',
  persons: 'person',
  feet: 'foot',
  teeth: 'tooth',
  mice: 'mouse',
  geese: 'goose',
  oxen: 'ox',
  cacti: 'cactus',
  pence: 'penny',
};

/** What to cut from the end of a plural, and what to put there. */
const endings: readonly (readonly [cut: string, put: string])[] = [
  ['ies', 'y'],
  ['ves', 'f'],
  ['ves', 'fe'],
  ['zzes', 'z'],
  ['es', ''],
  ['s', ''],
];

/**
 * The word itself, then what it may be the plural of; an article before it is left out. Only the last word
 * of several changes. They are candidates: whoever asks takes the first that is known.
 */
export function singularsOf(word: string): string[] {
  const bare = word.replace(/^(?:a|an|the) /u, '');
  const at = bare.lastIndexOf(' ') + 1;
  const [before, last] = [bare.slice(0, at), bare.slice(at)];
  const known = irregular[last];
  const cut = endings
    .filter(([ending]) => last.length > ending.length + 1 && last.endsWith(ending))
    .map(([ending, put]) => `${last.slice(0, -ending.length)}${put}`);
  return [
    ...new Set([bare, ...(known === undefined ? [] : [before + known]), ...cut.map((one) => before + one)]),
  ];
}
