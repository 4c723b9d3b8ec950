/** The images of a tenant's steps: what they need in a prompt, and their features, computed once for all that wait. */
import type { Raster } from '#backend/images/raster';
import type { ImageLayout, ImageReader } from '#backend/models/vision-language';
import type { StepCounts } from './counts.ts';
import { FeatureCache, featureKey } from './features.ts';
import { SharedWork } from './shared-work.ts';
import { missingImage } from './step-limits.ts';

/** Pixels by digest, of images that may not be known. */
export type Rasters = ReadonlyMap<string, Raster>;

export class StepImages {
  readonly #cache: FeatureCache;
  readonly #encoding = new SharedWork<Float32Array>();
  readonly #counts: Pick<StepCounts, 'known' | 'encoded'>;

  /** Counts into `counts`. */
  constructor(reader: ImageReader, counts: Pick<StepCounts, 'known' | 'encoded'>) {
    this.#cache = new FeatureCache(reader);
    this.#counts = counts;
  }

  isKnown(tenant: string, digest: string): boolean {
    return this.#cache.has(featureKey(tenant, digest));
  }

  /** Throws ApiError `images_missing` where an image is neither known nor given. */
  layouts(digests: readonly string[], rasters: Rasters, tenant: string): ImageLayout[] {
    return digests.map((digest) => {
      const layout = this.#cache.layout(featureKey(tenant, digest), rasters.get(digest));
      if (!layout) throw missingImage(digest);
      return layout;
    });
  }

  /** Rows of each image, [rows, hidden size] flat. Throws as `layouts`; rejects with the signal's reason. */
  async features(
    digests: readonly string[],
    rasters: Rasters,
    tenant: string,
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const rows: Float32Array[] = [];
    for (const digest of digests) {
      const key = featureKey(tenant, digest);
      const known = this.#cache.get(key);
      const raster = rasters.get(digest);
      if (!known && !raster) throw missingImage(digest);
      signal.throwIfAborted();
      let isNew = false;
      const encode = (): Promise<Float32Array> => {
        isNew = true;
        return this.#cache.encode(key, raster as Raster);
      };
      rows.push(known ?? (await this.#encoding.run(key, signal, encode)));
      this.#counts[isNew ? 'encoded' : 'known']++;
    }
    return rows;
  }
}
