/** Counting and places: glyphs of held-out artists, put on other grounds in another way than in training. */
import {
  areaOf,
  type Bounds,
  centre,
  type Objects,
  type Person,
  type Portrait,
} from '#training/pictures/picture';
import type { Random } from '#training/random';
import { plural } from '#training/traces/wording';
import { choice, drawn, foundCounts, type Made, number, type Row, type Setting } from './made.ts';
import { askedNames } from './names.ts';

const colors = [
  '#f7f3e3',
  '#d7ecd9',
  '#f2d5d5',
  '#c9d8ea',
  '#efe3f5',
  '#2f3e46',
  '#22333b',
  '#5e503f',
] as const;

export function namesOf(random: Random, count: number): string[] {
  const names: string[] = [];
  for (const name of random.sample(askedNames, 4 * count))
    if (names.length < count && !names.some((other) => other.includes(name) || name.includes(other)))
      names.push(name);
  return names;
}

/** In the cells of a grid, shaken a little. */
export function sceneOf({ random }: Setting, names: readonly string[]): Objects {
  const columns = Math.ceil(Math.sqrt(names.length + 1));
  const rows = Math.ceil(names.length / columns);
  const aspect = random.pick([1, 1.25, 1.6]);
  const cells = random.sample(
    Array.from({ length: columns * rows }, (_, cell) => cell),
    names.length,
  );
  const most = Math.min(1 / columns, 1 / rows / aspect) * 0.9;
  const things = names.map((name, index) => {
    const cell = cells[index] ?? 0;
    const width = Math.min(0.34, most * (0.5 + 0.5 * random.next()));
    const [roomX, roomY] = [1 / columns - width, 1 / rows - width * aspect];
    const x = (cell % columns) / columns + roomX * random.next();
    const y = Math.floor(cell / columns) / rows + roomY * random.next();
    const box = [x, y, x + width, y + width * aspect].map(
      (edge) => Math.round(edge * 1000) / 1000,
    ) as unknown as Bounds;
    return { name, box, flipped: random.chance(0.5) };
  });
  const ground = {
    form: random.pick(['flat', 'ramp', 'check'] as const),
    colors: random.sample(colors, 2) as [string, string],
  };
  return { kind: 'objects', aspect, ground, things, plates: [] };
}

const repeated = (name: string, count: number): string[] => Array.from({ length: count }, () => name);

function countMade(setting: Setting, both: boolean): Made {
  const { random } = setting;
  const [x = '', y = ''] = namesOf(random, 2);
  const [n, m] = [random.int(1, 5), random.int(1, 3)];
  const picture = sceneOf(setting, random.sample([...repeated(x, n), ...repeated(y, m)], n + m));
  const counts = both ? { [x]: n, [y]: m } : { [x]: n };
  return {
    images: [drawn(picture, setting)],
    values: { x, xs: plural(x), ys: plural(y) },
    truth: number(both ? n + m : n),
    carries: (calls) => foundCounts(calls, counts),
  };
}

function existsMade(setting: Setting): Made {
  const { random } = setting;
  const [x = '', ...others] = namesOf(random, 4);
  const there = random.chance(0.5);
  const picture = sceneOf(setting, there ? [x, ...others.slice(0, 2)] : others);
  return {
    images: [drawn(picture, setting)],
    values: { x },
    truth: there ? choice('yes', 'no') : choice('no', 'yes'),
    carries: (calls) => foundCounts(calls, { [x]: there ? 1 : 0 }),
  };
}

const skins = ['#f0c8a0', '#b97a56', '#7a4a2e'] as const;

function facesMade(setting: Setting): Made {
  const { random } = setting;
  const count = random.int(1, 4);
  const people = Array.from({ length: count }, (_, index): Person => {
    const [width, x] = [0.13, (index + 0.5) / count];
    const y = 0.16 + 0.2 * random.next();
    return {
      box: [x - width / 2, y, x + width / 2, y + width * 1.5 * 1.28],
      skin: random.pick(skins),
      hair: random.pick(['#202020', '#5a3a22', '#c9a060'] as const),
      shirt: random.pick(colors),
      gaze: random.next() * 2 - 1,
    };
  });
  const portrait: Portrait = {
    kind: 'portrait',
    aspect: 1.5,
    ground: { form: 'ramp', colors: ['#f7f3e3', '#5e503f'] },
    people,
  };
  return {
    images: [drawn(portrait, setting)],
    values: {},
    truth: number(count),
    carries: (calls) => foundCounts(calls, { face: count }, 'DetectFaces'),
  };
}

// biome-ignore format: wordings
export const counting: Readonly<Record<string, Row>> = {
  count: { count: 24, heldout: ['Tally the {xs} for me.', 'To what number do the {xs} amount?', 'How large is the group of {xs}?'], dev: ['How many {xs} are there?'], make: (setting) => countMade(setting, false) },
  'count-two': { count: 14, heldout: ['Put {xs} and {ys} together: how many is that?', 'How many do the {xs} and the {ys} make jointly?'], dev: ['How many {xs} and {ys} are there together?'], make: (setting) => countMade(setting, true) },
  exists: { count: 12, heldout: ['Has this picture got a {x}?', 'Would I find a {x} in here?'], dev: ['Is there a {x}?'], make: existsMade },
  faces: { count: 10, heldout: ['How many persons sat for this portrait?', 'How many folks are looking at us?'], dev: ['How many people are there?'], make: facesMade },
};

type Relation = { readonly axis: 0 | 1; readonly low: string; readonly high: string };
const across: Relation = { axis: 0, low: 'left', high: 'right' };
const upright: Relation = { axis: 1, low: 'above', high: 'below' };

/** Two things whose middles are clearly apart along an axis; the scene has others too. */
function pairOf(setting: Setting, axis: 0 | 1) {
  const [x = '', y = '', ...others] = namesOf(setting.random, setting.random.int(3, 5));
  const picture = sceneOf(setting, [x, y, ...others]);
  const at = (name: string): number =>
    centre(picture.things.find((one) => one.name === name)?.box ?? [0, 0, 0, 0])[axis];
  const gap = at(x) - at(y);
  return Math.abs(gap) < 0.1 ? undefined : { x, y, picture, gap };
}

function relationMade(setting: Setting, { axis, low, high }: Relation, yesNo: boolean): Made | undefined {
  const pair = pairOf(setting, axis);
  if (!pair) return undefined;
  const { x, y, picture, gap } = pair;
  const asked = setting.random.pick([low, high]);
  const is = gap < 0 ? low : high;
  return {
    images: [drawn(picture, setting)],
    values: { x, y, r: asked },
    truth: yesNo
      ? is === asked
        ? choice('yes', 'no')
        : choice('no', 'yes')
      : choice(is, is === low ? high : low),
    carries: (calls) => foundCounts(calls, { [x]: 1, [y]: 1 }),
  };
}

function edgeMade(setting: Setting): Made | undefined {
  const { random } = setting;
  const names = namesOf(random, 3);
  const picture = sceneOf(setting, names);
  const sorted = [...picture.things].sort((a, b) => centre(a.box)[0] - centre(b.box)[0]);
  const [first, second, third] = sorted.map(({ box }) => centre(box)[0]) as [number, number, number];
  const left = random.chance(0.5);
  if ((left ? second - first : third - second) < 0.08) return undefined;
  const answer = (left ? sorted[0] : sorted[2])?.name ?? '';
  return {
    images: [drawn(picture, setting)],
    values: { x: names[0] ?? '', y: names[1] ?? '', z: names[2] ?? '', s: left ? 'left' : 'right' },
    truth: choice(answer, ...names.filter((name) => name !== answer)),
    carries: (calls) => foundCounts(calls, Object.fromEntries(names.map((name) => [name, 1]))),
  };
}

function largerMade(setting: Setting): Made | undefined {
  const [x = '', y = ''] = namesOf(setting.random, 2);
  const picture = sceneOf(setting, [x, y]);
  const area = (name: string): number =>
    areaOf(picture.things.find((one) => one.name === name)?.box ?? [0, 0, 0, 0]);
  const ratio = area(x) / area(y);
  if (ratio < 1.5 && ratio > 0.66) return undefined;
  return {
    images: [drawn(picture, setting)],
    values: { x, y },
    truth: ratio > 1 ? choice(x, y) : choice(y, x),
    carries: (calls) => foundCounts(calls, { [x]: 1, [y]: 1 }),
  };
}

// biome-ignore format: wordings
export const spatial: Readonly<Record<string, Row>> = {
  'left-right': { count: 14, heldout: ['Seen from the {y}, is the {x} to the left or to the right?', 'Left or right of the {y}: where do I find the {x}?'], dev: ['Is the {x} left or right of the {y}?'], make: (setting) => relationMade(setting, across, false) },
  'above-below': { count: 14, heldout: ['Seen from the {y}, is the {x} above or below?', 'Above or below the {y}: where do I find the {x}?'], dev: ['Is the {x} above or below the {y}?'], make: (setting) => relationMade(setting, upright, false) },
  'is-beside': { count: 12, heldout: ['Can one say that the {x} sits to the {r} of the {y}?', 'True or not, yes or no: the {x} is placed {r} of the {y}.'], dev: ['Is the {x} {r} of the {y}?'], make: (setting) => relationMade(setting, across, true) },
  edge: { count: 10, heldout: ['Among {x}, {y} and {z}, which has its place at the far {s}?', '{x}, {y}, {z}: name the one at the outer {s}.'], dev: ['Which is furthest {s}, {x}, {y} or {z}?'], make: edgeMade },
  larger: { count: 10, heldout: ['Of {x} and {y}, which one fills more of the image?', 'Comparing {x} with {y}, which has the greater size here?'], dev: ['Which is bigger, the {x} or the {y}?'], make: largerMade },
};
