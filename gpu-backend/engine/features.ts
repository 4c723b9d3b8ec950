/**
 * Image features, the least recently used going first: the vision tower runs once for each image of a tenant. Another
 * tenant's are not found: the time that they save would tell that somebody has shown the same image.
 */

import type { Raster } from '#backend/images/raster';
import { PREPROCESSING_VERSION } from '#backend/models/pixels';
import type { ImageLayout, ImageReader } from '#backend/models/vision-language';
import { IMAGE_FEATURE_BYTES_MAX } from '#shared/limits';

type Entry = { readonly rows: Float32Array; readonly layout: ImageLayout };

/** What features are kept under. */
export const featureKey = (tenant: string, digest: string): string =>
  `${tenant} ${PREPROCESSING_VERSION} ${digest}`;

export class FeatureCache {
  readonly #reader: ImageReader;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(reader: ImageReader) {
    this.#reader = reader;
  }

  has(digest: string): boolean {
    return this.#entries.has(digest);
  }

  /** Rows of an image that is known, [rows, hidden size] flat. */
  get(digest: string): Float32Array | undefined {
    const entry = this.#entries.get(digest);
    if (!entry) return undefined;
    // A Map keeps the order of insertion, so this makes it the latest.
    this.#entries.delete(digest);
    this.#entries.set(digest, entry);
    return entry.rows;
  }

  /** What an image needs in a prompt: of one that is known, or of `raster`. */
  layout(digest: string, raster: Raster | undefined): ImageLayout | undefined {
    return this.#entries.get(digest)?.layout ?? (raster && this.#reader.layout(raster));
  }

  async encode(digest: string, raster: Raster): Promise<Float32Array> {
    const rows = await this.#reader.encode(raster);
    if (!this.#entries.has(digest)) this.#bytes += rows.byteLength;
    this.#entries.set(digest, { rows, layout: this.#reader.layout(raster) });
    for (const [oldest, old] of this.#entries) {
      if (this.#bytes <= IMAGE_FEATURE_BYTES_MAX) break;
      this.#entries.delete(oldest);
      this.#bytes -= old.rows.byteLength;
    }
    return rows;
  }
}
