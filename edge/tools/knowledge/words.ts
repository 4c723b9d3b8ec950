/**
 * Texts and queries as words, by one rule for both: without case and diacritics, English ones by their stem.
 * Pure. Scripts that are written without spaces are taken as overlapping pairs of characters.
 */

/** Longer words differ in their first characters already. */
const WORD_CHARS_MAX = 40;

export type Word = {
  readonly stem: string;
  /** Where it stands in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
};

const WORD = /[\p{L}\p{M}\p{N}]+(?:['’]s(?![\p{L}\p{N}]))?/gu;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Words of English that say nothing of a subject. They are looked for only where a query has no others. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about an and any are as at be been by can could did do does for from had has have he her him his how i if in into is it
  its me my of on or our please she should so some tell than that the their them then there these they this those to was we
  were what when where which who whom whose why will with would you your`.split(/\s+/),
);

/** All words of a text, in order. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(WORD)) {
    const [written] = match;
    const start = match.index;
    if (UNSPACED.test(written)) words.push(...pairsOf(written, start));
    else words.push({ stem: stemOf(fold(written)), start, end: start + written.length });
  }
  return words;
}

/** The stems that a query is looked for by, each once, at most `max`: without stop words where others are left. */
export function termsOf(query: string, max: number): string[] {
  const written = wordsOf(query).map(({ stem, start, end }) => ({
    stem,
    plain: fold(query.slice(start, end)),
  }));
  const telling = written.filter(({ plain }) => !STOP_WORDS.has(plain));
  return [...new Set((telling.length > 0 ? telling : written).map(({ stem }) => stem))].slice(0, max);
}

/** Compatible forms as one, no case, and Latin, Greek and Cyrillic letters without their diacritics. */
function fold(written: string): string {
  return written
    .replace(/['’]s$/u, '')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .slice(0, WORD_CHARS_MAX);
}

/** Overlapping pairs; a single character stands for itself. */
function pairsOf(written: string, start: number): Word[] {
  const characters = [...written.matchAll(/./gsu)].map((match) => ({ at: match.index, text: match[0] }));
  if (characters.length === 1) return [{ stem: fold(written), start, end: start + written.length }];
  return characters.slice(0, -1).map(({ at, text }, index) => {
    const pair = text + (characters[index + 1]?.text ?? '');
    return { stem: fold(pair), start: start + at, end: start + at + pair.length };
  });
}

const VOWEL = /[aeiouy]/;

/** Step 1 of M. F. Porter, "An algorithm for suffix stripping" (1980): plurals, -ed, -ing, and y at the end. */
export function stemOf(word: string): string {
  if (word.length < 3 || !/^[a-z]+$/.test(word)) return word;
  const singular = withoutPlural(word);
  const bare = withoutEnding(singular);
  return /y$/.test(bare) && VOWEL.test(bare.slice(0, -1)) ? `${bare.slice(0, -1)}i` : bare;
}

function withoutPlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2);
  if (word.endsWith('ies')) return word.slice(0, -2);
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

function withoutEnding(word: string): string {
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const rest = word.endsWith('ing') ? word.slice(0, -3) : word.endsWith('ed') ? word.slice(0, -2) : undefined;
  if (rest === undefined || !VOWEL.test(rest)) return word;
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`;
  if (/([^aeioulsz])\1$/.test(rest)) return rest.slice(0, -1);
  const isShort = measure(rest) === 1 && /[^aeiou][aeiouy][^aeiouwxy]$/.test(rest);
  return isShort ? `${rest}e` : rest;
}

/** Changes from vowels to consonants, Porter's m. */
function measure(stem: string): number {
  return stem.match(/[aeiouy]+[^aeiouy]+/g)?.length ?? 0;
}
