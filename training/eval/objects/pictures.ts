/** The held-out pictures: committed files, written once by `training/objects/write_heldout.py`. */
import { readFile } from 'node:fs/promises';
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';

export const parts = ['known', 'artist', 'line', 'without'] as const;
export type Part = (typeof parts)[number];

/** Left, top, right, bottom in pixels. */
export type Bounds = readonly [left: number, top: number, right: number, bottom: number];
export type Shown = { readonly name: string; readonly box: Bounds };
export type Picture = {
  readonly file: string;
  readonly part: Part;
  readonly width: number;
  readonly height: number;
  readonly objects: readonly Shown[];
};

const folder = new URL('./pictures/', import.meta.url);

export async function readPictures(): Promise<Picture[]> {
  return JSON.parse(await readFile(new URL('pictures.json', folder), 'utf8')) as Picture[];
}

export async function rasterOf({ file }: Picture): Promise<Raster> {
  return (await decodeImage(await readFile(new URL(file, folder)))).raster;
}
