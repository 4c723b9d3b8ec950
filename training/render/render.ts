/** A scene as a photo: fonts, layout, page, surface, camera. The same seed gives the same file. */
import { type Random, randomOf } from '#training/random';
import type { Scene } from '#training/scenes/scene';
import { drawBlank } from './blank.ts';
import { BODY } from './drawing.ts';
import { type FontFamily, familiesFor, type Split } from './fonts.ts';
import { layoutScene, type PageLayout } from './layout.ts';
import { drawPage } from './page.ts';
import { type Photo, photoOf, type Quality, qualityOf } from './photo.ts';
import { photograph } from './photograph.ts';
import { inkOutline, type PrintedLine, turnedLine } from './printed.ts';
import { type Style, stylesFor, styleTable } from './styles.ts';
import { type SurfaceName, surfacesFor } from './surfaces.ts';
import type { Warp } from './warp.ts';

export type RenderOptions = {
  readonly seed: number;
  /** Which fonts, styles and surfaces; `train` unless told. */
  readonly split?: Split;
  /** A style by name instead of a random one of the split. */
  readonly style?: string;
  readonly family?: FontFamily;
  readonly surface?: SurfaceName;
  /** Fixes single properties of the photo; the others stay random. */
  readonly photo?: Partial<Photo>;
};

export type Rendering = {
  readonly image: Buffer;
  readonly mediaType: 'image/jpeg';
  /** Of the upright picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly style: string;
  readonly family: FontFamily;
  readonly photo: Photo;
  readonly quality: Quality;
  /** Size of the body text in pixels as drawn: the picture's limits may have changed what the photo asked for. */
  readonly bodyPx: number;
  /** The cells as they stand in the upright picture, row by row; none on a blank. */
  readonly lines: readonly PrintedLine[];
};

const RENDER_SALT = 0x5bd1e995;

/** Throws RangeError for an unknown style or a character that the fonts lack. */
export async function renderScene(scene: Scene, options: RenderOptions): Promise<Rendering> {
  // Salted: a caller who draws the scene from the same number must not tie its style to its words.
  const random = randomOf(options.seed ^ RENDER_SALT);
  const split = options.split ?? 'train';
  const style = styleOf(scene, split, options.style, random);
  const family = options.family ?? random.pick(familiesFor(split, style.fonts));
  const photo = photoFor(scene, style, random, options.photo);
  const layout = scene.kind === 'blank' ? undefined : layoutScene(scene, style, family, random);
  const page = layout
    ? drawPage(layout, style, random.pick(style.palettes), random)
    : drawBlank(split, random);
  const surface = options.surface ?? random.pick(surfacesFor(style.surface, split));
  const { image, width, height, warp } = await photograph(page, surface, photo, random);
  const turned = photo.quarterTurns % 2 === 1;
  return {
    image,
    mediaType: 'image/jpeg',
    width: turned ? height : width,
    height: turned ? width : height,
    style: style.name,
    family,
    photo,
    quality: qualityOf(photo),
    bodyPx: BODY * warp.scale,
    lines: layout ? linesOf(layout, warp, photo) : [],
  };
}

function linesOf({ rows, tracking }: PageLayout, warp: Warp, { quarterTurns }: Photo): PrintedLine[] {
  return rows.flatMap(({ texts }, row) =>
    texts.map((placed) => turnedLine(inkOutline(placed, row, tracking, warp), quarterTurns, warp)),
  );
}

function styleOf(scene: Scene, split: Split, name: string | undefined, random: Random): Style {
  if (name === undefined) return random.pick(stylesFor(scene.kind, split));
  const style = styleTable[scene.kind].find((candidate) => candidate.name === name);
  const names = styleTable[scene.kind].map((candidate) => candidate.name).join(', ');
  if (!style)
    throw new RangeError(`expected a style of ${scene.kind} (${names}), got ${JSON.stringify(name)}`);
  return style;
}

/** Boards and signs hang: nobody photographs them upside down, and their text is larger. */
function photoFor(scene: Scene, style: Style, random: Random, fixed: Partial<Photo> | undefined): Photo {
  const photo = photoOf(random);
  const [low, high] = style.scale ?? [1, 1];
  const hangs = style.surface === 'wall' || scene.kind === 'blank';
  return {
    ...photo,
    bodyPx: photo.bodyPx * (low + (high - low) * random.next()),
    ...(hangs ? { quarterTurns: 0 as const, curl: 0 } : {}),
    ...(scene.kind === 'blank' ? { surroundings: -0.12 } : {}),
    ...fixed,
  };
}
