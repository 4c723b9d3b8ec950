/** What tools that find things answer with: regions with labels of their own, and an image that shows them. */

import type { Raster } from '#backend/images/raster';
import { observedBox, pixelBox, roundTo2 } from '#backend/tools/boxes';
import { colours } from '#backend/tools/colours';
import { drawRegions } from '#backend/tools/draw-regions';
import type { FoundObject } from '#backend/tools/roles';
import { REGIONS_MAX } from '#shared/limits';

export type Region = {
  readonly label: string;
  readonly bbox: [number, number, number, number];
  readonly score: number;
};

/**
 * Best first, at most REGIONS_MAX. What is drawn has the precision of the model, what is said has two digits.
 * The image comes back even where nothing was found, as in the reference: the planner counts on its number.
 */
export function showRegions(
  source: Raster,
  found: readonly FoundObject[],
): { regions: Region[]; image: Raster } {
  const best = found.toSorted((a, b) => b.score - a.score).slice(0, REGIONS_MAX);
  const labels = distinct(best.map(({ name }) => name));
  const regions = best.map(({ box, score }, index) => ({
    label: labels[index] as string,
    bbox: observedBox(box),
    score: Math.min(1, Math.max(0, roundTo2(score))),
  }));
  const drawn = best.map(({ box }, index) => ({ box: pixelBox(box, source), label: labels[index] }));
  return { regions, image: drawRegions(source, drawn, colours.yellow) };
}

/** The second `cup` is `cup-2`, the third `cup-3`; a name that is taken is passed over. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set(names);
  const used = new Set<string>();
  return names.map((name) => {
    let label = name;
    for (let count = 2; used.has(label) || (label !== name && taken.has(label)); count++)
      label = `${name}-${count}`;
    used.add(label);
    return label;
  });
}
