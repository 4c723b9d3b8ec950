/** What one strip of text says: PP-OCR's recogniser, one strip a run at its own width. */
import { readFile } from 'node:fs/promises';
import { openSession, Tensor } from '#backend/engine/runtime';
import type { Raster } from '#backend/images/raster';
import { type Alphabet, alphabetOf, decodeCtc, type Glyph, scoreOf } from './ctc.ts';
import { withCurrencies } from './currency.ts';
import { planesOf } from './pixels.ts';
import { type Span, spacedLine } from './spaces.ts';
import { cleanLine, latinForm, settleLookalikes } from './text.ts';

/** Rows of the strip that the graph takes. */
export const STRIP_HEIGHT = 48;
/** PP-OCR's own bound; a longer line is squeezed. */
export const STRIP_WIDTH_MAX = 3200;
/** PP-OCR's `(x / 255 - 0.5) / 0.5`. */
export const HALF = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] } as const;
/** A line with at least this share of Latin characters is decoded over Latin labels alone. */
const LATIN_SHARE = 0.6;

export type Reading = {
  readonly text: string;
  readonly score: number;
  /** Where each word of the text stands; absent where words are not told apart by spaces. */
  readonly spans?: readonly Span[];
};

export type Recogniser = {
  /** `strip` is 48 rows high. */
  recognise(strip: Raster): Promise<Reading>;
  release(): Promise<void>;
};

/** Opens graph and dictionary. Throws where the two do not fit each other. */
export async function openRecogniser(file: string, dictionary: string, threads: number): Promise<Recogniser> {
  const [session, text] = await Promise.all([openSession(file, { threads }), readFile(dictionary, 'utf8')]);
  const alphabet = alphabetOf(text);
  const input = session.inputNames[0] ?? 'x';
  const output = session.outputNames[0] ?? '';
  const recognise = async (strip: Raster): Promise<Reading> => {
    const planes = planesOf(strip, HALF, { x: 0, y: 0, width: strip.width, height: strip.height });
    const feed = new Tensor('float32', planes, [1, 3, strip.height, strip.width]);
    const result = (await session.run({ [input]: feed }))[output];
    const [, steps = 0, classes = 0] = result?.dims ?? [];
    if (result === undefined || classes !== alphabet.labels.length) {
      throw new Error(
        `the text recogniser gives ${classes} classes, its dictionary ${alphabet.labels.length} (blank and space counted): use the dictionary file that belongs to the model`,
      );
    }
    return readingOf(result.data as Float32Array, steps, alphabet, strip);
  };
  // One run on grey proves that the dictionary fits before the first request comes.
  await recognise({ data: new Uint8Array(3 * STRIP_HEIGHT * 64).fill(128), width: 64, height: STRIP_HEIGHT });
  return { recognise, release: () => session.release() };
}

function readingOf(probabilities: Float32Array, steps: number, alphabet: Alphabet, strip: Raster): Reading {
  const free = decodeCtc(probabilities, steps, alphabet.labels);
  const latin = free.filter(({ label }) => latinForm(label) !== null).length;
  if (free.length === 0 || latin < LATIN_SHARE * free.length) {
    return { text: cleanLine(free.map(({ label }) => label).join('')), score: scoreOf(free) };
  }
  const decoded: Glyph[] = decodeCtc(probabilities, steps, alphabet.labels, alphabet.latin).map((glyph) => ({
    ...glyph,
    label: latinForm(glyph.label) ?? glyph.label,
  }));
  const glyphs = withCurrencies(decoded, probabilities, alphabet.labels);
  const line = spacedLine(glyphs, steps, strip);
  const settled = settleLookalikes(cleanLine(line.text));
  const same = settled.split(' ').length === line.spans.length;
  return { text: settled, score: scoreOf(decoded), ...(same ? { spans: line.spans } : {}) };
}
