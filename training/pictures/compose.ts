/** Puts things, people and bodies into training pictures. The held-out suites compose their own way. */
import type { Random } from '../random.ts';
import type { Body, BodyForm, Bounds, Ground, Objects, Person, Portrait, Space, Thing } from './picture.ts';
import { castSpace, seenBodies, WIDTH } from './space.ts';

const between = (random: Random, low: number, high: number): number => low + (high - low) * random.next();
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

const pale = [
  '#ffffff',
  '#f4efe6',
  '#cfe8ff',
  '#e7f4e4',
  '#fde8d7',
  '#e9e4f2',
  '#fff6cc',
  '#dfe3e6',
] as const;
const strong = [
  '#7a5230',
  '#3d6f8e',
  '#5b8a4b',
  '#b0793f',
  '#8a8f98',
  '#4a4e69',
  '#c58b2a',
  '#2f6f73',
] as const;

export function groundOf(random: Random): Ground {
  return {
    form: random.pick(['flat', 'flat', 'ramp', 'horizon', 'check', 'shelf'] as const),
    colors: [random.pick(pale), random.pick(strong)],
  };
}

/** Two boxes share no point, with a gap between them. */
function apart(a: Bounds, b: Bounds, gap: number): boolean {
  return a[2] + gap < b[0] || b[2] + gap < a[0] || a[3] + gap < b[1] || b[3] + gap < a[1];
}

/** Boxes of the given widths, in fractions, that do not meet; undefined where they found no room. */
export function placedBoxes(
  random: Random,
  widths: readonly number[],
  aspect: number,
  gap = 0.012,
): Bounds[] | undefined {
  const boxes: Bounds[] = [];
  for (const width of widths) {
    const height = width * aspect;
    let placed: Bounds | undefined;
    for (let tries = 0; tries < 60 && !placed; tries++) {
      const [x, y] = [between(random, 0.01, 0.99 - width), between(random, 0.01, 0.99 - height)];
      const box: Bounds = [rounded(x), rounded(y), rounded(x + width), rounded(y + height)];
      if (boxes.every((other) => apart(box, other, gap))) placed = box;
    }
    if (!placed) return undefined;
    boxes.push(placed);
  }
  return boxes;
}

/** A picture of these names, one thing each. */
export function objectsOf(random: Random, names: readonly string[]): Objects | undefined {
  const aspect = random.pick([4 / 3, 4 / 3, 1, 3 / 4, 3 / 2]);
  const most = Math.min(0.3, 0.75 / Math.sqrt(names.length * aspect));
  const widths = names.map(() => between(random, Math.max(0.11, most * 0.6), most));
  const boxes = placedBoxes(random, widths, aspect);
  if (!boxes) return undefined;
  const things = names.map(
    (name, index): Thing => ({ name, box: boxes[index] as Bounds, flipped: random.chance(0.4) }),
  );
  return { kind: 'objects', aspect, ground: groundOf(random), things, plates: [] };
}

const skins = ['#f2cfb4', '#e0ac84', '#c68b62', '#8d5a3b', '#6b4226'] as const;
const hairs = ['#16120f', '#3a2a1c', '#6b4423', '#a8752d', '#8c8c8c'] as const;

export function portraitOf(random: Random, count: number): Portrait | undefined {
  const aspect = random.pick([4 / 3, 3 / 2]);
  const widths = Array.from({ length: count }, () => between(random, 0.11, count > 3 ? 0.15 : 0.2));
  const places = placedBoxes(
    random,
    widths.map((width) => width * 1.9),
    aspect * 0.95,
    0,
  );
  if (!places) return undefined;
  const people = places.map(([left, top, right], index): Person => {
    const [width, middle] = [widths[index] as number, (left + right) / 2];
    const height = width * aspect * 1.3;
    const y = Math.min(top + 0.04, 0.95 - height);
    return {
      box: [rounded(middle - width / 2), rounded(y), rounded(middle + width / 2), rounded(y + height)],
      skin: random.pick(skins),
      hair: random.pick(hairs),
      shirt: random.pick(strong),
      gaze: rounded(between(random, -1, 1)),
    };
  });
  return { kind: 'portrait', aspect, ground: groundOf(random), people };
}

// biome-ignore format: one line
export const bodyColors = {
  red: [205, 45, 45], blue: [50, 85, 210], green: [60, 165, 75], yellow: [232, 200, 50], orange: [235, 135, 40], purple: [135, 70, 170], white: [235, 235, 235], black: [40, 40, 44],
} as const satisfies Record<string, readonly [number, number, number]>;
export type BodyColor = keyof typeof bodyColors;
const forms = ['ball', 'box', 'cylinder', 'cone'] as const satisfies readonly BodyForm[];

function bodyOf(random: Random, color: BodyColor, z: number): Body {
  const form = random.pick(forms);
  const radius = between(random, 0.28, 0.75);
  const reach = Math.min(3.6, 0.42 * z);
  return {
    form,
    name: `${color} ${form}`,
    color: bodyColors[color],
    x: rounded(between(random, -reach, reach)),
    z: rounded(z),
    radius: rounded(radius),
    height: rounded(form === 'ball' ? 2 * radius : radius * between(random, 1.2, 2.4)),
  };
}

/** Bodies of different colours, each at a distance of its own; all are well to be seen. */
export function spaceOf(random: Random, count: number): SeenSpace | undefined {
  const colors = random.sample(Object.keys(bodyColors) as BodyColor[], count);
  const far = random.chance(0.5) ? undefined : between(random, 12, 20);
  const zs = colors.map((_, index) =>
    between(random, 3 + (index * 7) / count, 3 + ((index + 0.75) * 7) / count),
  );
  const tone = between(random, 150, 235);
  const light = [between(random, -0.6, 0.6), 0.8, between(random, -0.5, -0.1)] as const;
  const length = Math.hypot(...light);
  const space: Space = {
    kind: 'space',
    bodies: colors.map((color, index) => bodyOf(random, color, zs[index] as number)),
    eye: rounded(between(random, 1.3, 2.6)),
    pitch: rounded(between(random, 6, 16)),
    ...(far === undefined ? {} : { wall: rounded(far) }),
    floor: {
      form: random.pick(['check', 'planks', 'plain'] as const),
      tile: rounded(between(random, 0.5, 1.4)),
    },
    floorColors: [
      [tone, tone * 0.96, tone * 0.86].map(Math.round),
      [tone * 0.62, tone * 0.6, tone * 0.55].map(Math.round),
    ],
    wallColor: random.pick([
      [186, 208, 230],
      [226, 218, 200],
      [205, 214, 205],
      [200, 196, 214],
    ] as const),
    light: light.map((value) => rounded(value / length)) as unknown as Space['light'],
    marks: [],
  };
  return seenSpace(space);
}

export type SeenSpace = {
  readonly space: Space;
  /** By body, where it is to be seen. */
  readonly boxes: readonly Bounds[];
  /** Metres along the camera's axis to the middle of what is to be seen of each body. */
  readonly distances: readonly number[];
  /** Of the nearest point of the whole picture. */
  readonly nearest: number;
};

/** Least share of the picture that each body takes. */
const SHARE_MIN = 0.004;

/** Undefined where a body is hidden, cut off or tiny. */
export function seenSpace(space: Space): SeenSpace | undefined {
  const cast = castSpace(space, WIDTH / 8, true);
  const seen = seenBodies(cast, space.bodies.length);
  const boxes: Bounds[] = [];
  for (const one of seen) {
    if (!one || one.share < SHARE_MIN || one.box[0] <= 0 || one.box[2] >= 1) return undefined;
    boxes.push(one.box);
  }
  const distances = space.bodies.map((_, index) => {
    const own = cast.depth.filter((_, at) => cast.owner[at] === index);
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  });
  return {
    space,
    boxes,
    distances,
    nearest: cast.depth.reduce((low, value) => Math.min(low, value), Infinity),
  };
}

/** A small box round a point, as one asks a depth tool about a marked point. */
export function boxAround(x: number, y: number, half = 0.03): [number, number, number, number] {
  const edge = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 100) / 100;
  return [edge(x - half), edge(y - half), edge(x + half), edge(y + half)];
}
