/**
 * Whether what a tool really says carries what a trace makes of it. An imitated observation need not be the real one
 * to the digit: what matters is how many were found, which of two is nearer, which one is best.
 */

import * as z from 'zod';
import { calculateHandler } from '#edge/tools/calculate';
import type { Observation } from '#shared/conversation';
import { boundingBox } from '#shared/tool';
import { type Boxes, type Rewritten, rewritten } from './box-sums.ts';

/** One call as it stands in the trace, and what the tool says when it is called again. */
export type Again = {
  readonly name: string;
  readonly recorded: Observation;
  readonly again: Observation;
};

type Agreement = (pair: Again, used: string) => string | undefined;

const regionNames = (observation: Observation): string[] => {
  const regions = observation['regions'];
  if (!Array.isArray(regions)) return [];
  return regions
    .map((region) => String((region as { label?: unknown }).label ?? '').replace(/-\d+$/, ''))
    .sort();
};

const sameRegions: Agreement = ({ name, recorded, again }) => {
  const [told, real] = [regionNames(recorded), regionNames(again)];
  return told.join() === real.join()
    ? undefined
    : `${name} finds ${real.join(', ') || 'nothing'} instead of ${told.join(', ') || 'nothing'}`;
};

const sameBest: Agreement = ({ name, recorded, again }) =>
  recorded['best_image_index'] === again['best_image_index'] &&
  recorded['best_text_index'] === again['best_text_index']
    ? undefined
    : `${name} likes another one best`;

/** Of a list only what the trace goes on to speak of. */
const namesUsed: Agreement = ({ recorded, again }, used) => {
  const [told, real] = [recorded['objects'], again['objects']].map((list) =>
    Array.isArray(list) ? list : [],
  );
  const missing = told?.find((name) => used.includes(String(name)) && !real?.includes(name));
  return missing === undefined ? undefined : `GetObjects does not name ${String(missing)}`;
};

const agreements: Readonly<Record<string, Agreement>> = {
  LocalizeObjects: sameRegions,
  DetectFaces: sameRegions,
  GetObjects: namesUsed,
  GetImageToImagesSimilarity: sameBest,
  GetImageToTextsSimilarity: sameBest,
  GetTextToImagesSimilarity: sameBest,
};

const foundRegions = z.object({ regions: z.array(z.object({ label: z.string(), bbox: boundingBox })) });

/** Boxes that a tool gave, by label. */
const boxesIn = (observations: readonly Observation[]): Boxes =>
  new Map(
    observations
      .flatMap((one) => foundRegions.safeParse(one).data?.regions ?? [])
      .map(({ label, bbox }) => [label, bbox]),
  );

/** A calculation of the trace that compares boxes, and the same one on the boxes that were really found. */
export type BoxSum = Rewritten & { readonly expression: string };

/** Those of `expressions` that compare boxes which a tool of `pairs` gave. */
export function boxSumsIn(expressions: readonly string[], pairs: readonly Again[]): BoxSum[] {
  const recorded = boxesIn(pairs.map((pair) => pair.recorded));
  const real = boxesIn(pairs.map((pair) => pair.again));
  return expressions.flatMap((expression) => {
    const again = rewritten(expression, recorded, real);
    return again === undefined ? [] : [{ expression, ...again }];
  });
}

/** A box that is found again differs a little, so what its calculation says of the boxes must be the same. */
function sameVerdict(sums: readonly BoxSum[]): string | undefined {
  const resultOf = (expression: string): number => {
    const told = calculateHandler({ expression });
    return 'result' in told ? told.result : Number.NaN;
  };
  const wrong = sums.find(
    ({ expression, again, verdictOf }) =>
      verdictOf(resultOf(expression), 'recorded') !== verdictOf(resultOf(again), 'again'),
  );
  return wrong && `${wrong.again} says another thing than ${wrong.expression}`;
}

/** `used`: all that the trace says of it; `sums`: what it calculates of boxes. The reason why they do not agree, or undefined. */
export function disagreement(
  pairs: readonly Again[],
  used: string,
  sums: readonly BoxSum[],
): string | undefined {
  for (const pair of pairs) {
    const reason = agreements[pair.name]?.(pair, used);
    if (reason) return reason;
  }
  return sameVerdict(sums) ?? sameOrder(pairs);
}

/** What was told and what is really measured, call by call. */
const depthsIn = (pairs: readonly Again[]): { readonly told: number; readonly real: number }[] =>
  pairs.flatMap(({ recorded, again }) => {
    const [told, real] = [recorded['depth'], again['depth']];
    return typeof told === 'number' && typeof real === 'number' ? [{ told, real }] : [];
  });

/** Depths as they were told: a calculation may use them, for `disagreement` holds their order to what is measured. */
export const toldDepths = (pairs: readonly Again[]): number[] => depthsIn(pairs).map(({ told }) => told);

/** Depths are compared with each other, so their order is what counts. */
function sameOrder(pairs: readonly Again[]): string | undefined {
  const depths = depthsIn(pairs);
  const wrong = depths.some((one, index) =>
    depths.slice(index + 1).some((two) => Math.sign(one.told - two.told) !== Math.sign(one.real - two.real)),
  );
  return wrong ? 'the depths have another order' : undefined;
}
