/** Glyphs of the names of the detector's vocabulary, from icon sets of npm; each split has its own artists. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseVocabulary, slugOf } from '../objects/vocabulary.ts';
import type { Split } from '../render/fonts.ts';

const sets = {
  'fluent-emoji-flat': 'train',
  twemoji: 'heldout',
  'streamline-emojis': 'heldout',
} as const satisfies Record<string, Split>;
export type GlyphSet = keyof typeof sets;

type Icon = { readonly body: string; readonly width?: number; readonly height?: number };
type IconSet = {
  readonly icons: Readonly<Record<string, Icon>>;
  readonly width?: number;
  readonly height?: number;
};

/** Names that two artists draw as different things, or whose plural is no plain one. */
const LEFT_OUT: ReadonlySet<string> = new Set(
  'man woman boy girl baby eye ear mouth hand fist meat map globe tower ticket film label document road bone plate temple school hospital factory stadium office building turkey fireworks orange'.split(
    ' ',
  ),
);

const opened = new Map<GlyphSet, ReadonlyMap<string, Icon & { readonly box: string }>>();

/** By name of the vocabulary; the first emoji of each name is its picture. */
function openSet(name: GlyphSet): ReadonlyMap<string, Icon & { readonly box: string }> {
  const known = opened.get(name);
  if (known) return known;
  const file = fileURLToPath(import.meta.resolve(`@iconify-json/${name}/icons.json`));
  const { icons, width = 16, height = 16 } = JSON.parse(readFileSync(file, 'utf8')) as IconSet;
  const found = new Map<string, Icon & { readonly box: string }>();
  for (const [word, emoji] of emojiOf()) {
    const icon = emoji.flatMap((one) => icons[one] ?? icons[`${one}-1`] ?? [])[0];
    if (icon) found.set(word, { ...icon, box: `0 0 ${icon.width ?? width} ${icon.height ?? height}` });
  }
  opened.set(name, found);
  return found;
}

let vocabulary: readonly (readonly [string, readonly string[]])[] | undefined;

function emojiOf(): readonly (readonly [string, readonly string[]])[] {
  vocabulary ??= parseVocabulary(
    readFileSync(new URL('../objects/vocabulary.txt', import.meta.url), 'utf8'),
  ).map(({ name, emoji }) => [name, emoji.map(slugOf)] as const);
  return vocabulary;
}

export function glyphSetsOf(split: Split): GlyphSet[] {
  return (Object.keys(sets) as GlyphSet[]).filter((name) => sets[name] === split);
}

/** Names that every set has, so that both splits ask for the same things. */
export function drawableNames(): string[] {
  const all = (Object.keys(sets) as GlyphSet[]).map(openSet);
  return emojiOf()
    .map(([name]) => name)
    .filter((name) => !LEFT_OUT.has(name) && all.every((set) => set.has(name)));
}

/** An `<svg>` element at a place in pixels. `key` keeps the ids of two glyphs in one picture apart. */
export function glyphAt(
  set: GlyphSet,
  name: string,
  key: string,
  at: { readonly x: number; readonly y: number; readonly side: number; readonly flipped: boolean },
): string {
  const icon = openSet(set).get(name);
  if (!icon) throw new RangeError(`expected a name that ${set} draws, got ${name}`);
  const body = icon.body
    .replace(/\bid="([^"]+)"/g, `id="${key}$1"`)
    .replace(/url\(#([^)]+)\)/g, `url(#${key}$1)`)
    .replace(/href="#([^"]+)"/g, `href="#${key}$1"`);
  const turn = at.flipped ? ` transform="translate(${2 * at.x + at.side} 0) scale(-1 1)"` : '';
  return `<g${turn}><svg x="${at.x}" y="${at.y}" width="${at.side}" height="${at.side}" viewBox="${icon.box}">${body}</svg></g>`;
}
