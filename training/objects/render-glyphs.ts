/**
 * Renders the glyph sets for training and measuring: every picture of a name of the vocabulary, 160 x 160 RGBA.
 *
 *     node training/objects/render-glyphs.ts
 *
 * Reads the sets below training/.work/objects/sets (README.md says how they come there), writes glyphs.raw (pixels,
 * not premultiplied) and glyphs.json (name, set and whether it is a plain shape, in the order of the pixels) beside
 * them, and the words of the vocabulary to vocabulary.json there.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { type Entry, parseVocabulary, slugOf } from './vocabulary.ts';

const SIDE = 160;
const WORK = fileURLToPath(new URL('../.work/objects/', import.meta.url));

type GlyphSet = {
  readonly name: string;
  /** `emoji`: icons are named after emoji; `icons`: by their own words. */
  readonly named: 'emoji' | 'icons';
  /** One ink: it is drawn black, and the composer gives it a colour. */
  readonly plain: boolean;
  /** Most pictures of one name: the icon sets hold dozens of variants. */
  readonly most: number;
};

const emoji = (name: string, plain = false): GlyphSet => ({ name, named: 'emoji', plain, most: 24 });
const icons = (name: string, most = 2, plain = true): GlyphSet => ({ name, named: 'icons', plain, most });

/** Styles that training sees. `develop` chooses thresholds, `heldOut` is only ever measured. */
const trained: readonly GlyphSet[] = [
  emoji('noto'),
  emoji('noto-v1'),
  emoji('fluent-emoji-flat'),
  emoji('fluent-emoji'),
  emoji('fluent-emoji-high-contrast', true),
  emoji('twemoji'),
  emoji('emojione'),
  emoji('emojione-monotone', true),
  emoji('fxemoji'),
  icons('ph', 3),
  icons('tabler'),
  icons('mdi'),
  icons('lucide', 1),
  icons('game-icons'),
  icons('fa6-solid', 1),
  icons('icon-park-outline', 1),
  icons('material-symbols', 1),
  icons('flat-color-icons', 1, false),
];
const develop: readonly GlyphSet[] = [emoji('openmoji')];
const heldOut: readonly GlyphSet[] = [emoji('streamline-emojis')];

/** Endings under which sets file variants of one icon; the first that exist are taken. */
const ENDINGS = [
  '',
  '-fill',
  '-filled',
  '-outline',
  '-duotone',
  '-bold',
  '-rounded',
  '-1',
  '-2',
  '-variant',
  '-solid',
];

type Icon = {
  readonly body: string;
  readonly width?: number;
  readonly height?: number;
  readonly left?: number;
  readonly top?: number;
};
type IconSet = {
  readonly icons: Readonly<Record<string, Icon>>;
  readonly aliases?: Readonly<Record<string, { readonly parent: string }>>;
  readonly width?: number;
  readonly height?: number;
};

type Glyph = {
  readonly name: string;
  readonly set: string;
  readonly icon: string;
  readonly plain: boolean;
  readonly part: Part;
};
type Part = 'train' | 'develop' | 'heldOut';

function iconsOf(
  entry: Entry,
  set: GlyphSet,
  known: ReadonlyMap<string, Icon>,
  squashed: ReadonlyMap<string, string>,
): string[] {
  const found: string[] = [];
  const words = set.named === 'emoji' ? entry.emoji.map(slugOf) : entry.icons;
  for (const word of words) {
    const [prefix, rest] = word.includes(':') ? word.split(':') : [undefined, word];
    if (prefix !== undefined && !set.name.startsWith(prefix)) continue;
    const endings = set.named === 'emoji' ? ['', '-1', '-2'] : ENDINGS;
    for (const ending of endings) {
      const name = `${rest}${ending}`;
      const icon = known.has(name) ? name : squashed.get(name.replaceAll('-', ''));
      if (icon !== undefined && !found.includes(icon)) found.push(icon);
    }
  }
  return found.slice(0, set.most);
}

async function renderSet(
  set: GlyphSet,
  entries: readonly Entry[],
  part: Part,
): Promise<{ glyphs: Glyph[]; pixels: Buffer[] }> {
  const file = `${WORK}sets/node_modules/@iconify-json/${set.name}/icons.json`;
  const json = JSON.parse(await readFile(file, 'utf8')) as IconSet;
  const known = new Map(Object.entries(json.icons));
  for (const [alias, { parent }] of Object.entries(json.aliases ?? {})) {
    const icon = json.icons[parent];
    if (icon && !known.has(alias)) known.set(alias, icon);
  }
  const squashed = new Map([...known.keys()].map((name) => [name.replaceAll('-', ''), name]));
  const glyphs: Glyph[] = [];
  const pixels: Buffer[] = [];
  for (const entry of entries) {
    for (const icon of iconsOf(entry, set, known, squashed)) {
      const drawn = await draw(known.get(icon) as Icon, json).catch(() => undefined);
      if (!drawn) continue;
      glyphs.push({ name: entry.name, set: set.name, icon, plain: set.plain, part });
      pixels.push(drawn);
    }
  }
  return { glyphs, pixels };
}

/** Undefined where nothing is drawn. */
async function draw(icon: Icon, set: IconSet): Promise<Buffer | undefined> {
  const [width, height] = [icon.width ?? set.width ?? 16, icon.height ?? set.height ?? 16];
  const box = `${icon.left ?? 0} ${icon.top ?? 0} ${width} ${height}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${box}" width="${SIDE}" height="${SIDE}" color="#000">${icon.body}</svg>`;
  const data = await sharp(Buffer.from(svg))
    .resize(SIDE, SIDE, { fit: 'contain', background: '#0000' })
    .ensureAlpha()
    .raw()
    .toBuffer();
  return data.length === SIDE * SIDE * 4 && data.some((value, index) => index % 4 === 3 && value > 128)
    ? data
    : undefined;
}

const entries = parseVocabulary(await readFile(new URL('vocabulary.txt', import.meta.url), 'utf8'));
const glyphs: Glyph[] = [];
const pixels: Buffer[] = [];
const parts = { train: trained, develop, heldOut };
for (const part of ['train', 'develop', 'heldOut'] as const) {
  for (const set of parts[part]) {
    const rendered = await renderSet(set, entries, part);
    glyphs.push(...rendered.glyphs);
    pixels.push(...rendered.pixels);
    const names = new Set(rendered.glyphs.map(({ name }) => name)).size;
    console.error(`${set.name}: ${rendered.glyphs.length} pictures of ${names} names`);
  }
}
await writeFile(`${WORK}glyphs.raw`, Buffer.concat(pixels));
await writeFile(`${WORK}glyphs.json`, JSON.stringify({ side: SIDE, glyphs }));
const words = entries.map(({ name, synonyms, groups, emoji }) => ({ name, synonyms, groups, emoji }));
await writeFile(`${WORK}vocabulary.json`, JSON.stringify(words));
console.error(`${glyphs.length} pictures of ${entries.length} names`);
