/** The part of a document that speaks most of what was asked for. Pure. */
import { sentenceEnds } from './sentences.ts';
import { type Word, wordsOf } from './words.ts';

/** Sentences and lines beyond this are taken in pieces, so that one without an end cannot fill a passage alone. */
const UNIT_CHARS_MAX = 300;

type Unit = { readonly start: number; readonly end: number; readonly terms: ReadonlySet<string> };

/** How many of the terms a text has, 0..1. */
export function coverage(text: string, terms: readonly string[]): number {
  const stems = new Set(wordsOf(text).map(({ stem }) => stem));
  return terms.filter((term) => stems.has(term)).length / Math.max(1, terms.length);
}

/**
 * Whole sentences in a row, at most `charsMax` characters: of all rows the first that has the most different
 * terms, and what goes before it where there is room. The beginning of the text where it has none of them.
 */
export function passageOf(text: string, terms: readonly string[], charsMax: number): string {
  const units = unitsOf(text, new Set(terms));
  let best = { from: 0, to: lastWithin(units, 0, charsMax), terms: 0 };
  units.forEach(({ terms: own }, from) => {
    if (own.size === 0) return;
    const to = lastWithin(units, from, charsMax);
    const found = new Set(units.slice(from, to + 1).flatMap((unit) => [...unit.terms])).size;
    if (found > best.terms) best = { from, to, terms: found };
  });
  const end = units[best.to]?.end ?? 0;
  let from = best.from;
  while (from > 0 && end - (units[from - 1]?.start ?? 0) <= charsMax) from--;
  const start = units[from]?.start ?? 0;
  const passage = text.slice(start, end).trim();
  return `${start > 0 ? '… ' : ''}${passage}${end < text.trimEnd().length ? ' …' : ''}`;
}

function unitsOf(text: string, terms: ReadonlySet<string>): Unit[] {
  const words = wordsOf(text).filter(({ stem }) => terms.has(stem));
  const units: Unit[] = [];
  let start = 0;
  let next = 0;
  for (const sentenceEnd of sentenceEnds(text)) {
    while (start < sentenceEnd) {
      const end = pieceEnd(text, start, sentenceEnd);
      const own: Word[] = [];
      for (let word = words[next]; word && word.start < end; word = words[++next]) own.push(word);
      units.push({ start, end, terms: new Set(own.map(({ stem }) => stem)) });
      start = end;
    }
  }
  return units;
}

/** Behind the last white space that lets the piece be short enough; never within a pair of surrogates. */
function pieceEnd(text: string, start: number, end: number): number {
  if (end - start <= UNIT_CHARS_MAX) return end;
  const space = text.slice(start, start + UNIT_CHARS_MAX).search(/\s\S*$/u);
  if (space > 0) return start + space + 1;
  const cut = start + UNIT_CHARS_MAX;
  return /[\ud800-\udbff]/.test(text[cut - 1] ?? '') ? cut - 1 : cut;
}

/** The last unit of a row from `from` on that has at most `charsMax` characters; at least `from` itself. */
function lastWithin(units: readonly Unit[], from: number, charsMax: number): number {
  const start = units[from]?.start ?? 0;
  let last = from;
  while ((units[last + 1]?.end ?? Number.POSITIVE_INFINITY) - start <= charsMax) last++;
  return last;
}
