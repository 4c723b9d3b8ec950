/** The embedded towers from manifest to answer, and the hashing of words that training shares. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Raster } from '#backend/images/raster';
import { openVisionModels } from '#backend/packs/adapters';
import { defaultPackSettings } from '#backend/packs/settings';
import { fnv1a, GRAMS_MAX, hashedWords, WORDS_MAX, wordsOf } from '#backend/tools/adapters/hashed-words';
import type { SimilarityModel } from '#backend/tools/roles';
import { cosine } from '#backend/tools/similarity';
import { flat, never } from './support.ts';

describe('hashed words', () => {
  it('are those of training', async () => {
    const file = new URL('../../../training/similarity/hashed-words.json', import.meta.url);
    const rows = JSON.parse(await readFile(file, 'utf8')) as {
      text: string;
      words: string[];
      ids: number[][];
    }[];
    expect(rows.length).toBeGreaterThan(10);
    for (const { text, words, ids } of rows) {
      expect(wordsOf(text)).toEqual(words);
      const filled = ids.flatMap((row) => [...row, ...new Array<number>(GRAMS_MAX - row.length).fill(0)]);
      expect(hashedWords(text)).toEqual({ ids: filled, words: ids.length });
    }
  });

  it('are FNV-1a of UTF-8', () => {
    // From the authors' own test vectors.
    expect(fnv1a('')).toBe(0x811c9dc5);
    expect(fnv1a('a')).toBe(0xe40c292c);
    expect(fnv1a('foobar')).toBe(0xbf9cf968);
  });

  it('end at the longest text', () => {
    expect(hashedWords('word '.repeat(500)).words).toBe(WORDS_MAX);
  });
});

/** A disc on a ground. */
function disc(colour: readonly [number, number, number], ground: readonly [number, number, number]): Raster {
  const image = flat(200, 160, ground);
  for (let y = 0; y < 160; y++)
    for (let x = 0; x < 200; x++)
      if ((x - 100) ** 2 + (y - 80) ** 2 < 55 ** 2) image.data.set(colour, (y * 200 + x) * 3);
  return image;
}

describe('nano-similarity', () => {
  let model: SimilarityModel;
  beforeAll(async () => {
    const packs = { ...defaultPackSettings(), roles: { similarity: 'nano-similarity' } };
    const { roles, reports } = await openVisionModels({ device: 'cpu', threads: 1, packs });
    expect(reports).toContainEqual(
      expect.objectContaining({ role: 'similarity', pack: 'nano-similarity', state: 'ready' }),
    );
    if (!roles.similarity) throw new Error('no model');
    model = roles.similarity;
  });

  it('gives unit vectors of one length, and leaves image with image to the descriptor', async () => {
    const vectors = [await model.image(flat(3, 500, [9, 9, 9]), never), await model.text('', never)];
    for (const vector of vectors) {
      expect(vector).toHaveLength(128);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
    expect(model.imageToImage).toBe('descriptor');
  });

  it('knows colours', async () => {
    const [red, blue] = [await model.text('a red circle', never), await model.text('a blue circle', never)];
    const redDisc = await model.image(disc([220, 25, 25], [250, 250, 250]), never);
    const blueDisc = await model.image(disc([30, 60, 220], [250, 250, 250]), never);
    expect(cosine(redDisc, red)).toBeGreaterThan(cosine(redDisc, blue));
    expect(cosine(blueDisc, blue)).toBeGreaterThan(cosine(blueDisc, red));
  });

  it('sees the order of words, and no difference in case and marks', async () => {
    const text = (words: string) => model.text(words, never);
    const sentence = await text('a red cube left of a blue ball');
    expect(cosine(sentence, await text('a blue ball left of a red cube'))).toBeLessThan(0.999);
    expect(cosine(sentence, await text('A red cube, left of a BLUE ball!'))).toBeCloseTo(1, 5);
  });

  it('stops when it is told to', async () => {
    await expect(model.text('a cat', AbortSignal.abort())).rejects.toThrow();
    await expect(model.image(flat(8, 8, [0, 0, 0]), AbortSignal.abort())).rejects.toThrow();
  });
});
