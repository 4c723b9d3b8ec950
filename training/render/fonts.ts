/** The fonts of the renderer, from npm (OFL-1.1; Roboto Slab Apache-2.0), so that every machine draws the same pictures. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import opentype, { type Font, type Glyph, type PathCommand } from 'opentype.js';

/** Pictures for the held-out test use fonts, styles and surfaces that no training picture has. */
export type Split = 'train' | 'heldout';

export type FontRole = 'sans' | 'serif' | 'mono' | 'slab' | 'condensed' | 'rounded' | 'hand';

type FontRow = { readonly role: FontRole; readonly split: Split; readonly weights: readonly (400 | 700)[] };

// biome-ignore format: one line a family
const families = {
  roboto: { role: 'sans', split: 'train', weights: [400, 700] },
  'open-sans': { role: 'sans', split: 'train', weights: [400, 700] },
  merriweather: { role: 'serif', split: 'train', weights: [400, 700] },
  'ibm-plex-mono': { role: 'mono', split: 'train', weights: [400, 700] },
  cousine: { role: 'mono', split: 'train', weights: [400, 700] },
  'share-tech-mono': { role: 'mono', split: 'train', weights: [400] },
  'roboto-slab': { role: 'slab', split: 'train', weights: [400, 700] },
  'roboto-condensed': { role: 'condensed', split: 'train', weights: [400, 700] },
  'archivo-narrow': { role: 'condensed', split: 'train', weights: [400, 700] },
  nunito: { role: 'rounded', split: 'train', weights: [400, 700] },
  'patrick-hand': { role: 'hand', split: 'train', weights: [400] },
  lato: { role: 'sans', split: 'heldout', weights: [400, 700] },
  'pt-serif': { role: 'serif', split: 'heldout', weights: [400, 700] },
  'courier-prime': { role: 'mono', split: 'heldout', weights: [400, 700] },
  'zilla-slab': { role: 'slab', split: 'heldout', weights: [400, 700] },
  'barlow-condensed': { role: 'condensed', split: 'heldout', weights: [400, 700] },
  quicksand: { role: 'rounded', split: 'heldout', weights: [400, 700] },
  kalam: { role: 'hand', split: 'heldout', weights: [400, 700] },
} as const satisfies Record<string, FontRow>;

export type FontFamily = keyof typeof families;
export const fontTable: Readonly<Record<FontFamily, FontRow>> = families;

/** Families of a split that can play one of the roles. Every role has one in each split. */
export function familiesFor(split: Split, roles: readonly FontRole[]): FontFamily[] {
  return (Object.keys(families) as FontFamily[]).filter(
    (family) => fontTable[family].split === split && roles.includes(fontTable[family].role),
  );
}

/** One character: advance and outline in em, y down, origin on the base line. */
export type GlyphOutline = { readonly advance: number; readonly commands: readonly PathCommand[] };

export type Face = {
  readonly family: FontFamily;
  /** Above and below the base line, in em, both positive. */
  readonly ascent: number;
  readonly descent: number;
  glyph(character: string): GlyphOutline;
  /** Extra advance between two characters, in em. */
  kerning(left: string, right: string): number;
};

const faces = new Map<string, Face>();

/** A family that has no bold gives its regular weight. Files are read and parsed once. */
export function openFace(family: FontFamily, bold: boolean): Face {
  const weight = bold && fontTable[family].weights.includes(700) ? 700 : 400;
  const key = `${family}-${weight}`;
  const known = faces.get(key);
  if (known) return known;
  const face = faceOf(family, weight);
  faces.set(key, face);
  return face;
}

function faceOf(family: FontFamily, weight: number): Face {
  const specifier = `@fontsource/${family}/files/${family}-latin-${weight}-normal.woff`;
  const bytes = readFileSync(fileURLToPath(import.meta.resolve(specifier)));
  const font = opentype.parse(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
  );
  const outlines = new Map<string, GlyphOutline>();
  const pairs = new Map<string, number>();
  return {
    family,
    ascent: font.ascender / font.unitsPerEm,
    descent: -font.descender / font.unitsPerEm,
    glyph: (character) => {
      let outline = outlines.get(character);
      if (!outline) {
        const glyph = glyphOf(font, character, family);
        outline = {
          advance: glyph.advanceWidth / font.unitsPerEm,
          commands: glyph.getPath(0, 0, 1).commands,
        };
        outlines.set(character, outline);
      }
      return outline;
    },
    kerning: (left, right) => {
      const key = left + right;
      let value = pairs.get(key);
      if (value === undefined) {
        value = font.getKerningValue(font.charToGlyph(left), font.charToGlyph(right)) / font.unitsPerEm;
        pairs.set(key, value);
      }
      return value;
    },
  };
}

function glyphOf(font: Font, character: string, family: FontFamily): Glyph {
  const glyph = font.charToGlyph(character);
  if (glyph.index === 0) {
    const code = character.codePointAt(0)?.toString(16).padStart(4, '0');
    throw new RangeError(
      `the font ${family} has no glyph for ${JSON.stringify(character)} (U+${code}): use Latin-1 text`,
    );
  }
  return glyph;
}
