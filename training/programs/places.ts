/** Questions on where things are and how large they look. */
import { boxSums } from '../cota/box-sums.ts';
import { listed, type Region } from '../imitation/find.ts';
import { objectsOf } from '../pictures/compose.ts';
import { areaOf, type Bounds, centre, type Thing } from '../pictures/picture.ts';
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
  const [a, b] = [boxOf(regions, x), boxOf(regions, y)];
  if (!a || !b || before(a, b, axis) !== gap < 0 || before(b, a, axis) !== gap > 0) return undefined;
  const relation = gap < 0 ? less : more;
  const thought = `The ${x} is at ${axisName[axis]} ${spanOf(a, axis)}, the ${y} at ${spanOf(b, axis)}: ${relation}.`;
  const answer = type === either ? relation : relation === type ? 'Yes' : 'No';
  return chain.end(
    { source: SOURCE, type: `objects-${type}`, question, truth: text(answer.toLowerCase()) },
    thought,
    answer,
  );
};

/** Box of the best find of a name. */
const boxOf = (regions: readonly Region[], name: string): Region['bbox'] | undefined =>
  regions.find(({ label }) => bare(label) === name)?.bbox;

/** Both edges as the tool gave them: a middle would have to be worked out. */
const spanOf = (box: Bounds, axis: 0 | 1): string => `${box[axis]} to ${box[axis + 2]}`;

/** With both edges; where they disagree, neither comes before the other. */
const before = (a: Bounds, b: Bounds, axis: 0 | 1): boolean =>
  a[axis] < b[axis] && (a[axis + 2] ?? 0) < (b[axis + 2] ?? 0);

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
  const boxes = names.map((name) => boxOf(regions, name)).filter((box) => box !== undefined);
  const real = [...picture.things]
    .filter(({ name }) => names.includes(name))
    .sort((a, b) => centre(a.box)[0] - centre(b.box)[0]);
  const answer = (type === 'leftmost' ? real[0] : real.at(-1))?.name ?? '';
  const best = boxOf(regions, answer);
  if (!best || boxes.length < names.length) return undefined;
  const clear = (other: Bounds): boolean =>
    type === 'leftmost' ? before(best, other, 0) : before(other, best, 0);
  if (
    !boxes.every((one) => one === best || (clear(one) && Math.abs(centre(one)[0] - centre(best)[0]) > 0.04))
  )
    return undefined;
  const spans = names.map((name, index) => `${name} ${spanOf(boxes[index] ?? best, 0)}`);
  const edge = chain.calculate(`${spans.join(', ')}.`, boxSums[type](boxes));
  return chain.end(
    { source: SOURCE, type: `objects-${type}`, question, truth: text(answer) },
    `${edge} is the ${answer}.`,
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
  const real = (name: string): number =>
    areaOf(picture.things.find((one) => one.name === name)?.box ?? [0, 0, 0, 0]);
  const [a, b] = [boxOf(regions, x), boxOf(regions, y)];
  const ratio = real(x) / real(y);
  if (!a || !b || (ratio < 1.35 && ratio > 0.74)) return undefined;
  const result = chain.calculate(
    `The ${x} is ${spanOf(a, 0)} wide, ${spanOf(a, 1)} high. The ${y} is ${spanOf(b, 0)} wide, ${spanOf(b, 1)} high.`,
    boxSums.areaGap(a, b),
  );
  if (Math.abs(result) < SIGN_CLEAR || result > 0 !== ratio > 1) return undefined;
  const answer = result > 0 ? x : y;
  return chain.end(
    { source: SOURCE, type: 'objects-bigger', question, truth: text(answer) },
    `${signOf(result)}: the ${answer}.`,
    answer,
  );
};

/** Smaller results change their sign with the next reading of a box. */
const SIGN_CLEAR = 0.003;
const signOf = (result: number): string => `${result} is ${result > 0 ? 'above' : 'below'} 0`;

const distance = (a: Thing['box'], b: Thing['box'], aspect: number): number => {
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
  const [bx, by, bz] = [boxOf(regions, x), boxOf(regions, y), boxOf(regions, z)];
  if (!bx || !by || !bz) return undefined;
  const result = chain.calculate(
    `I compare the distances from the ${x} to the ${y} and to the ${z}.`,
    boxSums.distanceGap(bx, by, bz),
  );
  if (Math.abs(result) < SIGN_CLEAR || result < 0 !== near < far) return undefined;
  const answer = result < 0 ? y : z;
  return chain.end(
    { source: SOURCE, type: 'objects-nearer', question, truth: text(answer) },
    `${signOf(result)}: the ${answer}.`,
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
