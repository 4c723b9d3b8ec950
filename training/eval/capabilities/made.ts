/** What a row of a capability makes: pictures, what fills the wording, what is right, what carries it. */
import type { ImageSource } from '#training/cota/trace';
import type { Picture } from '#training/pictures/picture';
import type { Random } from '#training/random';
import type { Split } from '#training/render/fonts';
import type { Call, Item, Truth } from '../suite.ts';
import type { Vocabulary } from '../text-math/words.ts';

export type Made = Pick<Item, 'images' | 'truth'> & {
  readonly values: Readonly<Record<string, string>>;
  readonly needed?: Item['needed'];
  readonly carries?: NonNullable<Item['carries']>;
};

export type Setting = { readonly random: Random; readonly words: Vocabulary; readonly split: Split };

/** One type of question. A maker that finds no scene to ask of gives undefined and is called again. */
export type Row = {
  readonly count: number;
  readonly heldout: readonly string[];
  readonly dev: readonly string[];
  make(setting: Setting): Made | undefined;
};

export const drawn = (picture: Picture, { random, split }: Setting): ImageSource => ({
  type: 'picture',
  picture,
  seed: random.int(0, 2 ** 31 - 1),
  split,
});

export const number = (value: number): Truth => ({ type: 'number', value });
export const text = (...values: [string, ...string[]]): Truth => ({ type: 'text', values });
export const choice = (value: string, ...others: string[]): Truth => ({ type: 'choice', value, others });

type Region = { readonly label: string; readonly bbox: readonly [number, number, number, number] };

/** Of the tools that find things: OCR's regions have text instead of a label. */
export const isLook = ({ name }: Call): boolean => /Objects|Faces/.test(name);

export const regionsOf = ({ observation }: Call): Region[] =>
  Array.isArray(observation['regions']) ? (observation['regions'] as unknown as Region[]) : [];

/** Whether one look found each name as often as it is there; undefined where none looked for all of them. */
export function foundCounts(
  calls: readonly Call[],
  counts: Readonly<Record<string, number>>,
  tool: 'LocalizeObjects' | 'DetectFaces' = 'LocalizeObjects',
): boolean | undefined {
  const looks = calls.filter(({ name }) => name === tool);
  const own = looks.flatMap(regionsOf);
  if (looks.length === 0) return undefined;
  return Object.entries(counts).every(([name, count]) => {
    const found = new Set(
      own.filter(({ label }) => label.replace(/-\d+$/, '') === name).map(({ bbox }) => bbox.join()),
    );
    return found.size === count;
  });
}

/** Whether the tools named a thing of a picture: in a list, or by a place. */
export function seenIn(calls: readonly Call[], image: string, name: string): boolean | undefined {
  const looks = calls.filter((call) => call.arguments['image'] === image && isLook(call));
  if (looks.length === 0) return undefined;
  return looks.some((look) => {
    const list = look.observation['objects'];
    const listed = Array.isArray(list) && list.includes(name);
    return listed || regionsOf(look).some(({ label }) => label.replace(/-\d+$/, '') === name);
  });
}
