/** Where sentences end. Pure; right for most prose, and never wrong by more than a sentence too many or too few. */

/** A full stop behind one of these ends nothing. */
const ABBREVIATIONS: ReadonlySet<string> = new Set(
  'approx ca cf co corp dr e.g etc fig i.e inc jr lit lt ltd mr mrs ms mt no nr prof resp rev sr st u.s vol vs'.split(
    ' ',
  ),
);

const END = /[.!?]+["'”’»)\]]*(?=\s)|[。！？]+[」』）]*|\n+/gu;

/** Ends of the sentences and lines of a text, in UTF-16 units, ascending; the last is the length of the text. */
export function sentenceEnds(text: string): number[] {
  const ends = [...text.matchAll(END)]
    .filter((match) => match[0].startsWith('\n') || isEnd(text, match.index, match[0]))
    .map((match) => match.index + match[0].length);
  return ends.at(-1) === text.length ? ends : [...ends, text.length];
}

/** The text up to the end of its `count`-th sentence. White space is made single. */
export function firstSentences(text: string, count: number): string {
  const flat = text.replace(/\s+/gu, ' ').trim();
  const ends = sentenceEnds(flat);
  return flat.slice(0, ends[Math.min(count, ends.length) - 1]).trim();
}

function isEnd(text: string, at: number, mark: string): boolean {
  if (!/^\.["'”’»)\]]*$/u.test(mark)) return true;
  // What goes on in lower case has not ended; neither has an initial, nor an abbreviation.
  if (/^\s+\p{Ll}/u.test(text.slice(at + mark.length, at + mark.length + 8))) return false;
  const before = /[\p{L}.]+$/u.exec(text.slice(Math.max(0, at - 16), at))?.[0] ?? '';
  return !/(?:^|\.)\p{Lu}$/u.test(before) && !ABBREVIATIONS.has(before.toLowerCase());
}
