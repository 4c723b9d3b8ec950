/** Any picture as a JPEG file. The same picture, seed and split give the same bytes. */
import sharp from 'sharp';
import { randomOf } from '../random.ts';
import { familiesFor, type Split } from '../render/fonts.ts';
import { photoOf } from '../render/photo.ts';
import { photograph } from '../render/photograph.ts';
import { surfacesFor } from '../render/surfaces.ts';
import { chartPage, pathData, textPath } from './chart.ts';
import { objectsVector, portraitVector, type Vector } from './objects.ts';
import type { Chart, Picture, Space } from './picture.ts';
import { castSpace, HEIGHT, WIDTH } from './space.ts';

export type DrawOptions = { readonly seed: number; readonly split: Split };

type Drawn = { readonly image: Buffer; readonly mediaType: 'image/jpeg' };

const drawers: {
  readonly [Kind in Picture['kind']]: (
    picture: Extract<Picture, { kind: Kind }>,
    options: DrawOptions,
  ) => Promise<Buffer>;
} = {
  chart: drawChart,
  objects: async (picture, { split, seed }) => rasterised(objectsVector(picture, split, seed), seed),
  portrait: async (picture, { seed }) => rasterised(portraitVector(picture, seed), seed),
  space: drawSpace,
};

export async function drawPicture(picture: Picture, options: DrawOptions): Promise<Drawn> {
  return { image: await drawers[picture.kind](picture as never, options), mediaType: 'image/jpeg' };
}

const SALT = 0x3c6ef372;

/** Charts are seen on paper and on screens: half of them as files without a camera. */
async function drawChart(chart: Chart, { seed, split }: DrawOptions): Promise<Buffer> {
  const random = randomOf(seed ^ SALT);
  const { page } = chartPage(chart, split, random);
  const screen = random.chance(0.5);
  const photo = photoOf(random, random.weighted({ easy: 6, medium: 4, hard: 0 }));
  const surface = random.pick(surfacesFor('desk', split));
  const flat = {
    angle: 0,
    corners: [],
    curl: 0,
    surroundings: 0,
    gain: 1,
    contrast: 1,
    tint: [1, 1, 1] as const,
    unevenness: 0,
    shadow: 0,
    blur: 0,
    noise: 0,
  };
  const { image } = await photograph(
    page,
    surface,
    { ...photo, quarterTurns: 0, orientation: 1, ...(screen ? flat : {}) },
    random,
  );
  return image;
}

/** Sigma of the grain of drawn pictures, in grey levels, and the quality of their files. */
const GRAIN = [0, 2, 5] as const;
const QUALITY = [78, 93] as const;

async function rasterised({ svg, width, height }: Vector, seed: number): Promise<Buffer> {
  const raw = await sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).removeAlpha().raw().toBuffer();
  return await file(raw, width, height, seed);
}

async function file(pixels: Buffer, width: number, height: number, seed: number): Promise<Buffer> {
  const random = randomOf(seed ^ SALT);
  const grain = random.pick(GRAIN);
  if (grain > 0)
    for (let at = 0; at < pixels.length; at++)
      pixels[at] = Math.min(
        255,
        Math.max(0, (pixels[at] ?? 0) + (random.next() + random.next() - 1) * 2.4 * grain),
      );
  return await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: random.int(...QUALITY) })
    .toBuffer();
}

async function drawSpace(space: Space, { seed, split }: DrawOptions): Promise<Buffer> {
  const { pixels } = castSpace(space);
  if (space.marks.length === 0) return await file(pixels, WIDTH, HEIGHT, seed);
  const family = randomOf(seed).pick(familiesFor(split, ['sans']));
  const rings = space.marks.map(({ label, x, y }) => {
    const [cx, cy] = [x * WIDTH, y * HEIGHT];
    const letter = pathData(
      textPath(label, family, { x: cx, y: cy - 13, size: 24, anchor: 'middle', bold: true }),
    );
    return `<circle cx="${cx}" cy="${cy}" r="9" fill="none" stroke="#ff2020" stroke-width="3"/><path d="${letter}" fill="#ff2020" stroke="#ffffff" stroke-width="3" paint-order="stroke"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${rings.join('')}</svg>`;
  const marked = await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .composite([{ input: Buffer.from(svg) }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return await file(marked, WIDTH, HEIGHT, seed);
}
