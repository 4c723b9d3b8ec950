/** The last decoded images of a child process, within a budget of bytes. */
import { LRUCache } from 'lru-cache';
import { decodeImage } from '#backend/images/decode';
import { KEPT_BYTES } from '#backend/images/kept';
import { PYRAMID_BYTES } from '#backend/images/pyramid';
import type { Raster } from '#backend/images/raster';

/** One photo of 50 megapixels with all that is kept with it, or four of an ordinary phone's. */
const RASTER_CACHE_BYTES = 205_000_000;

export type RasterCache = {
  get(key: string, file: string): Promise<Raster>;
  set(key: string, raster: Raster): void;
};

/** Decodes each key once; calls for a key that is being decoded wait for the same pixels. */
export function createRasterCache(bytesMax = RASTER_CACHE_BYTES): RasterCache {
  const kept = new LRUCache<string, Raster>({
    maxSize: bytesMax,
    sizeCalculation: (raster) => KEPT_BYTES + Math.ceil(raster.data.length * PYRAMID_BYTES),
  });
  const running = new Map<string, Promise<Raster>>();
  return {
    set: (key, raster) => {
      kept.set(key, raster);
    },
    get: (key, file) => {
      const raster = kept.get(key);
      if (raster) return Promise.resolve(raster);
      const current =
        running.get(key) ??
        decodeImage(file)
          .then((decoded) => {
            kept.set(key, decoded.raster);
            return decoded.raster;
          })
          .finally(() => running.delete(key));
      running.set(key, current);
      return current;
    },
  };
}
