/** Numbers of GetImageToImagesSimilarity and of the depth tools, without drawing or looking. */
import { roundTo2 } from '#backend/tools/boxes';
import { DEPTH_MAX } from '#backend/tools/depth';
import type { Random } from '../random.ts';
import { gaussian, imitationModel } from './model.ts';

/** One number a picture; `same`: whether it shows what the first one shows. */
export function alike(same: readonly boolean[], random: Random): number[] {
  const { similarity } = imitationModel();
  return same.map((is) => {
    const { mean, spread } = is ? similarity.same : similarity.other;
    return roundTo2(Math.min(1, Math.max(-1, mean + spread * gaussian(random))));
  });
}

/** One number a text or picture, of which one fits; undefined where another one came out best. */
export function fitting(count: number, right: number, random: Random): number[] | undefined {
  const { captions } = imitationModel();
  const scores = Array.from({ length: count }, (_, at) => {
    const { mean, spread } = at === right ? captions.fits : captions.other;
    return roundTo2(Math.min(1, Math.max(-1, mean + spread * gaussian(random))));
  });
  return scores.every((score, at) => at === right || score < (scores[right] ?? 0)) ? scores : undefined;
}

/** `distance` of a place and of the nearest point of the picture, in metres; as `gpu-backend/tools/depth.ts` tells it. */
export function depthTold(distance: number, nearest: number, random: Random): number {
  const { depth } = imitationModel();
  const told = depth.offset + depth.slope * trueDepth(distance, nearest) + depth.spread * gaussian(random);
  return roundTo2(Math.min(DEPTH_MAX, Math.max(0, told)));
}

export const trueDepth = (distance: number, nearest: number): number => DEPTH_MAX * (1 - nearest / distance);
