/** Questions on distance: marked points and boxes, and things with names. */
import { localized } from '../imitation/find.ts';
import { depthTold } from '../imitation/measured.ts';
import { boxAround, objectsOf, type SeenSpace, spaceOf } from '../pictures/compose.ts';
import { centre, type Objects, type Thing } from '../pictures/picture.ts';
import type { Random } from '../random.ts';
import { ask, Chain, type Draft, type Program, pictureSource, text } from './chain.ts';
import { lookFor, namesOf } from './objects.ts';
import { depthWordings, depthWords } from './wordings/depth.ts';

const SOURCE = 'picture/depth';
/** Distances that differ by less than this share are too close to ask of. */
const APART = 1.25;

type Told = { readonly name: string; readonly depth: number };

/** The nearest or farthest of what was told; undefined where two are alike. */
function pickOf(told: readonly Told[], want: 'near' | 'far'): string | undefined {
  const sorted = [...told].sort((a, b) => (want === 'near' ? a.depth - b.depth : b.depth - a.depth));
  return sorted[0]?.depth === sorted[1]?.depth ? undefined : sorted[0]?.name;
}

/** Marks of points. Any, so that they are copied from the question. */
const LETTERS = [...'ABCDEFGHJKLMNOPQRSTUVWXYZ123456789'];

/** A point, as EstimateRegionDepth takes it: copied from the question, not worked out. */
const pointBox = (x: number, y: number): [number, number, number, number] => [x, y, x, y];

const clearly = (distances: readonly number[]): boolean =>
  distances.every((one, index) =>
    distances.slice(index + 1).every((two) => Math.max(one, two) / Math.min(one, two) >= APART),
  );

function measured(
  chain: Chain,
  { distances, nearest }: SeenSpace,
  at: number,
  name: string,
  bbox: [number, number, number, number],
  before: readonly Told[],
  random: Random,
): Told {
  const depth = depthTold(distances[at] ?? 1, nearest, random);
  const thought = noted(before, `I measure ${name}.`);
  chain.call(thought, 'EstimateRegionDepth', { image: 'image-0', bbox }, { depth });
  return { name, depth };
}

/** What was just measured is written down under its name at once: later, other numbers stand beside that name. */
function noted(before: readonly Told[], next: string): string {
  const last = before.at(-1);
  return last ? `${last.name}: ${last.depth}. ${next}` : next;
}

/** Letters in the picture, their places in the question. */
const points: Program = (random) => {
  const count = random.chance(0.7) ? 2 : 3;
  const seen = spaceOf(random, random.int(count, 4));
  if (!seen) return undefined;
  const chosen = random.sample(
    seen.boxes.map((_, index) => index),
    count,
  );
  if (!clearly(chosen.map((at) => seen.distances[at] ?? 0))) return undefined;
  const labels = random.chance(0.3) ? ['A', 'B', 'C'].slice(0, count) : random.sample(LETTERS, count);
  const middles = chosen.map(
    (at) =>
      centre(seen.boxes[at] ?? [0, 0, 0, 0]).map((value) => Math.round(value * 100) / 100) as [
        number,
        number,
      ],
  );
  const marks = labels.map((label, index) => ({
    label,
    x: middles[index]?.[0] ?? 0,
    y: middles[index]?.[1] ?? 0,
  }));
  const chain = new Chain([pictureSource({ ...seen.space, marks }, random)]);
  const want = random.pick(['near', 'near', 'far'] as const);
  const told: Told[] = [];
  for (const [index, label] of labels.entries()) {
    const bbox = pointBox(...(middles[index] as [number, number]));
    told.push(measured(chain, seen, chosen[index] ?? 0, label, bbox, told, random));
  }
  const place = (index: number): string => middles[index]?.join(', ') ?? '';
  const [p = '', q = '', r = ''] = labels;
  const slots = {
    p,
    q,
    r,
    a: place(0),
    b: place(1),
    c: place(2),
    d: random.pick(count === 2 ? depthWords[want].pair : depthWords[want].points),
  };
  const question = ask(random, count === 2 ? depthWordings.points : depthWordings.three, slots);
  return decided(
    chain,
    told,
    chosen.map((at) => seen.distances[at] ?? 0),
    want,
    question,
    'depth-points',
  );
};

const boxes: Program = (random) => {
  const seen = spaceOf(random, 3);
  if (!seen) return undefined;
  const [first = 0, second = 1] = random.sample([0, 1, 2], 2);
  const chosen = [first, second];
  if (!clearly(chosen.map((at) => seen.distances[at] ?? 0))) return undefined;
  const cut = chosen.map((at) => boxAround(...centre(seen.boxes[at] ?? [0, 0, 0, 0]), 0.05));
  const names = ['the first', 'the second'];
  const chain = new Chain([pictureSource(seen.space, random)]);
  const want = random.pick(['near', 'far'] as const);
  const told: Told[] = [];
  for (const [index, name] of names.entries()) {
    const bbox = cut[index] as [number, number, number, number];
    told.push(measured(chain, seen, chosen[index] ?? 0, name, bbox, told, random));
  }
  const question = ask(random, depthWordings.boxes, {
    a: cut[0]?.join(', ') ?? '',
    b: cut[1]?.join(', ') ?? '',
    d: random.pick(depthWords[want].pair),
  });
  return decided(
    chain,
    told,
    chosen.map((at) => seen.distances[at] ?? 0),
    want,
    question,
    'depth-boxes',
  );
};

function decided(
  chain: Chain,
  told: readonly Told[],
  distances: readonly number[],
  want: 'near' | 'far',
  question: string,
  type: string,
): Draft | undefined {
  const answer = pickOf(told, want);
  const right = pickOf(
    told.map(({ name }, index) => ({ name, depth: distances[index] ?? 0 })),
    want,
  );
  if (answer === undefined || answer !== right) return undefined;
  const list = told.map(({ name, depth }) => `${name}: ${depth}`).join(', ');
  const [says, pick] =
    want === 'near' ? ['The smallest is nearest', 'min'] : ['The largest is farthest', 'max'];
  // Which of two numbers is larger is a sum, too.
  const best = chain.calculate(`${list}. ${says}.`, `${pick}(${told.map(({ depth }) => depth).join(', ')})`);
  return chain.end({ source: SOURCE, type, question, truth: text(answer) }, `${best} is ${answer}.`, answer);
}

/** Things that stand on the ground: the lower and larger, the nearer. Distances in units of the nearest. */
function standing(
  random: Random,
  names: readonly string[],
): { picture: Objects; distances: number[] } | undefined {
  const flat = objectsOf(random, names);
  if (!flat) return undefined;
  const horizon = 0.45;
  const distances = random.sample([1, 1.4, 2, 2.9, 4.2], names.length);
  const things = names.map((name, index): Thing => {
    const far = distances[index] ?? 1;
    const [side, foot] = [0.42 / far, horizon + 0.5 / far];
    const x = (index + 0.5) / names.length - side / 2 + (random.next() - 0.5) * 0.08;
    const left = Math.round(Math.min(1 - side, Math.max(0, x)) * 1000) / 1000;
    return { name, flipped: random.chance(0.5), box: [left, foot - side * flat.aspect, left + side, foot] };
  });
  const order = things.map((_, index) => index).sort((a, b) => (distances[b] ?? 0) - (distances[a] ?? 0));
  const ground = { form: 'horizon' as const, colors: flat.ground.colors };
  return { picture: { ...flat, ground, things: order.map((index) => things[index] as Thing) }, distances };
}

const named: Program = (random) => {
  const names = namesOf(random, 2);
  const made = standing(random, names);
  if (!made || names.length < 2) return undefined;
  const { picture, distances } = made;
  if (picture.things.some(({ box }) => box[1] < 0)) return undefined;
  const want = random.pick(['near', 'near', 'far'] as const);
  const chain = new Chain([pictureSource(picture, random)]);
  const [x = '', y = ''] = names;
  const question = ask(random, depthWordings.named, { x, y, d: random.pick(depthWords[want].pair) });
  const regions = localized(
    picture,
    names.map((name) => ({ asked: name, stands: [name] })),
    random,
  );
  if (regions.length < 2) return undefined;
  const byBox = random.chance(0.5);
  if (byBox) chain.localize(lookFor(random, names), 0, names, regions);
  const nearest = Math.min(...distances);
  const told: Told[] = [];
  for (const [index, name] of names.entries()) {
    const depth = depthTold(distances[index] ?? 1, nearest, random);
    const bbox = regions.find(({ label }) => label === name)?.bbox;
    if (byBox && bbox) {
      const thought = noted(told, `I measure the ${name}.`);
      chain.call(thought, 'EstimateRegionDepth', { image: 'image-0', bbox }, { depth });
    } else {
      const thought = noted(told, `How far away is the ${name}?`);
      const input = { image: 'image-0', object: name };
      chain.call(thought, 'EstimateObjectDepth', input, { depth, ...(bbox ? { bbox } : {}) });
    }
    told.push({ name, depth });
  }
  return decided(chain, told, distances, want, question, byBox ? 'depth-found' : 'depth-named');
};

export const depthPrograms = { points, boxes, named } as const satisfies Record<string, Program>;
