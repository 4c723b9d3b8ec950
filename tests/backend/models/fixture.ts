/** The tiny random checkpoints, and what transformers computed with them (training/parity/make_fixtures.py). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Raster } from '#backend/images/raster';

export const variants = ['grouped-f32', 'tied-f16', 'sharded-bf16'] as const;
export type Variant = (typeof variants)[number];

export function fixtureFolder(variant: Variant): string {
  return fileURLToPath(new URL(`./fixtures/${variant}`, import.meta.url));
}

const floats = z.object({ shape: z.array(z.int()), data: z.base64() }).transform(({ shape, data }) => ({
  shape,
  values: new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer),
}));

const expected = z.object({
  images: z.array(
    z
      .object({ width: z.int(), height: z.int(), rgb: z.base64() })
      .transform(({ width, height, rgb }): Raster => ({ width, height, data: Buffer.from(rgb, 'base64') })),
  ),
  text: z.string(),
  pixel_values: floats,
  image_features: floats,
  input_ids: z.array(z.int()),
  last_logits: floats,
  greedy: z.array(z.int()),
});
export type Expected = z.output<typeof expected>;

export function expectedOf(variant: Variant): Expected {
  return expected.parse(JSON.parse(readFileSync(`${fixtureFolder(variant)}/expected.json`, 'utf8')));
}

/** The largest difference of two equally long lists. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Array.from(a).reduce(
    (max, value, index) => Math.max(max, Math.abs(value - (b[index] as number))),
    0,
  );
}
