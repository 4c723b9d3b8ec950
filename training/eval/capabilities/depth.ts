/** Relative depth: marked points and named things, in halls that training never casts. */
import { bodyColors, boxAround, type SeenSpace, seenSpace } from '#training/pictures/compose';
import { type Body, centre, type Space } from '#training/pictures/picture';
import type { Random } from '#training/random';
import type { Call } from '../suite.ts';
import { choice, drawn, type Made, type Row, type Setting } from './made.ts';
import { namesOf } from './things.ts';

const between = (random: Random, low: number, high: number): number => low + (high - low) * random.next();

/** A hall of a tiled floor and a near wall; bodies of one family stand in a slanted row. */
function hallOf({ random }: Setting, count: number): SeenSpace | undefined {
  const form = random.pick(['ball', 'box', 'cylinder', 'cone'] as const);
  const colors = random.sample(Object.values(bodyColors), count);
  const depths = random.sample([3.4, 4.6, 6.1, 8.2], count);
  const lean = random.pick([-1, 1]);
  const bodies = depths.map((z, index): Body => {
    const radius = between(random, 0.35, 0.6);
    const x = lean * (index - (count - 1) / 2) * z * between(random, 0.24, 0.3);
    return {
      form,
      name: form,
      color: colors[index] ?? [200, 200, 200],
      x,
      z,
      radius,
      height: form === 'ball' ? 2 * radius : radius * 1.9,
    };
  });
  const space: Space = {
    kind: 'space',
    bodies,
    eye: between(random, 1.5, 2.2),
    pitch: between(random, 8, 14),
    wall: between(random, 10, 13),
    floor: { form: 'check', tile: between(random, 0.3, 0.45) },
    floorColors: [
      [168, 122, 92],
      [148, 104, 78],
    ],
    wallColor: random.pick([
      [214, 190, 180],
      [178, 196, 186],
      [150, 160, 178],
    ] as const),
    light: [0.36, 0.8, -0.48],
    marks: [],
  };
  return seenSpace(space);
}

/** Depths that were told, by what was asked of. */
function depthsOf(
  calls: readonly Call[],
  places: Readonly<Record<string, readonly [number, number]>>,
): Map<string, number> {
  const told = new Map<string, number>();
  for (const { arguments: input, observation } of calls) {
    const [depth, box, object] = [observation['depth'], input['bbox'], input['object']];
    if (typeof depth !== 'number') continue;
    if (typeof object === 'string') told.set(object, depth);
    if (!Array.isArray(box)) continue;
    const [left = 0, top = 0, right = 1, bottom = 1] = box.map(Number);
    const hit = Object.entries(places).find(
      ([, [x, y]]) => x >= left && x <= right && y >= top && y <= bottom,
    );
    if (hit) told.set(hit[0], depth);
  }
  return told;
}

const ordered = (
  calls: readonly Call[],
  near: string,
  far: string,
  places: Parameters<typeof depthsOf>[1],
): boolean | undefined => {
  const told = depthsOf(calls, places);
  const [a, b] = [told.get(near), told.get(far)];
  return a === undefined || b === undefined ? undefined : a < b;
};

function pointsMade(setting: Setting): Made | undefined {
  const { random } = setting;
  const seen = hallOf(setting, 3);
  if (!seen) return undefined;
  const [p = 0, q = 1] = random.sample([0, 1, 2], 2);
  const labels = random.pick([
    ['M', 'N'],
    ['U', 'V'],
    ['X', 'Z'],
  ] as const);
  const at = [p, q].map(
    (body) =>
      centre(seen.boxes[body] ?? [0, 0, 0, 0]).map((value) => Math.round(value * 100) / 100) as [
        number,
        number,
      ],
  );
  const places = { [labels[0]]: at[0] as [number, number], [labels[1]]: at[1] as [number, number] };
  const marks = labels.map((label, index) => ({ label, x: at[index]?.[0] ?? 0, y: at[index]?.[1] ?? 0 }));
  const [near, far] = (seen.distances[p] ?? 0) < (seen.distances[q] ?? 0) ? labels : [labels[1], labels[0]];
  const wantNear = random.chance(0.6);
  return {
    images: [drawn({ ...seen.space, marks }, setting)],
    values: {
      p: labels[0],
      q: labels[1],
      a: at[0]?.join(', ') ?? '',
      b: at[1]?.join(', ') ?? '',
      d: wantNear ? 'at the smaller distance' : 'at the greater distance',
    },
    truth: wantNear ? choice(near, far) : choice(far, near),
    carries: (calls) => ordered(calls, near, far, places),
  };
}

/** Two glyphs on the ground, one far behind the other. */
function thingsMade(setting: Setting): Made | undefined {
  const { random } = setting;
  const [x = '', y = ''] = namesOf(random, 2);
  const far = between(random, 1.9, 3);
  const xFirst = random.chance(0.5);
  const place = (distance: number, side: number) => {
    const size = 0.36 / distance;
    const foot = 0.42 + 0.5 / distance;
    const left = side + (0.46 - size) / 2;
    return [left, foot - size * 1.25, left + size, foot] as const;
  };
  const swap = random.chance(0.5) ? 0.5 : 0;
  const things = [
    { name: y, box: place(xFirst ? far : 1, 0.5 - swap), flipped: false },
    { name: x, box: place(xFirst ? 1 : far, swap), flipped: false },
  ];
  const picture = {
    kind: 'objects',
    aspect: 1.25,
    ground: { form: 'horizon', colors: ['#c9d8ea', '#5e503f'] },
    things,
    plates: [],
  } as const;
  const [near, behind] = xFirst ? [x, y] : [y, x];
  const wantNear = random.chance(0.6);
  const places = Object.fromEntries(things.map(({ name, box }) => [name, centre(box)]));
  return {
    images: [drawn(picture, setting)],
    values: { x, y, d: wantNear ? 'less far off' : 'more distant' },
    truth: wantNear ? choice(near, behind) : choice(behind, near),
    carries: (calls) => ordered(calls, near, behind, places),
  };
}

/** Boxes in the question, as a caller would draw them. */
function boxesMade(setting: Setting): Made | undefined {
  const seen = hallOf(setting, 2);
  if (!seen) return undefined;
  const cut = seen.boxes.map((box) => boxAround(...centre(box), 0.04));
  const places = {
    first: centre(seen.boxes[0] ?? [0, 0, 0, 0]),
    second: centre(seen.boxes[1] ?? [0, 0, 0, 0]),
  };
  const [near, far] =
    (seen.distances[0] ?? 0) < (seen.distances[1] ?? 0)
      ? (['first', 'second'] as const)
      : (['second', 'first'] as const);
  return {
    images: [drawn(seen.space, setting)],
    values: { a: cut[0]?.join(', ') ?? '', b: cut[1]?.join(', ') ?? '' },
    truth: choice(near, far),
    carries: (calls) => ordered(calls, near, far, places),
  };
}

// biome-ignore format: wordings
export const depth: Readonly<Record<string, Row>> = {
  points: { count: 24, heldout: ['{p} sits at ({a}) and {q} at ({b}). Which of them is {d}?', 'Given {p} at ({a}) and {q} at ({b}), tell me which lies {d}.'], dev: ['Point {p} is at ({a}), point {q} at ({b}). Which one is {d}?'], make: pointsMade },
  things: { count: 24, heldout: ['Judge the distance: is the {x} or the {y} {d}?', 'Out of {x} and {y}, name the one that is {d}.'], dev: ['Which is {d}, the {x} or the {y}?'], make: thingsMade },
  boxes: { count: 12, heldout: ['Two regions: first ({a}), second ({b}). Name the one with the shorter distance to us.', 'First region ({a}) against second region ({b}): which is less far off?'], dev: ['Is the first region ({a}) or the second ({b}) closer?'], make: boxesMade },
};
