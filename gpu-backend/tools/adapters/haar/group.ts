/** `groupRectangles` of OpenCV: many windows at one place are one find, few are chance. */
import { roundHalfToEven } from './gray.ts';

/** In pixels. */
export type Rectangle = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};
export type Group = Rectangle & { readonly neighbours: number };

/** How far edges of one find may lie apart, as a share of the smaller size. */
const SPREAD = 0.2;

/** Means of the groups that have more than `least` members, and lie in no stronger group. */
export function groupRectangles(found: readonly Rectangle[], least: number): Group[] {
  const strong = groupsOf(found)
    .map(meanOf)
    .filter(({ neighbours }) => neighbours > least);
  return strong.filter((group) => !strong.some((other) => other !== group && isInside(group, other)));
}

function groupsOf(found: readonly Rectangle[]): Rectangle[][] {
  const parent = Int32Array.from(found.keys());
  const rootOf = (index: number): number => {
    let at = index;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  };
  found.forEach((a, i) => {
    for (let j = 0; j < i; j++) if (areSimilar(a, found[j] as Rectangle)) parent[rootOf(i)] = rootOf(j);
  });
  const groups = new Map<number, Rectangle[]>();
  found.forEach((rectangle, index) => {
    const root = rootOf(index);
    groups.set(root, [...(groups.get(root) ?? []), rectangle]);
  });
  return [...groups.values()];
}

function areSimilar(a: Rectangle, b: Rectangle): boolean {
  const limit = SPREAD * (Math.min(a.width, b.width) + Math.min(a.height, b.height)) * 0.5;
  return (
    Math.abs(a.x - b.x) <= limit &&
    Math.abs(a.y - b.y) <= limit &&
    Math.abs(a.x + a.width - b.x - b.width) <= limit &&
    Math.abs(a.y + a.height - b.y - b.height) <= limit
  );
}

function meanOf(members: readonly Rectangle[]): Group {
  const share = Math.fround(1 / members.length);
  const mean = (of: (rectangle: Rectangle) => number): number =>
    roundHalfToEven(Math.fround(Math.fround(members.reduce((sum, each) => sum + of(each), 0)) * share));
  return {
    x: mean(({ x }) => x),
    y: mean(({ y }) => y),
    width: mean(({ width }) => width),
    height: mean(({ height }) => height),
    neighbours: members.length,
  };
}

function isInside(inner: Group, outer: Group): boolean {
  const across = roundHalfToEven(outer.width * SPREAD);
  const down = roundHalfToEven(outer.height * SPREAD);
  return (
    inner.x >= outer.x - across &&
    inner.y >= outer.y - down &&
    inner.x + inner.width <= outer.x + outer.width + across &&
    inner.y + inner.height <= outer.y + outer.height + down &&
    (outer.neighbours > Math.max(3, inner.neighbours) || inner.neighbours < 3)
  );
}
