/** Whether an answer is right, and whether the OCR had read what it rests on. */
import type { Item, Truth } from './suite.ts';

/** Half a cent of rounding on either side of a printed price. */
const TOLERANCE = 0.01 + 1e-9;
/** How much an answer may say besides the text that was asked for. */
const EXTRA_CHARS_MAX = 48;
/** Texts shorter than this must stand as words of their own: "7" is not in "17". */
const SHORT_TEXT = 4;

const NUMBER = /[-−]?\d+(?:[.,]\d+)*/g;
const NOTHING = [
  /\b(no|not any|without|lacks|zero|any)\b.*\b(text|words?|writing|letters|print|numbers?|information)\b/,
  /\b(nothing|blank|empty|unreadable|illegible)\b/,
  /\b(can ?not|can't|cannot|could not|couldn't|unable|impossible)\b/,
  /\b(there is|there's|is|are|does|do|shows?|contains?) (no|not|nothing|none)\b/,
];

/** Ways to own up; a guess behind one of them still counts as owning up. */
const UNKNOWN = [
  /\b(can ?not|can't|could not|couldn't|unable|not able|impossible|no way|not possible)\b.*\b(tell|told|say|said|know|known|determine|see|seen|answer|judge|identif\w+|recogni[sz]e|sure|find|read|make out)\b/,
  /\b(do not|don't|does not|doesn't|not) (know|show|say|tell|shown|visible|clear|known|enough)\b/,
  /\b(unknown|unclear|unsure|unanswerable)\b/,
  /\bcan only (answer|read|tell)\b/,
];

/** `question` matters because an answer may repeat its numbers. */
export function isRight(answer: string, truth: Truth, question: string): boolean {
  switch (truth.type) {
    case 'number':
      return numberIsRight(answer, truth.value, question);
    case 'choice': {
      const said = ` ${wordsOf(answer).join(' ')} `;
      const says = (value: string): boolean => said.includes(` ${wordsOf(value).join(' ')} `);
      return says(truth.value) && !truth.others.some(says);
    }
    case 'digits':
      return digitsOf(answer) === digitsOf(truth.value);
    case 'text':
      return truth.values.some((value) => textIsRight(answer, value, question));
    case 'unknown':
      return UNKNOWN.some((pattern) => pattern.test(answer.toLowerCase()));
    case 'nothing':
      return !/\d/.test(answer) && NOTHING.some((pattern) => pattern.test(answer.toLowerCase()));
  }
}

/** All numbers of a text; "1,234.50", "4,50" and "1 234" are one number each. */
export function numbersIn(text: string): number[] {
  const joined = text.replace(/(?<=\d)[ '](?=\d{3}(?!\d))/g, '');
  // A minus right after a digit or a letter is a dash: "9-17" has no negative number.
  const spaced = joined
    .replace(/(?<=[\p{L}\d])[-−](?=\d)/gu, ' ')
    .replace(/[-−]\s*(?=[$€£]\s*\d)/g, '-')
    .replace(/(?<=-)[$€£]\s*/g, '');
  return [...spaced.matchAll(NUMBER)].map(([match]) => numberOf(match.replace('−', '-')));
}

function numberOf(written: string): number {
  const marks = written.replace(/[^.,]/g, '');
  const last = marks.at(-1);
  if (last === undefined) return Number(written);
  const decimals = written.length - 1 - written.lastIndexOf(last);
  const several = marks.split(last).length > 2;
  const grouped = several || (last === ',' && marks.length === 1 && decimals === 3);
  const whole = written.replaceAll(last === ',' ? '.' : ',', '');
  return Number(grouped ? whole.replaceAll(last, '') : whole.replace(last, '.'));
}

/**
 * Of "49 + 26 = 75" only what follows the sign counts. The numbers that the question does not hold
 * must all be the right one; where the question holds the right number itself, the last number of
 * the answer counts.
 */
function numberIsRight(answer: string, value: number, question: string): boolean {
  const close = (number: number | undefined): boolean =>
    number !== undefined && Math.abs(number - value) <= TOLERANCE;
  const asked = new Set(numbersIn(question));
  const said = numbersIn(answer.slice(answer.lastIndexOf('=') + 1));
  const given = said.length > 0 ? said : numbersIn(answer);
  const own = given.filter((number) => !asked.has(number));
  return own.length > 0 ? own.every(close) : close(given.at(-1));
}

function textIsRight(answer: string, value: string, question: string): boolean {
  const [said, wanted] = [alphanumeric(answer), alphanumeric(value)];
  if (said === wanted) return true;
  if (said.length > wanted.length + EXTRA_CHARS_MAX) return false;
  const known = new Set([...numerals(value), ...numerals(question)]);
  if (numerals(answer).some((numeral) => !known.has(numeral))) return false;
  return wanted.length < SHORT_TEXT
    ? wordsOf(answer).join(' ').split(' ').includes(wanted)
    : said.includes(wanted);
}

/** Lower case letters and digits only: spaces, case, accents and marks do not count. */
export function alphanumeric(text: string): string {
  return plain(text).replace(/[^\p{L}\p{N}]/gu, '');
}

function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

function wordsOf(text: string): string[] {
  return plain(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function numerals(text: string): string[] {
  return text.match(/\d+/g) ?? [];
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}

/** Whether all that the answer rests on was read, each fact within one row. */
export function ocrHasFacts(item: Pick<Item, 'truth' | 'needed'>, ocrText: string): boolean {
  if (item.truth.type === 'nothing') return alphanumeric(ocrText) === '';
  const rows = ocrText.split('\n').map(comparable);
  return item.needed.every((facts) =>
    rows.some((row) => facts.every((fact) => row.includes(comparable(fact)))),
  );
}

/** Without spaces, case and currency signs; what stands in for one sign in print is one sign. */
function comparable(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\s$€£¥]/g, '')
    .replace(/[−–—]/g, '-')
    .replace(/[×*]/g, 'x')
    .replace(/’/g, "'");
}
