/**
 * Calculations that compare boxes: their expressions copy the numbers of boxes as the tool gave them, and their sign
 * decides. Programs write them; the filter writes them again of what a tool really found.
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

export const boxSums = { areaGap, distanceGap, rightOfMiddle } as const;

/** Each with as many boxes as it takes. */
const forms: readonly { readonly boxes: number; readonly write: (boxes: readonly Box[]) => string }[] = [
  { boxes: 2, write: ([a, b]) => areaGap(a as Box, b as Box) },
  { boxes: 3, write: ([from, a, b]) => distanceGap(from as Box, a as Box, b as Box) },
  { boxes: 1, write: ([a]) => rightOfMiddle(a as Box) },
];

/** Box by label. */
export type Boxes = ReadonlyMap<string, Box>;

/**
 * The expression written of other boxes with the same labels. Undefined where `expression` is none of these
 * calculations on `recorded`, or a label is missing in `again`.
 */
export function rewritten(expression: string, recorded: Boxes, again: Boxes): string | undefined {
  for (const { boxes: count, write } of forms) {
    const labels = ordered([...recorded.keys()], count).find(
      (some) => write(some.map((label) => recorded.get(label) as Box)) === expression,
    );
    const found = labels?.map((label) => again.get(label)).filter((box) => box !== undefined);
    if (found?.length === count) return write(found);
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
