/**
 * The tiny random checkpoints, and what transformers computed with them: training/parity/make_fixtures.py and
 * architectures.py and export.py.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Raster } from '#backend/images/raster';

/** One architecture, its weights and configuration in different forms. */
export const variants = ['grouped-f32', 'tied-f16', 'sharded-bf16'] as const;

export const fixtures = [
  ...variants,
  'llama3-siglip',
  'llama3-clip',
  'next-clip-qwen2',
  'onevision-qwen2',
  'original-qwen2',
  'qwen2-vl',
  'qwen2-vl-flat',
  'idefics3',
  'smolvlm',
  // The weights of grouped-f32 as graphs that a third party exported.
  'export-f32',
] as const;
export type Fixture = (typeof fixtures)[number];

export function fixtureFolder(fixture: Fixture): string {
  return fileURLToPath(new URL(`./fixtures/${fixture}`, import.meta.url));
}

type Floats = { readonly shape: readonly number[]; readonly values: Float32Array<ArrayBuffer> };

const floats = z.object({ shape: z.array(z.int()), data: z.base64() }).transform(
  ({ shape, data }): Floats => ({
    shape,
    values: new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer),
  }),
);

/** One tensor for each image, or one of all. */
const perImage = z.union([
  z.array(floats),
  floats.transform(({ shape: [count = 0, ...shape], values }) => {
    const size = values.length / count;
    return Array.from(
      { length: count },
      (_, index): Floats => ({
        shape,
        values: values.slice(index * size, (index + 1) * size),
      }),
    );
  }),
]);

const expected = z.object({
  images: z.array(
    z
      .object({ width: z.int(), height: z.int(), rgb: z.base64() })
      .transform(({ width, height, rgb }): Raster => ({ width, height, data: Buffer.from(rgb, 'base64') })),
  ),
  question: z.string().default('What does it cost — 2 × 4.50 €?'),
  pixel_values: perImage,
  image_features: perImage,
  input_ids: z.array(z.int()),
  last_logits: floats,
  greedy: z.array(z.int()),
});
export type Expected = z.output<typeof expected>;

export function expectedOf(fixture: Fixture): Expected {
  return expected.parse(JSON.parse(readFileSync(`${fixtureFolder(fixture)}/expected.json`, 'utf8')));
}

/** The largest difference of two equally long lists. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Array.from(a).reduce(
    (max, value, index) => Math.max(max, Math.abs(value - (b[index] as number))),
    0,
  );
}
