/**
 * Whether a copy finds its picture: each picture of a gallery is cropped, mirrored and encoded anew, and the copy is
 * compared with all of the gallery by the fixed descriptor. The picture that it was made of must rank first.
 */
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';
import { type Look, likeness, lookOf } from '#backend/tools/similarity/likeness';
import { edited, photoRaster, photos, recoded } from '#training/eval/photos/index';
import { type Random, randomOf } from '#training/random';
import { renderScene } from '#training/render/render';
import { sceneOf } from '#training/scenes/index';

export type GalleryPicture = { readonly name: string; readonly raster: Raster };
type Copy = (raster: Raster, random: Random) => Promise<Raster>;

/** The part of that share of both sides, at a place that is drawn. */
const crop =
  (share: number): Copy =>
  async (raster, random) => {
    const [width, height] = [Math.round(raster.width * share), Math.round(raster.height * share)];
    const left = random.int(0, raster.width - width);
    const top = random.int(0, raster.height - height);
    return await edited(raster, (image) => image.extract({ left, top, width, height }));
  };

const scaled =
  (factor: number): Copy =>
  async (raster) =>
    await edited(raster, (image) => image.resize(Math.max(8, Math.round(raster.width * factor))));

const mirror: Copy = (raster) => edited(raster, (image) => image.flop());
const jpeg =
  (quality: number): Copy =>
  (raster) =>
    recoded(raster, (image) => image.jpeg({ quality }));

export const copies: Readonly<Record<string, Copy>> = {
  'crop 0.9': crop(0.9),
  'crop 0.7': crop(0.7),
  'crop 0.5': crop(0.5),
  mirrored: mirror,
  'JPEG 20': jpeg(20),
  'WebP 20': (raster) => recoded(raster, (image) => image.webp({ quality: 20 })),
  'PNG of 64 colours': (raster) => recoded(raster, (image) => image.png({ palette: true, colours: 64 })),
  'half the size': scaled(0.5),
  'twice the size': scaled(2),
  'crop 0.6, mirrored, 0.5 of the size, JPEG 40': async (raster, random) =>
    await jpeg(40)(await scaled(0.5)(await mirror(await crop(0.6)(raster, random), random), random), random),
};

const KINDS = ['receipt', 'menu', 'openingHours', 'table', 'departures', 'sign'] as const;

/** The photos, and that many rendered pages, which are much alike: paper with print on it. */
export async function galleryOf(pages: number): Promise<GalleryPicture[]> {
  const own = photos.map(async ({ name }) => ({ name, raster: await photoRaster(name) }));
  const rendered = Array.from({ length: pages }, async (_, index) => {
    const seed = 7_950_000 + index;
    const { scene } = sceneOf(KINDS[index % KINDS.length] ?? 'sign', randomOf(seed));
    const { image } = await renderScene(scene, { seed, split: 'heldout' });
    return { name: `page ${index}`, raster: (await decodeImage(image)).raster };
  });
  return await Promise.all([...own, ...rendered]);
}

export type CopyResult = {
  readonly copy: string;
  readonly queries: number;
  readonly first: number;
  /** Least of own likeness less that of the best other picture. */
  readonly margin: number;
  /** `picture < picture that ranked above it`. */
  readonly wrong: readonly string[];
};

/** One row for each kind of copy. Takes about 50 ms a pair. */
export async function imageImage(
  gallery: readonly GalleryPicture[],
  makers: Readonly<Record<string, Copy>> = copies,
): Promise<CopyResult[]> {
  const looks = gallery.map(({ raster }) => lookOf(raster));
  const results: CopyResult[] = [];
  for (const [copy, make] of Object.entries(makers)) {
    const random = randomOf(41);
    const wrong: string[] = [];
    let margin = Infinity;
    for (const [index, { name, raster }] of gallery.entries()) {
      const { other, lead } = leadOf(lookOf(await make(raster, random)), looks, index);
      margin = Math.min(margin, lead);
      if (!(lead > 0)) wrong.push(`${name} < ${gallery[other]?.name}`);
    }
    results.push({ copy, queries: gallery.length, first: gallery.length - wrong.length, margin, wrong });
  }
  return results;
}

/** How far the picture leads over the best other one, and which that is. */
function leadOf(query: Look, looks: readonly Look[], own: number): { other: number; lead: number } {
  const scores = looks.map((look) => likeness(query, look));
  const others = scores.map((score, index) => (index === own ? -Infinity : score));
  const best = Math.max(...others);
  return { other: others.indexOf(best), lead: (scores[own] as number) - best };
}

/** A table for docs/quality.md. */
export function imageImageTable(results: readonly CopyResult[]): string {
  return [
    '| copy | ranks first | least lead |',
    '|---|---|---|',
    ...results.map(
      ({ copy, queries, first, margin }) => `| ${copy} | ${first} of ${queries} | ${margin.toFixed(2)} |`,
    ),
  ].join('\n');
}
