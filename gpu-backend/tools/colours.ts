/** Colours and line widths of what tools draw. */

import type { Colour } from '#backend/images/draw';
import type { visualizeRegionsOnImage } from '#shared/tools/visualize-regions-on-image';

export type ColourName = NonNullable<(typeof visualizeRegionsOnImage)['arguments']['_output']['color']>;

export const colours: Readonly<Record<ColourName, Colour>> = {
  yellow: [255, 255, 0],
  red: [255, 0, 0],
  green: [0, 160, 0],
  blue: [0, 64, 255],
  cyan: [0, 255, 255],
  magenta: [255, 0, 255],
  orange: [255, 140, 0],
  white: [255, 255, 255],
  black: [0, 0, 0],
};

/** Black or white, whichever is read better on a colour. */
export function inkOn([red, green, blue]: Colour): Colour {
  return 0.299 * red + 0.587 * green + 0.114 * blue < 110 ? [255, 255, 255] : [0, 0, 0];
}

/**
 * Four pixels in an image of 1,000, as in the reference, more in larger and less in smaller ones:
 * a planner sees every image at the same size.
 */
export function lineWidth({ width, height }: { readonly width: number; readonly height: number }): number {
  return Math.max(1, Math.round(Math.max(width, height) / 250));
}
