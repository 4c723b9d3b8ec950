/** What a model says of an image alone is worked out once, and kept as long as the decoded image is. */
import type { Raster } from '#backend/images/raster';

/**
 * Bytes that all models together keep of one image at most, beside its pixels: a depth map of 1036 x 518 floats is
 * most of it. The cache of rasters counts them.
 */
export const KEPT_BYTES = 2_500_000;

type Look<Result> = (image: Raster, signal: AbortSignal) => Promise<Result>;

/**
 * The agent that asks how far away two points of a photo are looks twice, and the net once. Results are shared, so
 * nobody may write to them. Only what is done is kept: a look that fails or is cut off leaves the next one its own.
 */
export function keptWithImage<Result extends object>(look: Look<Result>): Look<Result> {
  const kept = new WeakMap<Raster, Result>();
  return async (image, signal) => {
    signal.throwIfAborted();
    const known = kept.get(image);
    if (known) return known;
    const result = await look(image, signal);
    kept.set(image, result);
    return result;
  };
}
