/** How finely an image is searched for text: once, and again where the print is small. */

import type { Pyramid } from '#backend/images/pyramid';
import { type Detection, type Detector, tileCount } from './detect.ts';
import { finerScale, firstScale } from './sizing.ts';

/** The whole image, its small print, and print that is small even then. */
const LOOKS_MAX = 3;
/** About two seconds of one core. */
const FINE_TILES_MAX = 10;

export type Look = Detection & {
  readonly scale: number;
  /** This look and those before it. */
  readonly count: number;
};

/** Finer looks replace the first where text is small and they find no less. */
export async function findBoxes(detector: Detector, pyramid: Pyramid, signal?: AbortSignal): Promise<Look> {
  const scale = firstScale(pyramid.image);
  let best: Look = { ...(await detector.detect(pyramid, scale, signal ? { signal } : {})), scale, count: 1 };
  for (;;) {
    const heights = best.boxes.map(({ box }) => Math.min(box.width, box.height));
    const next = await lookCloser(detector, pyramid, best, heights, signal);
    if (next === undefined || next.boxes.length < best.boxes.length) return best;
    best = next;
  }
}

/**
 * A finer look at what the last one left warm, for print of these heights in pixels of the image; undefined
 * where it would not help or takes too long. No heights: the last look found nothing that can be read.
 */
export async function lookCloser(
  detector: Detector,
  pyramid: Pyramid,
  last: Look,
  heights: readonly number[],
  signal?: AbortSignal,
): Promise<Look | undefined> {
  const { image } = pyramid;
  if (last.count >= LOOKS_MAX) return undefined;
  // After a first look that saw nothing, all is searched once more.
  const where = last.count === 1 && last.boxes.length === 0 ? {} : { where: last.heat };
  const scale = finerScale(image, last.scale, heights, (next) => {
    const tiles = tileCount(image, next, where.where);
    return tiles > 0 && tiles <= FINE_TILES_MAX;
  });
  if (scale === undefined) return undefined;
  const found = await detector.detect(pyramid, scale, { ...where, ...(signal ? { signal } : {}) });
  return { ...found, scale, count: last.count + 1 };
}
