/** Questions on scenes of things: naming, counting, places, sizes. */
import { listed, localized, type Region, wellKnownNames } from '../imitation/find.ts';
import { objectsOf } from '../pictures/compose.ts';
import type { Objects, Thing } from '../pictures/picture.ts';
import type { Random } from '../random.ts';
import { ask, Chain, type Draft, number, type Program, pictureSource, text } from './chain.ts';
import { oneOf, pluralOf } from './wordings/nouns.ts';
import { objectWordings } from './wordings/objects.ts';

const SOURCE = 'picture/objects';
const look = ['I look for {x}.', 'I search for {x}.', 'I need to find {x}.'] as const;
export const lookFor = (random: Random, names: readonly string[]): string =>
  random.pick(look).replace('{x}', () => names.join(' and '));

const wish = (name: string) => ({ asked: name, stands: [name] });
export const bare = (label: string): string => label.replace(/-\d+$/, '');

/** Different well-known names; words that are parts of others make questions ambiguous. */
export function namesOf(random: Random, count: number): string[] {
  const names: string[] = [];
  for (const name of random.sample(wellKnownNames(), 3 * count))
    if (names.length < count && !names.some((other) => other.includes(name) || name.includes(other)))
      names.push(name);
  return names;
}

/** Looks for names in a picture and gives what was found; the chain has the call. */
export function find(
  chain: Chain,
  picture: Objects,
  names: readonly string[],
  random: Random,
  of = 0,
): Region[] {
  const regions = localized(picture, names.map(wish), random);
  chain.localize(lookFor(random, names), of, names, regions);
  return regions;
}

export const slots = (x: string, y = '', z = ''): Record<string, string> => ({
  x,
  ax: oneOf(x),
  y,
  z,
  xs: pluralOf(x),
  ys: pluralOf(y),
});

/** `n` of a kind: count, count of two kinds, difference. */
const counting: Program = (random) => {
  const [x = '', y = '', other = ''] = namesOf(random, 3);
  const [n, m] = [random.int(1, 6), random.int(1, 3)];
  const picture = objectsOf(
    random,
    shuffled(random, [...fill(x, n), ...fill(y, m), ...(random.chance(0.5) ? [other] : [])]),
  );
  if (!picture) return undefined;
  const type = random.weighted({ count: 6, countTwo: 2, more: n > m ? 1 : 0 });
  const question = ask(random, objectWordings[type], slots(x, y));
  const chain = new Chain([pictureSource(picture, random)]);
  const names = type === 'count' ? [x] : [x, y];
  const regions = find(chain, picture, names, random);
  const own = (name: string): number => regions.filter(({ label }) => bare(label) === name).length;
  if (own(x) !== n || (type !== 'count' && own(y) !== m)) return undefined;
  const head = { source: SOURCE, type: `objects-${type}`, question };
  if (type === 'count')
    return chain.end(
      { ...head, truth: number(n) },
      `I count ${n}: ${regions.map(({ label }) => label).join(', ')}.`,
      String(n),
    );
  const value = chain.calculate(
    `${pluralOf(x)}: ${n}, ${pluralOf(y)}: ${m}.`,
    type === 'more' ? `${n} - ${m}` : `${n} + ${m}`,
  );
  return chain.end({ ...head, truth: number(value) }, `The result is ${value}.`, String(value));
};

const fill = (name: string, count: number): string[] => Array.from({ length: count }, () => name);
export const shuffled = <T>(random: Random, items: readonly T[]): T[] => random.sample(items, items.length);

/** Yes and no; what is not found is looked for once more, closer, before it is denied. */
const existing: Program = (random) => {
  const names = namesOf(random, random.int(3, 6));
  const [asked = '', ...rest] = names;
  const there = random.chance(0.55);
  const picture = objectsOf(random, shuffled(random, there ? names : rest));
  if (!picture) return undefined;
  const chain = new Chain([pictureSource(picture, random)]);
  const question = ask(random, objectWordings.exists, slots(asked));
  const [find0] = find(chain, picture, [asked], random);
  const head = { source: SOURCE, type: 'objects-exists', question, truth: text(there ? 'yes' : 'no') };
  if (there && !find0) return undefined;
  if (find0 && find0.score < LOW) return closer(chain, picture, asked, find0, head, random);
  if (find0) return chain.end(head, `It is found with ${find0.score}.`, 'Yes');
  const all = listed(picture, random);
  chain.call('It was not found. I list what is there.', 'GetObjects', { image: 'image-0' }, { objects: all });
  return chain.end(head, `${asked} is not in the list.`, 'No');
};

/** Below this a find is looked at a second time. */
const LOW = 0.3;

/** A find of a low score is cut out and looked at alone. */
function closer(
  chain: Chain,
  picture: Objects,
  asked: string,
  { bbox, score }: Region,
  head: Omit<Draft, 'images' | 'steps'>,
  random: Random,
): Draft | undefined {
  const part = chain.zoom(`A score of ${score} is low. I look closer.`, 0, bbox, 2);
  const alone = {
    things: picture.things
      .filter(({ name }) => name === asked)
      .map((thing): Thing => ({ ...thing, box: [0.22, 0.22, 0.78, 0.78] })),
  };
  const regions = localized(alone, [wish(asked)], random);
  chain.localize(`I look for ${asked} again.`, part, [asked], regions);
  const [again] = regions;
  return again ? chain.end(head, `It is found again with ${again.score}.`, 'Yes') : undefined;
}

const listing: Program = (random) => {
  const names = namesOf(random, random.int(1, 4));
  const picture = objectsOf(random, names);
  if (!picture) return undefined;
  const found = listed(picture, random);
  if (found.length < names.length) return undefined;
  const chain = new Chain([pictureSource(picture, random)]);
  chain.call('I list what is in the picture.', 'GetObjects', { image: 'image-0' }, { objects: found });
  const answer = found.join(', ');
  return chain.end(
    { source: SOURCE, type: 'objects-list', question: ask(random, objectWordings.list), truth: text(answer) },
    'These are the things.',
    answer,
  );
};

export const objectPrograms = { counting, existing, listing } as const satisfies Record<string, Program>;
