/**
 * Calculations that compare boxes: their expressions copy the numbers of boxes as the tool gave them, and their sign
 * decides, or whose number comes out. Programs write them; the filter writes them again of what a tool really found.
 */

/** [left, top, right, bottom] in fractions of the image. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

const area = ([left, top, right, bottom]: Box): string => `(${right} - ${left}) * (${bottom} - ${top})`;

/** Above 0 where the first box is the larger one. */
const areaGap = (a: Box, b: Box): string => `${area(a)} - ${area(b)}`;

/** Squared distances from the first box to the others, between their top left corners: above 0 where the third is nearer. */
const distanceGap = (from: Box, a: Box, b: Box): string =>
  `(${a[0]} - ${from[0]}) ^ 2 + (${a[1]} - ${from[1]}) ^ 2 - (${b[0]} - ${from[0]}) ^ 2 - (${b[1]} - ${from[1]}) ^ 2`;

/** Above 0 where the middle of the box lies in the right half. */
const rightOfMiddle = ([left, , right]: Box): string => `${left} + ${right} - 1`;

/** The left edge of the leftmost box. */
const leftmost = (boxes: readonly Box[]): string => `min(${boxes.map(([left]) => left).join(', ')})`;

/** The right edge of the rightmost box. */
const rightmost = (boxes: readonly Box[]): string => `max(${boxes.map(([, , right]) => right).join(', ')})`;

export const boxSums = { areaGap, distanceGap, rightOfMiddle, leftmost, rightmost } as const;

type Form = {
  /** As many as it takes. */
  readonly boxes: number;
  readonly write: (boxes: readonly Box[]) => string;
  /** What the result says of the boxes: found again, they differ a little, and it must say the same. */
  readonly verdict: (result: number, boxes: readonly Box[]) => number;
};

const sign = (result: number): number => Math.sign(result);

const forms: readonly Form[] = [
  { boxes: 2, write: ([a, b]) => areaGap(a as Box, b as Box), verdict: sign },
  { boxes: 3, write: ([from, a, b]) => distanceGap(from as Box, a as Box, b as Box), verdict: sign },
  { boxes: 1, write: ([a]) => rightOfMiddle(a as Box), verdict: sign },
  { boxes: 3, write: leftmost, verdict: (least, boxes) => boxes.findIndex(([left]) => left === least) },
  { boxes: 3, write: rightmost, verdict: (most, boxes) => boxes.findIndex(([, , right]) => right === most) },
];

/** Box by label. */
export type Boxes = ReadonlyMap<string, Box>;

/** A calculation on boxes that were found again, and what a result says of the recorded ones and of these. */
export type Rewritten = {
  readonly again: string;
  readonly verdictOf: (result: number, which: 'recorded' | 'again') => number;
};

/** Undefined where `expression` is none of these calculations on `recorded`, or a label is missing in `again`. */
export function rewritten(expression: string, recorded: Boxes, again: Boxes): Rewritten | undefined {
  for (const { boxes: count, write, verdict } of forms) {
    for (const labels of ordered([...recorded.keys()], count)) {
      const told = labels.map((label) => recorded.get(label) as Box);
      if (write(told) !== expression) continue;
      const found = labels.map((label) => again.get(label)).filter((box) => box !== undefined);
      if (found.length < count) continue;
      return {
        again: write(found),
        verdictOf: (result, which) => verdict(result, which === 'recorded' ? told : found),
      };
    }
  }
  return undefined;
}

/** Every ordered choice of `count` different items. */
function ordered<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return items.flatMap((item) =>
    ordered(
      items.filter((other) => other !== item),
      count - 1,
    ).map((rest) => [item, ...rest]),
  );
}
