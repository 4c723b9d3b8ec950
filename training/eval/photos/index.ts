/** Photos that may be shipped (see NOTICE), what is to be seen in them, and edits of them that are the same each time. */
import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';
import type { Box } from '#backend/tools/roles';

export type Photo = {
  /** File name without `.jpg`. */
  readonly name: string;
  /** Hairline to chin and cheek to cheek, in pixels; made by looking at the photo. */
  readonly faces: readonly { readonly box: Box; readonly view: 'front' | 'profile' }[];
};

export const photos: readonly Photo[] = [
  { name: 'astronaut', faces: [{ box: [179, 80, 273, 178], view: 'front' }] },
  { name: 'hopper', faces: [{ box: [163, 132, 365, 325], view: 'front' }] },
  { name: 'cameraman', faces: [{ box: [199, 126, 254, 199], view: 'profile' }] },
  { name: 'bricks', faces: [] },
  { name: 'cat', faces: [] },
  { name: 'coffee', faces: [] },
  { name: 'galaxies', faces: [] },
  { name: 'grass', faces: [] },
  { name: 'gravel', faces: [] },
  { name: 'rocket', faces: [] },
];

export async function photoRaster(name: string): Promise<Raster> {
  return (await decodeImage(await readFile(new URL(`./${name}.jpg`, import.meta.url)))).raster;
}

export function sharpOf({ data, width, height }: Raster): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** What the edit makes of the raster, without loss. */
export async function edited(raster: Raster, edit: (image: Sharp) => Sharp): Promise<Raster> {
  const { data, info } = await edit(sharpOf(raster))
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`expected three channels, got ${info.channels}`);
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

/** Encoded by the edit, and decoded again. */
export async function recoded(raster: Raster, encode: (image: Sharp) => Sharp): Promise<Raster> {
  return (await decodeImage(await encode(sharpOf(raster)).toBuffer())).raster;
}

/** Each value of the raster by a function of it; results are rounded and held in 0..255. */
export function mapped({ data, width, height }: Raster, of: (value: number) => number): Raster {
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i++) out[i] = of(data[i] as number);
  return { data: new Uint8Array(out.buffer), width, height };
}
