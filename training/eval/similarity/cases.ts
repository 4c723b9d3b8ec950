/** The held-out pictures of `training/similarity/write_heldout.py`. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';

const HELDOUT = new URL('heldout/', import.meta.url);

const casesSchema = z.strictObject({
  gallery: z.array(z.strictObject({ file: z.string(), caption: z.string(), unseenPair: z.boolean() })),
  swaps: z.array(
    z.strictObject({
      file: z.string(),
      kind: z.enum(['colour', 'count', 'relation']),
      right: z.string(),
      wrong: z.string(),
    }),
  ),
});

/** `gallery`: no caption may be true of another picture. `swaps`: two captions that differ by one thing. */
export type Cases = z.infer<typeof casesSchema>;

export async function readCases(): Promise<Cases> {
  return casesSchema.parse(JSON.parse(await readFile(new URL('cases.json', HELDOUT), 'utf8')));
}

export async function heldoutPicture(file: string): Promise<Raster> {
  const { raster } = await decodeImage(await readFile(new URL(file, HELDOUT)));
  return raster;
}
