/** The pictures of a trace as files or pixels: its own ones are drawn, those that its tools made are made again. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';
import { pixelBox } from '#backend/tools/boxes';
import { colours } from '#backend/tools/colours';
import { cutOut } from '#backend/tools/cut-out';
import { drawRegions } from '#backend/tools/draw-regions';
import { zoomed } from '#backend/tools/zoom-in';
import { drawPicture } from '../pictures/draw.ts';
import { renderScene } from '../render/render.ts';
import type { CotaTrace, ImageSource, MadeImage } from './trace.ts';

/** Files are looked for by their path as it stands; the rest is drawn. */
export async function fileOf(source: ImageSource): Promise<Buffer> {
  switch (source.type) {
    case 'file':
      return await readFile(source.path);
    case 'scene':
      return (await renderScene(source.scene, { seed: source.seed, split: source.split })).image;
    case 'picture':
      return (await drawPicture(source.picture, { seed: source.seed, split: source.split })).image;
  }
}

export async function rasterOf(source: ImageSource): Promise<Raster> {
  return (await decodeImage(await fileOf(source))).raster;
}

/** What a tool makes of an earlier image. Throws ToolFailure for a box without an area. */
export async function rasterMade(
  made: Exclude<MadeImage, { type: 'file' }>,
  source: Raster,
): Promise<Raster> {
  switch (made.type) {
    case 'cut': {
      const { part } = cutOut(source, made.bbox);
      return made.zoom === undefined ? part : (await zoomed(part, made.zoom)).image;
    }
    case 'boxes': {
      const regions = made.regions.map(({ label, bbox }) => ({ label, box: pixelBox(bbox, source) }));
      return drawRegions(source, regions, colours.yellow);
    }
  }
}

/** All pictures of a trace as encoded files, in the order of their numbers. */
export async function filesOf({ images, steps }: CotaTrace): Promise<Buffer[]> {
  const files = await Promise.all(images.map(fileOf));
  const rasters: (Raster | undefined)[] = [];
  for (const { image } of steps) {
    if (!image) continue;
    if (image.type === 'file') {
      files.push(await readFile(image.path));
      continue;
    }
    const before = files[image.of];
    if (!before)
      throw new RangeError(`expected an image before image-${files.length}, got image-${image.of}`);
    rasters[image.of] ??= (await decodeImage(before)).raster;
    files.push(await jpegOf(await rasterMade(image, rasters[image.of] as Raster)));
  }
  return files;
}

const JPEG_QUALITY = 92;

async function jpegOf({ data, width, height }: Raster): Promise<Buffer> {
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
}
