/** Questions on scenes of things: naming, counting, places, sizes. */
import { listed, localized, type Region, wellKnownNames } from '../imitation/find.ts';
import { objectsOf } from '../pictures/compose.ts';
import { areaOf, centre, type Objects, type Thing } from '../pictures/picture.ts';
import type { Random } from '../random.ts';
import { plural } from '../traces/wording.ts';
import { ask, Chain, type Draft, number, type Program, pictureSource, text } from './chain.ts';

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
function find(chain: Chain, picture: Objects, names: readonly string[], random: Random, of = 0): Region[] {
  const regions = localized(picture, names.map(wish), random);
  chain.localize(lookFor(random, names), of, names, regions);
  return regions;
}

// biome-ignore format: wordings
const wordings = {
  count: ['How many {xs} are there?', 'How many {xs} [can you see|do you see|are in the picture|does it show]?', 'Count the {xs}.', 'What is the number of {xs}?', 'Can you count the {xs}?', 'How many {xs}?'],
  countTwo: ['How many {xs} and {ys} are there [together|in all|altogether]?', 'Count the {xs} and the {ys} together.', 'What is the total number of {xs} and {ys}?'],
  more: ['How many more {xs} than {ys} are there?', 'By how many do the {xs} outnumber the {ys}?'],
  exists: ['Is there a {x}?', 'Is there a {x} in the picture?', 'Does the picture show a {x}?', 'Can you see a {x}?', 'Do you find a {x} here?'],
  list: ['What is in the picture?', 'What [can|do] you see?', 'Which things are shown?', 'Name the objects.', 'What does the picture show?', 'List what is to be seen.'],
  left: ['Is the {x} [left|to the left] of the {y}?', 'Is the {x} further left than the {y}?', 'Does the {x} stand left of the {y}?'],
  right: ['Is the {x} [right|to the right] of the {y}?', 'Is the {x} further right than the {y}?'],
  above: ['Is the {x} above the {y}?', 'Is the {x} higher up than the {y}?', 'Does the {x} hang above the {y}?'],
  below: ['Is the {x} below the {y}?', 'Is the {x} lower down than the {y}?', 'Is the {x} under the {y}?'],
  side: ['On which side of the {y} is the {x}?', 'Is the {x} left or right of the {y}?', 'Where is the {x}, left or right of the {y}?'],
  level: ['Is the {x} above or below the {y}?', 'Where is the {x}, above or below the {y}?'],
  leftmost: ['Which is furthest left, {list}?', 'Which of these is the leftmost: {list}?', 'Of {list}, which is on the far left?'],
  rightmost: ['Which is furthest right, {list}?', 'Which of these is the rightmost: {list}?'],
  bigger: ['Which is bigger, the {x} or the {y}?', 'Which looks larger, the {x} or the {y}?', 'Is the {x} or the {y} bigger?', 'Which takes up more room, the {x} or the {y}?'],
  nearer: ['Which is nearer to the {x}, the {y} or the {z}?', 'Is the {y} or the {z} closer to the {x} in the picture?', 'What stands closer to the {x}: the {y} or the {z}?'],
  corner: ['What is in the {c} [corner|part] of the picture?', 'Which thing is at the {c}?', 'Look at the {c}. What is there?'],
} as const;

const slots = (x: string, y = '', z = ''): Record<string, string> => ({
  x,
  y,
  z,
  xs: plural(x),
  ys: plural(y),
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
  const question = ask(random, wordings[type], slots(x, y));
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
    `${plural(x)}: ${n}, ${plural(y)}: ${m}.`,
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
  const question = ask(random, wordings.exists, slots(asked));
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
    { source: SOURCE, type: 'objects-list', question: ask(random, wordings.list), truth: text(answer) },
    'These are the things.',
    answer,
  );
};

type Relation = {
  readonly axis: 0 | 1;
  readonly less: 'left' | 'above';
  readonly more: 'right' | 'below';
  readonly either: 'side' | 'level';
};
const relations: readonly Relation[] = [
  { axis: 0, less: 'left', more: 'right', either: 'side' },
  { axis: 1, less: 'above', more: 'below', either: 'level' },
];
const axisName = ['x', 'y'] as const;
/** Middles closer than this are neither left nor right. */
const CLEAR = 0.08;

const relating: Program = (random) => {
  const [x = '', y = '', ...rest] = namesOf(random, random.int(2, 5));
  const picture = objectsOf(random, shuffled(random, [x, y, ...rest]));
  if (!picture) return undefined;
  const { axis, less, more, either } = random.pick(relations);
  const real = (name: string): number =>
    centre(picture.things.find((one) => one.name === name)?.box ?? [0, 0, 0, 0])[axis];
  const gap = real(x) - real(y);
  if (Math.abs(gap) < CLEAR) return undefined;
  const chain = new Chain([pictureSource(picture, random)]);
  const type = random.pick([less, more, either]);
  const question = ask(random, wordings[type], slots(x, y));
  const regions = find(chain, picture, [x, y], random);
  const middle = (name: string): number | undefined => middleOf(regions, name, axis);
  const [a, b] = [middle(x), middle(y)];
  if (a === undefined || b === undefined || a < b !== gap < 0 || a === b) return undefined;
  const relation = a < b ? less : more;
  const thought = `The ${x} is at ${axisName[axis]} ${a}, the ${y} at ${b}: ${relation}.`;
  const answer = type === either ? relation : relation === type ? 'Yes' : 'No';
  return chain.end(
    { source: SOURCE, type: `objects-${type}`, question, truth: text(answer.toLowerCase()) },
    thought,
    answer,
  );
};

/** Middle of the best find of a name along an axis, to two digits. */
function middleOf(regions: readonly Region[], name: string, axis: 0 | 1): number | undefined {
  const one = regions.find(({ label }) => bare(label) === name);
  return one && Math.round(centre(one.bbox)[axis] * 100) / 100;
}

const ranking: Program = (random) => {
  const names = namesOf(random, 3);
  const picture = objectsOf(
    random,
    shuffled(random, [
      ...names,
      ...(random.chance(0.4) ? namesOf(random, 1).filter((name) => !names.includes(name)) : []),
    ]),
  );
  if (!picture || names.length < 3) return undefined;
  const type = random.pick(['leftmost', 'rightmost'] as const);
  const list = `${names[0]}, ${names[1]} or ${names[2]}`;
  const question = ask(random, wordings[type], { list });
  const chain = new Chain([pictureSource(picture, random)]);
  const regions = find(chain, picture, names, random);
  const places = names.map((name) => ({ name, x: middleOf(regions, name, 0) ?? Number.NaN }));
  const sorted = [...places].sort((a, b) => (type === 'leftmost' ? a.x - b.x : b.x - a.x));
  const real = [...picture.things]
    .filter(({ name }) => names.includes(name))
    .sort((a, b) => centre(a.box)[0] - centre(b.box)[0]);
  const right = (type === 'leftmost' ? real[0] : real.at(-1))?.name;
  const answer = sorted[0]?.name ?? '';
  if (
    places.some(({ x }) => Number.isNaN(x)) ||
    answer !== right ||
    Math.abs((sorted[0]?.x ?? 0) - (sorted[1]?.x ?? 0)) < 0.04
  )
    return undefined;
  const thought = `${places.map(({ name, x }) => `${name} ${x}`).join(', ')}.`;
  return chain.end(
    { source: SOURCE, type: `objects-${type}`, question, truth: text(answer) },
    thought,
    answer,
  );
};

const sizing: Program = (random) => {
  const [x = '', y = '', ...rest] = namesOf(random, random.int(2, 4));
  const picture = objectsOf(random, [x, y, ...rest]);
  if (!picture) return undefined;
  const chain = new Chain([pictureSource(picture, random)]);
  const question = ask(random, wordings.bigger, slots(x, y));
  const regions = find(chain, picture, [x, y], random);
  const size = (
    boxes: readonly { readonly bbox: Region['bbox']; readonly label: string }[],
    name: string,
  ): number | undefined => {
    const one = boxes.find(({ label }) => bare(label) === name);
    return one && Math.round(areaOf(one.bbox) * 1000) / 1000;
  };
  const real = (name: string): number =>
    areaOf(picture.things.find((one) => one.name === name)?.box ?? [0, 0, 0, 0]);
  const [a, b] = [size(regions, x), size(regions, y)];
  const ratio = real(x) / real(y);
  if (a === undefined || b === undefined || (ratio < 1.35 && ratio > 0.74) || a > b !== ratio > 1)
    return undefined;
  const answer = a > b ? x : y;
  return chain.end(
    { source: SOURCE, type: 'objects-bigger', question, truth: text(answer) },
    `The ${x} covers ${a}, the ${y} ${b}.`,
    answer,
  );
};

const distance = (
  a: Region['bbox'] | Thing['box'],
  b: Region['bbox'] | Thing['box'],
  aspect: number,
): number => {
  const [[ax, ay], [bx, by]] = [centre(a), centre(b)];
  return Math.round(Math.hypot((ax - bx) * aspect, ay - by) * 100) / 100;
};

const nearing: Program = (random) => {
  const [x = '', y = '', z = ''] = namesOf(random, 3);
  const picture = objectsOf(random, [x, y, z]);
  if (!picture) return undefined;
  const at = (name: string): Thing['box'] =>
    picture.things.find((one) => one.name === name)?.box ?? [0, 0, 0, 0];
  const [near, far] = [distance(at(x), at(y), picture.aspect), distance(at(x), at(z), picture.aspect)];
  if (Math.abs(near - far) < 0.12) return undefined;
  const chain = new Chain([pictureSource(picture, random)]);
  const question = ask(random, wordings.nearer, slots(x, y, z));
  const regions = find(chain, picture, [x, y, z], random);
  const box = (name: string): Region['bbox'] | undefined =>
    regions.find(({ label }) => bare(label) === name)?.bbox;
  const [bx, by, bz] = [box(x), box(y), box(z)];
  if (!bx || !by || !bz) return undefined;
  const [a, b] = [distance(bx, by, 1), distance(bx, bz, 1)];
  const answer = a < b ? y : z;
  if (answer !== (near < far ? y : z)) return undefined;
  return chain.end(
    { source: SOURCE, type: 'objects-nearer', question, truth: text(answer) },
    `To the ${y} it is ${a}, to the ${z} ${b}.`,
    answer,
  );
};

/** A corner is named: it is cut out, and what is in it listed. */
const cornering: Program = (random) => {
  const names = namesOf(random, 4);
  const picture = objectsOf(random, names);
  if (!picture) return undefined;
  const [right, low] = [random.chance(0.5), random.chance(0.5)];
  const inside = picture.things.filter(
    ({ box }) => centre(box)[0] > 0.5 === right && centre(box)[1] > 0.5 === low,
  );
  const clear = picture.things.every(
    ({ box }) => Math.abs(centre(box)[0] - 0.5) > 0.1 || Math.abs(centre(box)[1] - 0.5) > 0.1,
  );
  const [only] = inside;
  if (inside.length !== 1 || !only || !clear) return undefined;
  const chain = new Chain([pictureSource(picture, random)]);
  const corner = `${low ? random.pick(['lower', 'bottom']) : random.pick(['upper', 'top'])} ${right ? 'right' : 'left'}`;
  const question = ask(random, wordings.corner, { c: corner });
  const part = chain.crop(`I cut out the ${corner}.`, 0, [
    right ? 0.6 : 0,
    low ? 0.6 : 0,
    right ? 1 : 0.4,
    low ? 1 : 0.4,
  ]);
  const found = listed({ things: [only] }, random);
  if (found.length !== 1) return undefined;
  chain.call('I list what is in the part.', 'GetObjects', { image: `image-${part}` }, { objects: found });
  return chain.end(
    { source: SOURCE, type: 'objects-corner', question, truth: text(only.name) },
    `It shows a ${only.name}.`,
    only.name,
  );
};

export const objectPrograms = {
  counting,
  existing,
  listing,
  relating,
  ranking,
  sizing,
  nearing,
  cornering,
} as const satisfies Record<string, Program>;
