/** A page on a surface before a camera: pixels, light, sensor, file. */
import sharp from 'sharp';
import type { Random } from '#training/random';
import { BODY } from './drawing.ts';
import type { Page } from './page.ts';
import type { Photo } from './photo.ts';
import { expose } from './sensor.ts';
import { drawSurface, type SurfaceName } from './surfaces.ts';
import { svgOf, type Warp, warpOf } from './warp.ts';

export type Photographed = {
  readonly image: Buffer;
  /** Of the picture before its quarter turns, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly warp: Warp;
};

export async function photograph(
  page: Page,
  surface: SurfaceName,
  photo: Photo,
  random: Random,
): Promise<Photographed> {
  const warp = warpOf(page.width, page.height, BODY, photo);
  const { width, height } = warp;
  const raw = { width, height, channels: 3 } as const;
  const ground = await drawSurface(surface, width, height, random);
  const svg = Buffer.from(svgOf(page.shapes, page.outline, warp));
  const drawn = await sharp(ground, { raw })
    .composite([{ input: svg, limitInputPixels: false }])
    .removeAlpha()
    .raw()
    .toBuffer();
  const pixels =
    photo.blur < 0.3 ? drawn : await sharp(drawn, { raw }).blur(photo.blur).removeAlpha().raw().toBuffer();
  expose(pixels, width, height, photo, random);
  return { image: await encode(pixels, width, height, photo), width, height, warp };
}

/** Degrees by which the stored pixels are turned so that the orientation tag turns them back. */
const STORED_TURN: Readonly<Record<Photo['orientation'], number>> = { 1: 0, 3: 180, 6: 270, 8: 90 };

function encode(pixels: Buffer, width: number, height: number, photo: Photo): Promise<Buffer> {
  const turn = (photo.quarterTurns * 90 + STORED_TURN[photo.orientation]) % 360;
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } }).rotate(turn);
  const tagged = photo.orientation === 1 ? picture : picture.withMetadata({ orientation: photo.orientation });
  return tagged.jpeg({ quality: photo.quality }).toBuffer();
}
