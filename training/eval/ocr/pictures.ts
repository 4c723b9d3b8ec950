/** The pictures of the OCR evaluation: one property of the photo varies in each set, the others stay mild. */
import sharp from 'sharp';
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';
import { type Random, randomOf } from '#training/random';
import type { Point } from '#training/render/drawing';
import { type FontFamily, fontTable, type Split } from '#training/render/fonts';
import type { Photo } from '#training/render/photo';
import type { PrintedLine } from '#training/render/printed';
import { type Rendering, renderScene } from '#training/render/render';
import { drawSurface, surfacesFor } from '#training/render/surfaces';
import { type SceneMaker, sceneOf } from '#training/scenes/index';
import type { Scene } from '#training/scenes/scene';

/** A row of print: its cells from left to right, with their outlines in pixels of the upright picture. */
export type PrintedRow = readonly Omit<PrintedLine, 'row'>[];

export type Picture = {
  readonly id: string;
  readonly raster: Raster;
  readonly rows: readonly PrintedRow[];
  /** The text in reading order; absent where several pages lie side by side, which have none. */
  readonly text?: string;
  /** Cells of the one table in the picture, row by row. */
  readonly table?: readonly (readonly string[])[];
};

export type PictureSet = {
  readonly group: string;
  readonly name: string;
  readonly count: number;
  picture(index: number): Promise<Picture>;
};

/** A careful photo in even light; what a set does not vary. */
const MILD: Partial<Photo> = {
  angle: 0,
  quarterTurns: 0,
  orientation: 1,
  corners: [0, 0, 0, 0, 0, 0, 0, 0],
  curl: 0,
  surroundings: 0.06,
  bodyPx: 26,
  gain: 0.95,
  contrast: 0.95,
  tint: [1, 1, 1],
  unevenness: 0.1,
  shadow: 0,
  blur: 0.4,
  noise: 3,
  quality: 88,
};

const PRINTED: readonly SceneMaker[] = ['receipt', 'menu', 'openingHours', 'table', 'departures', 'sign'];
const DENSE: readonly SceneMaker[] = ['receipt', 'menu', 'table'];
const TABLES: readonly SceneMaker[] = ['table', 'departures'];
const PHOTO = { width: 4032, height: 3024 } as const;
const SHEET = { width: 1000, height: 760 } as const;

/** Seeds of the two splits lie apart, so that tuning sees none of the words of the report. */
const seedOf = (split: Split, set: number, index: number): number =>
  (split === 'heldout' ? 7_000_000 : 1_000_000) + set * 1_000 + index;

/** All sets of a split. The same split gives the same pictures. */
export function pictureSets(split: Split): PictureSet[] {
  const single = (
    group: string,
    name: string,
    count: number,
    set: number,
    photo: Partial<Photo>,
    { makers = PRINTED, family }: { makers?: readonly SceneMaker[]; family?: FontFamily } = {},
  ): PictureSet => ({
    group,
    name,
    count,
    picture: async (index) => {
      const seed = seedOf(split, set, index);
      const scene = sceneFrom(makers, index, seed);
      const rendering = await renderScene(scene, {
        seed,
        split,
        photo: { ...MILD, ...photo },
        ...(family ? { family } : {}),
      });
      return await pictureOf(`${group} ${name} ${index}`, scene, rendering);
    },
  });
  const families = (Object.keys(fontTable) as FontFamily[]).filter((name) => fontTable[name].split === split);
  const degrees = (angle: number): string => `${angle > 0 ? '+' : ''}${angle}°`;
  return [
    ...families.map((family, i) => single('font', family, 6, i, { angle: 1 - (i % 3) }, { family })),
    // One seed for all angles: the same pages, turned.
    ...[0, 5, -5, 15, -15].map((angle) => single('angle', degrees(angle), 10, 20, { angle })),
    ...([1, 2, 3] as const).map((quarterTurns) =>
      single('turned', `${quarterTurns * 90}°`, 10, 20, { quarterTurns }),
    ),
    ...[8, 10, 13, 20, 40].map((body) => sheets(split, 'size', `${body} px`, 6, 30, body, SHEET)),
    ...[8, 16, 24].map((noise) => single('noise', `sigma ${noise}`, 8, 40, { noise })),
    ...[1.2, 2].map((blur) => single('blur', `${blur} px`, 8, 40, { blur })),
    single('light', 'dim, uneven, shadow', 8, 40, { gain: 0.45, unevenness: 0.45, shadow: 0.5, noise: 8 }),
    single('file', 'JPEG 30', 8, 40, { quality: 30 }),
    ...[12, 16, 24].map((body) => sheets(split, '12 MP', `${body} px`, 3, 50, body, PHOTO)),
    single('table', 'cells', 24, 60, { angle: 1 }, { makers: TABLES }),
  ];
}

/** A scene that holds print; the maker goes round so that a set has some of each. */
function sceneFrom(makers: readonly SceneMaker[], index: number, seed: number): Scene {
  const maker = makers[index % makers.length] ?? 'receipt';
  return sceneOf(maker, randomOf(seed)).scene;
}

async function pictureOf(id: string, scene: Scene, { image, lines }: Rendering): Promise<Picture> {
  const { raster } = await decodeImage(image);
  const texts = scene.rows.map(({ cells }) => cells.map(({ text }) => text));
  const width = Math.max(0, ...texts.map((row) => row.length));
  const table = texts.filter((row) => row.length === width);
  return {
    id,
    raster,
    rows: rowsOf(lines),
    text: texts.map((row) => row.join(' ')).join('\n'),
    ...(scene.kind === 'table' || scene.kind === 'board' ? { table } : {}),
  };
}

function rowsOf(lines: readonly PrintedLine[]): PrintedRow[] {
  const rows = new Map<number, PrintedLine[]>();
  for (const line of lines) rows.set(line.row, [...(rows.get(line.row) ?? []), line]);
  return [...rows.values()];
}

type Size = { readonly width: number; readonly height: number };

/** Pages of one body size side by side on one large surface, as many as fit. */
function sheets(
  split: Split,
  group: string,
  name: string,
  count: number,
  set: number,
  body: number,
  size: Size,
): PictureSet {
  return {
    group,
    name,
    count,
    picture: async (index) => {
      const random = randomOf(seedOf(split, set, index));
      const pages = await pagesFor(split, random, body, size);
      const surface = random.pick(surfacesFor('desk', split));
      const ground = await drawSurface(surface, size.width, size.height, random);
      const jpeg = await sharp(ground, { raw: { ...size, channels: 3 } })
        .composite(pages.map(({ input, left, top }) => ({ input, left, top })))
        .jpeg({ quality: 90 })
        .toBuffer();
      const { raster } = await decodeImage(jpeg);
      return { id: `${group} ${name} ${index}`, raster, rows: pages.flatMap((page) => page.rows) };
    },
  };
}

type Placed = {
  readonly input: Buffer;
  readonly left: number;
  readonly top: number;
  readonly rows: readonly PrintedRow[];
};

/** Pages per picture at most: more would only take time. */
const PAGES_MAX = 6;

/** Pages in rows of equal height from the top left; one that does not fit ends the picture. */
async function pagesFor(split: Split, random: Random, body: number, size: Size): Promise<Placed[]> {
  const pages: Placed[] = [];
  const gap = Math.round(size.width / 40);
  let [left, top, bottom] = [gap, gap, gap];
  for (let index = 0; index < PAGES_MAX; index++) {
    const seed = random.int(1, 2 ** 31 - 1);
    const scene = sceneFrom(DENSE, index, seed);
    const photo = { ...MILD, bodyPx: Math.max(body, 24) };
    const { image, bodyPx, lines } = await renderScene(scene, { seed, split, photo });
    const scale = body / bodyPx;
    const { raster } = await decodeImage(image);
    const [width, height] = [Math.round(raster.width * scale), Math.round(raster.height * scale)];
    if (left + width > size.width) [left, top] = [gap, bottom + gap];
    if (left + width > size.width || top + height > size.height) {
      if (pages.length > 0) break;
      continue;
    }
    const input = await sharp(image).resize(width, height, { fit: 'fill' }).png().toBuffer();
    const place = ([x, y]: Point): Point => [left + x * scale, top + y * scale];
    const rows = rowsOf(lines).map((row) =>
      row.map(({ text, outline }) => ({ text, outline: outline.map(place) })),
    );
    pages.push({ input, left, top, rows });
    left += width + gap;
    bottom = Math.max(bottom, top + height);
  }
  return pages;
}
