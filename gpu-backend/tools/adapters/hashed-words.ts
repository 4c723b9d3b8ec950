/**
 * Text as numbers for nano-similarity: each word is itself and its 3- to 5-grams, hashed into buckets. The same
 * as `training/similarity/text.py`, which trains on them; `training/similarity/hashed-words.json` holds what both
 * must give.
 */

/** Bucket 0 is nothing. */
const BUCKETS = 8192;
/** Words behind these are not read. */
export const WORDS_MAX = 24;
/** The word itself first, then its grams from the left; a long word loses its last ones. */
export const GRAMS_MAX = 24;
const GRAM_SIZES = [3, 4, 5] as const;

const utf8 = new TextEncoder();

/** FNV-1a with 32 bits (Fowler, Noll and Vo), of UTF-8. */
export function fnv1a(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of utf8.encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

/** Runs of letters and digits in lower case. */
export function wordsOf(text: string): string[] {
  return [
    ...text
      .normalize('NFKC')
      .toLowerCase()
      .matchAll(/[\p{L}\p{N}]+/gu),
  ]
    .slice(0, WORDS_MAX)
    .map(([word]) => word);
}

/** Buckets of `word`, then of the grams of `<word>`, counted in code points. */
function gramsOf(word: string): number[] {
  const marked = [...`<${word}>`];
  const grams = GRAM_SIZES.flatMap((size) =>
    Array.from({ length: Math.max(0, marked.length - size + 1) }, (_, at) =>
      marked.slice(at, at + size).join(''),
    ),
  );
  return [word, ...grams].slice(0, GRAMS_MAX).map((gram) => 1 + (fnv1a(gram) % (BUCKETS - 1)));
}

/** [words, GRAMS_MAX] in rows, filled up with 0; a text without a word is one row of zeros. */
export function hashedWords(text: string): { readonly ids: number[]; readonly words: number } {
  const rows = wordsOf(text).map(gramsOf);
  const words = Math.max(1, rows.length);
  const ids = new Array<number>(words * GRAMS_MAX).fill(0);
  for (const [row, grams] of rows.entries())
    for (const [at, bucket] of grams.entries()) ids[row * GRAMS_MAX + at] = bucket;
  return { ids, words };
}
