/** Questions on receipts and menus. A thought quotes the lines it uses, so that a look-up is a copy. */
import type { Random } from '../random.ts';
import type { Item } from '../scenes/scene.ts';
import { itemNames, recase } from '../scenes/words.ts';
import {
  asNamed,
  Desk,
  digitsOf,
  type Line,
  lastNumber,
  type Purchase,
  payment,
  percent,
  portion,
} from './desk.ts';
import type { Observed } from './observed.ts';
import { calculate, type Problem, solvedBy, terminate } from './trace.ts';
import { numeral, plural } from './wording.ts';
import type { QuestionType } from './wordings/index.ts';

export type PurchaseQuestion = keyof typeof programs;

/** Weights of the question types; those that need what a scene lacks are skipped. */
const weights: Readonly<Record<PurchaseQuestion, number>> = {
  price: 18,
  total: 13,
  subtotal: 1,
  tax: 1,
  sumTwo: 15,
  many: 8,
  difference: 13,
  tip: 11,
  withTip: 1,
  split: 12,
  change: 11,
  itemChange: 2,
  discount: 4,
  itemDiscount: 6,
  unitPrice: 45,
  perUnit: 12,
  linePrice: 1,
  count: 0.5,
  dearest: 1,
  cheapest: 0.5,
  sumAll: 0.5,
  missing: 1.5,
};

/** Questions whose answer is an amount or a number of things. */
export const purchaseTypes: ReadonlySet<string> = new Set(Object.keys(weights));

export function purchaseProblem(facts: Purchase, seen: Observed, random: Random): Problem | undefined {
  const type = random.weighted(weights);
  return programs[type](new Desk(facts, seen, random, type));
}

/** A line that prices one piece. */
const single = (item: Item): boolean => item.count === undefined;

function quoted(desk: Desk, cents: number | undefined): Problem | undefined {
  const quote = desk.sumQuote(cents);
  if (quote === undefined || cents === undefined) return undefined;
  const answer = desk.money(cents);
  return { type: desk.type, question: desk.ask({}), answer, steps: [terminate(quote, answer)] };
}

/** A calculation on the total alone. `amount` holds the slots of the wording. */
function onTotal(
  desk: Desk,
  slots: Record<string, string>,
  expression: (total: string) => string,
): Problem | undefined {
  const { total } = desk.facts;
  const quote = desk.sumQuote(total);
  if (quote === undefined || total === undefined) return undefined;
  return desk.computed(desk.ask(slots), quote, expression(desk.money(total)));
}

/** Every item with its name and the rest of its line as read; undefined where a price was misread. */
function readLines(desk: Desk): { item: Item; name: string; rest: string }[] | undefined {
  const lines: { item: Item; name: string; rest: string }[] = [];
  for (const item of desk.facts.items) {
    const name = desk.seen.seen(item.name);
    const rest = desk.seen.restAfter(item.name);
    if (name === undefined || rest === undefined) return undefined;
    if (lastNumber(rest) !== digitsOf(desk.money(item.cents))) return undefined;
    lines.push({ item, name, rest });
  }
  return lines;
}

function listed(desk: Desk, pick: 'max' | 'min'): Problem | undefined {
  const { items } = desk.facts;
  const prices = items.map((item) => item.cents);
  const best = pick === 'max' ? Math.max(...prices) : Math.min(...prices);
  if (items.length < 2 || items.length > 6 || prices.filter((cents) => cents === best).length > 1)
    return undefined;
  const rows = readLines(desk);
  if (!rows) return undefined;
  const thought = rows
    .map(({ item, name, rest }) => `${name} ${rest}: ${desk.money(item.cents)} ${name}.`)
    .join(' ');
  const answer = rows.find((row) => row.item.cents === best)?.name ?? '';
  const expression = `${pick}(${items.map((item) => desk.money(item.cents)).join(', ')})`;
  return solvedBy(
    desk.type,
    desk.ask({}),
    [calculate(thought, expression)],
    () => answer,
    () => `${desk.money(best)} ${answer}.`,
  );
}

/** The price that stands in a line. */
function linePrice(desk: Desk, allowed: (item: Item) => boolean): Problem | undefined {
  const [line] = desk.lines(1, allowed) ?? [];
  return (
    line && {
      type: desk.type,
      question: desk.ask({ x: line.mention }),
      answer: line.price,
      steps: [terminate(line.quote, line.price)],
    }
  );
}

const unitNames: Readonly<Record<string, readonly string[]>> = {
  kg: ['kg', 'kilo', 'kilogram'],
  pcs: ['piece', 'item'],
  pack: ['pack'],
  l: ['liter', 'litre', 'l'],
  bottles: ['bottle'],
  pieces: ['piece'],
  g: ['gram', 'g'],
};

/** A line whose count is asked for. The whole row is quoted too: the count may stand before the name. */
const counted = (line: Line, row: string): string => `${line.mention}: ${row}.`;

/** The price of one of several. */
function perPiece(desk: Desk, allowed: (item: Item) => boolean): Problem | undefined {
  const [line] = desk.lines(1, allowed) ?? [];
  const row = line && desk.seen.rowOf(line.item.name);
  if (!line || row === undefined) return undefined;
  const unit = desk.random.pick(unitNames[line.item.unit ?? ''] ?? ['piece']);
  return desk.computed(
    desk.ask({ x: line.mention, u: unit }),
    counted(line, row),
    `round(${line.price} / ${line.item.count}, 2)`,
  );
}

const programs = {
  price: (desk: Desk) => linePrice(desk, single),
  total: (desk: Desk) => quoted(desk, desk.facts.total),
  subtotal: (desk: Desk) => quoted(desk, desk.facts.subtotal),
  tax: (desk: Desk) => quoted(desk, desk.facts.tax),
  sumTwo: (desk: Desk) => {
    const [a, b] = desk.lines(2, single) ?? [];
    if (!a || !b) return undefined;
    const parts = [a, b].map((line) => {
      if (desk.random.chance(0.5))
        return {
          line,
          text: `${desk.random.pick(['', '', 'a ', 'the ', 'one '])}${line.mention}`,
          term: line.price,
        };
      const { text, count } = portion(line, desk.random);
      return { line, text, term: `${count} * ${line.price}` };
    });
    const question = desk.ask({ x: parts[0]?.text ?? '', y: parts[1]?.text ?? '' });
    const named = asNamed(question, parts, (part) => part.text);
    const quotes = named.map((part) => part.line.quote).join(' ');
    return desk.computed(question, quotes, named.map((part) => part.term).join(' + '));
  },
  many: (desk: Desk) => {
    const [line] = desk.lines(1, single) ?? [];
    if (!line) return undefined;
    const { text, count } = portion(line, desk.random, 12);
    return desk.computed(desk.ask({ x: text }), line.quote, `${count} * ${line.price}`);
  },
  difference: (desk: Desk) => {
    const [a, b] = (desk.lines(2) ?? []).sort((one, other) => other.item.cents - one.item.cents);
    if (!a || !b || a.item.cents === b.item.cents) return undefined;
    const article = desk.random.pick(['', '', 'the ', 'a ']);
    const question = desk.ask({ x: article + a.mention, y: article + b.mention });
    const named = asNamed(question, [a, b], (line) => line.mention);
    const quotes = named.map((line) => line.quote).join(' ');
    return desk.computed(question, quotes, `abs(${named.map((line) => line.price).join(' - ')})`);
  },
  tip: (desk: Desk) => {
    const p = percent(desk.random);
    return onTotal(desk, { p }, (total) => `round(${total} * ${p} / 100, 2)`);
  },
  withTip: (desk: Desk) => {
    const p = percent(desk.random);
    return onTotal(desk, { p }, (total) => `round(${total} + ${total} * ${p} / 100, 2)`);
  },
  discount: (desk: Desk) => {
    const p = percent(desk.random);
    return onTotal(desk, { p }, (total) => `round(${total} - ${total} * ${p} / 100, 2)`);
  },
  split: (desk: Desk) => {
    const k = desk.random.int(2, 10);
    return onTotal(desk, { k: numeral(k, desk.random) }, (total) => `round(${total} / ${k}, 2)`);
  },
  change: (desk: Desk) => {
    const { text, amount } = payment(desk, desk.facts.total ?? 0);
    return onTotal(desk, { m: text }, (total) => `${amount} - ${total}`);
  },
  itemChange: (desk: Desk) => {
    const [line] = desk.lines(1) ?? [];
    if (!line) return undefined;
    const { text, amount } = payment(desk, line.item.cents);
    return desk.computed(
      desk.ask({ x: desk.random.pick(['', 'a ', 'the ']) + line.mention, m: text }),
      line.quote,
      `${amount} - ${line.price}`,
    );
  },
  itemDiscount: (desk: Desk) => {
    const [line] = desk.lines(1) ?? [];
    const p = percent(desk.random);
    return (
      line &&
      desk.computed(
        desk.ask({ x: desk.random.pick(['', 'the ']) + line.mention, p }),
        line.quote,
        `round(${line.price} - ${line.price} * ${p} / 100, 2)`,
      )
    );
  },
  unitPrice: (desk: Desk) => perPiece(desk, (item) => item.unit === undefined && (item.count ?? 0) > 1),
  perUnit: (desk: Desk) => perPiece(desk, (item) => item.unit !== undefined),
  linePrice: (desk: Desk) => linePrice(desk, (item) => item.count !== undefined),
  count: (desk: Desk) => {
    const [line] = desk.lines(1, (item) => item.count !== undefined && item.unit === undefined) ?? [];
    if (!line) return undefined;
    const row = desk.seen.rowOf(line.item.name);
    if (row === undefined) return undefined;
    const answer = String(line.item.count);
    return {
      type: desk.type,
      question: desk.ask({ x: desk.random.chance(0.5) ? plural(line.mention) : line.mention }),
      answer,
      steps: [terminate(counted(line, row), answer)],
    };
  },
  dearest: (desk: Desk) => listed(desk, 'max'),
  cheapest: (desk: Desk) => listed(desk, 'min'),
  sumAll: (desk: Desk) => {
    if (desk.facts.total !== undefined || desk.facts.items.length < 2 || desk.facts.items.length > 6)
      return undefined;
    const rows = readLines(desk);
    if (!rows) return undefined;
    const thought = rows.map(({ name, rest }) => `${name} ${rest}.`).join(' ');
    return desk.computed(
      desk.ask({}),
      thought,
      desk.facts.items.map((item) => desk.money(item.cents)).join(' + '),
    );
  },
  missing: (desk: Desk) => {
    const [name] = itemNames(desk.random, 1);
    const words = (name ?? '').split(' ');
    if (words.some((part) => desk.seen.text.toLowerCase().includes(part))) return undefined;
    const mention = recase[desk.random.pick(['lower', 'title'] as const)](name ?? '');
    return {
      type: desk.type,
      question: desk.ask({ x: mention }),
      answer: notThere(mention),
      steps: [terminate(`${mention} is not in the text.`, notThere(mention))],
    };
  },
} as const satisfies Partial<Record<QuestionType, (desk: Desk) => Problem | undefined>>;

const notThere = (mention: string): string => `${mention} is not in the image.`;
