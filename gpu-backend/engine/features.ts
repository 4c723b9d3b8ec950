/**
 * Image features, the least recently used going first: the vision tower runs once for each image of a tenant. Another
 * tenant's are not found: the time that they save would tell that somebody has shown the same image.
 */

import type { Raster } from '#backend/images/raster';
import type { LlavaModel } from '#backend/models/llava';
import { PREPROCESSING_VERSION, pixelValues } from '#backend/models/pixels';
import { IMAGE_FEATURE_BYTES_MAX } from '#shared/limits';
import { Tensor } from './runtime.ts';

/** What features are kept under. */
export const featureKey = (tenant: string, digest: string): string =>
  `${tenant} ${PREPROCESSING_VERSION} ${digest}`;

export class FeatureCache {
  readonly #model: LlavaModel;
  readonly #rows = new Map<string, Float32Array>();
  #bytes = 0;

  constructor(model: LlavaModel) {
    this.#model = model;
  }

  has(digest: string): boolean {
    return this.#rows.has(digest);
  }

  /** Rows of an image that is known, [image tokens, hidden size] flat. */
  get(digest: string): Float32Array | undefined {
    const rows = this.#rows.get(digest);
    if (!rows) return undefined;
    // A Map keeps the order of insertion, so this makes it the latest.
    this.#rows.delete(digest);
    this.#rows.set(digest, rows);
    return rows;
  }

  async encode(digest: string, raster: Raster): Promise<Float32Array> {
    const { config, vision } = this.#model;
    const side = config.vision.image_size;
    const pixels = new Tensor('float32', pixelValues(raster, config), [1, 3, side, side]);
    const { image_features: features } = await vision.run({ pixel_values: pixels });
    const rows = features?.data as Float32Array;
    if (!this.#rows.has(digest)) this.#bytes += rows.byteLength;
    this.#rows.set(digest, rows);
    for (const [oldest, old] of this.#rows) {
      if (this.#bytes <= IMAGE_FEATURE_BYTES_MAX) break;
      this.#rows.delete(oldest);
      this.#bytes -= old.byteLength;
    }
    return rows;
  }
}
