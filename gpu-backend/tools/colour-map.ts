/** A colour for a number, the same step in brightness for the same step in value, also in print and for the colour-blind. */

import type { Colour } from '#backend/images/draw';

/**
 * Polynomials of degree six, lowest first, for red, green and blue: Matt Zucker's fit (public domain, CC0;
 * shadertoy.com/view/WlfXRN) of `inferno`, a map of Nathaniel Smith and Stéfan van der Walt (CC0, matplotlib).
 */
const INFERNO: readonly (readonly number[])[] = [
  [
    0.0002189403691192265, 0.1065134194856116, 11.60249308247187, -41.70399613139459, 77.162935699427,
    -71.31942824499214, 25.13112622477341,
  ],
  [
    0.001651004631001012, 0.5639564367884091, -3.972853965665698, 17.43639888205313, -33.40235894210092,
    32.62606426397723, -12.24266895238567,
  ],
  [
    -0.01948089843709184, 3.932712388889277, -15.9423941062914, 44.35414519872813, -81.80730925738993,
    73.20951985803202, -23.07032500287172,
  ],
];

/** Black through purple and orange to pale yellow for 0..1. */
export function infernoColour(value: number): Colour {
  return INFERNO.map((coefficients) => {
    const sum = coefficients.reduceRight((total, coefficient) => total * value + coefficient, 0);
    return Math.round(255 * Math.min(1, Math.max(0, sum)));
  }) as unknown as Colour;
}
