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
  const bytes = utf8.encode(text);
  return fnv1aOf(bytes, 0, bytes.length);
}

function fnv1aOf(bytes: Uint8Array, from: number, to: number): number {
  let value = 0x811c9dc5;
  for (let at = from; at < to; at++) value = Math.imul(value ^ (bytes[at] as number), 0x01000193) >>> 0;
  return value;
}

/** Runs of letters and digits in lower case. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word = '';
  for (const character of `${text.normalize('NFKC').toLowerCase()} `) {
    if (isPartOfWord(character)) {
      word += character;
      continue;
    }
    if (word !== '') words.push(word);
    if (words.length === WORDS_MAX) break;
    word = '';
  }
  return words;
}

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/**
 * `character`: a code point in lower case. The expression is for what is not ASCII: its code is large, and V8 throws it
 * away where it is used now and then, so that compiling it took longer than all the rest of a text.
 */
function isPartOfWord(character: string): boolean {
  if (character >= '\u0080') return LETTER_OR_DIGIT.test(character);
  return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
}

/** Buckets of `word`, then of the grams of `<word>`, counted in code points; the shorter grams first. */
function gramsOf(word: string): number[] {
  // A gram is hashed where it stands in the bytes of the whole, without being made.
  const bytes = utf8.encode(`<${word}>`);
  const starts = startsOf(bytes);
  const points = starts.length - 1;
  const buckets = [bucketOf(bytes, 1, bytes.length - 1)];
  for (const size of GRAM_SIZES)
    for (let at = 0; at + size <= points && buckets.length < GRAMS_MAX; at++)
      buckets.push(bucketOf(bytes, starts[at] as number, starts[at + size] as number));
  return buckets;
}

/** Where each code point of UTF-8 begins, and where the last one ends. */
function startsOf(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at++) if (((bytes[at] as number) & 0xc0) !== 0x80) starts.push(at);
  starts.push(bytes.length);
  return starts;
}

function bucketOf(bytes: Uint8Array, from: number, to: number): number {
  return 1 + (fnv1aOf(bytes, from, to) % (BUCKETS - 1));
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
