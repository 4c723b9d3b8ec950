/** Questions on where things are and how large they look. */
import { listed, type Region } from '../imitation/find.ts';
import { objectsOf } from '../pictures/compose.ts';
import { areaOf, centre, type Thing } from '../pictures/picture.ts';
import { ask, Chain, type Program, pictureSource, text } from './chain.ts';
import { bare, find, namesOf, shuffled, slots } from './objects.ts';
import { placeWordings } from './wordings/places.ts';

const SOURCE = 'picture/objects';

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
  const question = ask(random, placeWordings[type], slots(x, y));
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
  const question = ask(random, placeWordings[type], { list });
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
  const question = ask(random, placeWordings.bigger, slots(x, y));
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
  const question = ask(random, placeWordings.nearer, slots(x, y, z));
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
  const question = ask(random, placeWordings.corner, { c: corner });
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

export const placePrograms = {
  relating,
  ranking,
  sizing,
  nearing,
  cornering,
} as const satisfies Record<string, Program>;
