/** What the programs on receipts and menus share: wording a question, quoting a line, naming an amount. */
import type { Random } from '../random.ts';
import type { Facts, Item } from '../scenes/scene.ts';
import { plainMoney } from '../scenes/values.ts';
import { recase } from '../scenes/words.ts';
import type { Observed } from './observed.ts';
import { calculate, type Problem, solvedBy } from './trace.ts';
import { asTyped, numeral, plural, word } from './wording.ts';
import { type QuestionType, wordings } from './wordings/index.ts';

export type Purchase = Extract<Facts, { type: 'purchase' }>;
export type Line = {
  readonly item: Item;
  readonly mention: string;
  readonly quote: string;
  readonly price: string;
};

/** What every program needs: the facts, the reading, and ways to word a question and quote a line. */
export class Desk {
  readonly facts: Purchase;
  readonly seen: Observed;
  readonly random: Random;
  readonly type: QuestionType;
  constructor(facts: Purchase, seen: Observed, random: Random, type: QuestionType) {
    this.facts = facts;
    this.seen = seen;
    this.random = random;
    this.type = type;
  }

  ask(slots: Record<string, string>): string {
    const { random, type } = this;
    const names = [slots['x'] ?? '', slots['y'] ?? ''];
    return asTyped(word(random.pick(wordings[type]), slots, random), random, names);
  }

  money(cents: number): string {
    return plainMoney(cents, this.facts.decimals);
  }

  line(item: Item): Line | undefined {
    const rest = this.seen.restAfter(item.name);
    // A price that was misread is nothing to learn from.
    if (rest === undefined || lastNumber(rest) !== digitsOf(this.money(item.cents))) return undefined;
    const casing = this.random.weighted({ lower: 55, sentence: 8, title: 25, upper: 6 });
    const mention = recase[casing](item.name);
    return { item, mention, quote: `${mention} ${rest}.`, price: this.money(item.cents) };
  }

  /** `count` quoted lines of different items. */
  lines(count: number, allowed: (item: Item) => boolean = () => true): Line[] | undefined {
    const lines = this.random.sample(this.facts.items.filter(allowed), count).map((item) => this.line(item));
    return lines.length === count && lines.every((line) => line !== undefined)
      ? (lines as Line[])
      : undefined;
  }

  /** The line with a sum on it, such as `TOTAL 12.40`. */
  sumQuote(cents: number | undefined): string | undefined {
    if (cents === undefined) return undefined;
    const printed = this.seen.rows.filter((row) => lastNumber(row) === digitsOf(this.money(cents)));
    const row = printed.findLast((text) => /total|due|pay|sum|amount|net|tax|vat|gst/i.test(text));
    return row === undefined ? undefined : `${row}.`;
  }

  /** A problem that one calculation solves. */
  computed(question: string, thought: string, expression: string): Problem {
    return solvedBy(this.type, question, [calculate(thought, expression)], (result) => this.result(result));
  }

  result(value: number): string {
    return this.facts.decimals === 0 && Number.isInteger(value) ? String(value) : value.toFixed(2);
  }
}

/** Things in the order in which a question names them, so that quoting them needs no comparison. */
export function asNamed<T>(question: string, things: readonly T[], mentionOf: (thing: T) => string): T[] {
  const place = (thing: T): number => question.toLowerCase().indexOf(mentionOf(thing).toLowerCase());
  return [...things].sort((a, b) => place(a) - place(b));
}

/** The digits of the last number in a text. */
export const lastNumber = (text: string): string => digitsOf(text.match(/\d[\d.,]*(?=\D*$)/)?.[0] ?? '');

export const digitsOf = (text: string): string => text.replace(/\D/g, '');

export const percent = (random: Random): string =>
  String(random.chance(0.8) ? random.int(1, 10) * 5 : random.int(1, 60));

/** "2 flat whites", and how often it counts. */
export function portion(line: Line, random: Random, most = 5): { text: string; count: number } {
  const count = random.int(2, most);
  const name = random.weighted({ plain: 5, plural: 5 }) === 'plural' ? plural(line.mention) : line.mention;
  const joiner = random.weighted({ none: 80, x: 10, portions: 10 });
  const amount = joiner === 'x' ? `${count}x` : numeral(count, random);
  return {
    count,
    text:
      joiner === 'portions'
        ? `${amount} ${random.pick(['portions of', 'times', 'of the', 'orders of'])} ${line.mention}`
        : `${amount} ${name}`,
  };
}

/** A note or coin that covers `cents`, as written in a question and in an expression. */
export function payment(desk: Desk, cents: number): { text: string; amount: string } {
  const notes = [500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000].filter(
    (note) => note >= cents,
  );
  const note =
    notes.length > 0 && desk.random.chance(0.85)
      ? desk.random.pick(notes.slice(0, 3))
      : Math.ceil(cents / 100) * 100 + 100 * desk.random.int(0, 9);
  const amount = String(note / 100);
  return {
    amount,
    text: desk.random.pick([
      amount,
      amount,
      `$${amount}`,
      `${amount} euros`,
      `${amount} dollars`,
      `€${amount}`,
      `${amount}.00`,
    ]),
  };
}
