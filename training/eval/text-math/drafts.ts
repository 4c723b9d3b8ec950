/** One maker a question type: a scene, what is asked of it, what is right, what that rests on. */
import type { Random } from '#training/random';
import type { Scene } from '#training/scenes/scene';
import type { Item, Truth } from '../suite.ts';
import { menuScene, type Priced, type Purchase, receiptScene } from './purchases.ts';
import {
  arithmeticScene,
  departureScene,
  hoursScene,
  linearScene,
  messageScene,
  noticeScene,
  tableScene,
} from './scenes.ts';
import type { Vocabulary } from './words.ts';

export type Draft = {
  readonly scene: Scene;
  readonly values: Readonly<Record<string, string>>;
  readonly truth: Truth;
  readonly needed: Item['needed'];
};

const number = (value: number): Truth => ({ type: 'number', value });
const text = (...values: [string, ...string[]]): Truth => ({ type: 'text', values });
const money = (cents: number): Truth => number(cents / 100);
/** A price without the sign of its currency. */
const amount = (printed: string): string => printed.replace(/[^\d.,]/g, '');
const countWords = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'];

/** People type names without care for case. */
function spoken(random: Random, name: string): string {
  return random.chance(0.5) ? name.toLowerCase() : name;
}

const lineOf = (line: Priced): string[] => [line.printedName, amount(line.printed)];

export function signText(random: Random, words: Vocabulary): Draft {
  const { scene, lines } = messageScene(random, words);
  return { scene, values: {}, truth: text(lines.join(' ')), needed: lines.map((line) => [line]) };
}

export function platform(random: Random, words: Vocabulary): Draft {
  const { scene, trains } = departureScene(random, words);
  const train = random.pick(trains);
  return {
    scene,
    values: { place: train.to },
    truth: text(train.platform),
    needed: [[train.to, train.platform]],
  };
}

export function phone(random: Random, words: Vocabulary): Draft {
  const receipt = random.chance(0.3) ? receiptScene(random, words, false) : undefined;
  if (receipt?.phone)
    return {
      scene: receipt.scene,
      values: {},
      truth: { type: 'digits', value: receipt.phone },
      needed: [[receipt.phone]],
    };
  const notice = noticeScene(random, words);
  return {
    scene: notice.scene,
    values: {},
    truth: { type: 'digits', value: notice.phone },
    needed: [[notice.phone]],
  };
}

export function closingTime(random: Random, words: Vocabulary): Draft {
  const { scene, hours } = hoursScene(random, words);
  const { day, printedDay, close } = random.pick(hours);
  const [hour = 0, minute = ''] = close.split(':').map((part, index) => (index === 0 ? Number(part) : part));
  const twelve = `${Number(hour) % 12 || 12}`;
  const truth = text(close, `${twelve}:${minute} pm`, ...(minute === '00' ? [`${twelve} pm`] : []));
  return { scene, values: { day }, truth, needed: [[printedDay, close]] };
}

export function shopName(random: Random, words: Vocabulary): Draft {
  const source = random.weighted({ receipt: 4, notice: 3, menu: 3 });
  const { scene, shop } =
    source === 'receipt'
      ? receiptScene(random, words, false)
      : source === 'menu'
        ? menuScene(random, words)
        : noticeScene(random, words);
  return { scene, values: {}, truth: text(shop), needed: [[shop]] };
}

export function date(random: Random, words: Vocabulary): Draft {
  const receipt = random.chance(0.6) ? receiptScene(random, words, false) : undefined;
  const { scene, date: printed } = receipt?.date
    ? { scene: receipt.scene, date: receipt.date }
    : noticeScene(random, words);
  return { scene, values: {}, truth: text(printed), needed: [[printed]] };
}

type Billed = Purchase & { readonly total: NonNullable<Purchase['total']> };

function bill(random: Random, words: Vocabulary): Billed {
  const receipt = receiptScene(random, words, random.chance(0.3));
  if (!receipt.total) throw new Error('a receipt always has a total');
  return { ...receipt, total: receipt.total };
}

const totalLine = ({ total }: Billed): string[][] => [[total.label, amount(total.printed)]];

export function total(random: Random, words: Vocabulary): Draft {
  const receipt = bill(random, words);
  return { scene: receipt.scene, values: {}, truth: money(receipt.total.cents), needed: totalLine(receipt) };
}

export function tip(random: Random, words: Vocabulary): Draft {
  const receipt = bill(random, words);
  const percent = random.pick([5, 10, 12, 15, 18, 20]);
  return {
    scene: receipt.scene,
    values: { percent: String(percent) },
    truth: money((receipt.total.cents * percent) / 100),
    needed: totalLine(receipt),
  };
}

export function split(random: Random, words: Vocabulary): Draft {
  const receipt = bill(random, words);
  const count = random.int(2, 6);
  const shown = random.chance(0.6) ? String(count) : (countWords[count] ?? '');
  return {
    scene: receipt.scene,
    values: { count: shown },
    truth: money(receipt.total.cents / count),
    needed: totalLine(receipt),
  };
}

export function change(random: Random, words: Vocabulary): Draft {
  const receipt = bill(random, words);
  const notes = [1000, 2000, 5000, 10_000, 20_000, 50_000].filter((note) => note > receipt.total.cents);
  const paid = notes[random.chance(0.75) ? 0 : 1] ?? 100_000;
  const sign = /[$£€]/.exec(receipt.total.printed)?.[0] ?? '';
  const shown = random.chance(0.5) ? `${sign}${paid / 100}` : String(paid / 100);
  return {
    scene: receipt.scene,
    values: { paid: shown },
    truth: money(paid - receipt.total.cents),
    needed: totalLine(receipt),
  };
}

/** A price list or a bill whose lines are one piece each. */
function priceList(random: Random, words: Vocabulary): Purchase {
  return random.chance(0.6) ? menuScene(random, words) : receiptScene(random, words, false);
}

export function price(random: Random, words: Vocabulary): Draft {
  const { scene, lines } = priceList(random, words);
  const line = random.pick(lines);
  return {
    scene,
    values: { item: spoken(random, line.name) },
    truth: money(line.cents),
    needed: [lineOf(line)],
  };
}

export function several(random: Random, words: Vocabulary): Draft {
  const { scene, lines } = priceList(random, words);
  const [one, other] = random.sample(lines, 2) as [Priced, Priced];
  const count = random.int(2, 4);
  const values = {
    item: spoken(random, one.name),
    other: spoken(random, other.name),
    count: random.chance(0.5) ? String(count) : (countWords[count] ?? ''),
  };
  return {
    scene,
    values,
    truth: money(one.cents + count * other.cents),
    needed: [lineOf(one), lineOf(other)],
  };
}

export function difference(random: Random, words: Vocabulary): Draft {
  const { scene, lines } = priceList(random, words);
  const [dear, cheap] = (random.sample(lines, 2) as [Priced, Priced]).sort((a, b) => b.cents - a.cents) as [
    Priced,
    Priced,
  ];
  const values = { item: spoken(random, dear.name), other: spoken(random, cheap.name) };
  return { scene, values, truth: money(dear.cents - cheap.cents), needed: [lineOf(dear), lineOf(cheap)] };
}

export function discount(random: Random, words: Vocabulary): Draft {
  const { scene, lines } = priceList(random, words);
  const line = random.pick(lines);
  const percent = random.pick([5, 10, 15, 20, 25, 30, 40, 50]);
  const values = { item: spoken(random, line.name), percent: String(percent) };
  return { scene, values, truth: money((line.cents * (100 - percent)) / 100), needed: [lineOf(line)] };
}

export function perUnit(random: Random, words: Vocabulary): Draft {
  const { scene, lines } = receiptScene(random, words, true);
  const line = lines.find(({ count }) => count > 1) ?? (lines[0] as Priced);
  return {
    scene,
    values: { item: spoken(random, line.name) },
    truth: money(line.cents / line.count),
    needed: [lineOf(line)],
  };
}

export function cell(random: Random, words: Vocabulary): Draft {
  const { scene, columns, rows: lines } = tableScene(random, words);
  const line = random.pick(lines);
  const column = random.int(0, columns.length - 1);
  const value = line.values[column] ?? 0;
  return {
    scene,
    values: { row: line.name, column: columns[column] ?? '' },
    truth: number(value),
    needed: [[line.name, ...line.values.map(String)], [...columns]],
  };
}

type ColumnDraft = {
  readonly scene: Scene;
  readonly column: string;
  readonly cells: readonly { name: string; value: number }[];
  readonly needed: Item['needed'];
};

function columnOf(random: Random, words: Vocabulary): ColumnDraft {
  const { scene, columns, rows: lines } = tableScene(random, words);
  const column = random.int(0, columns.length - 1);
  const cells = lines.map(({ name, values }) => ({ name, value: values[column] ?? 0 }));
  return {
    scene,
    column: columns[column] ?? '',
    cells,
    needed: [[...columns], ...lines.map(({ name, values }) => [name, ...values.map(String)])],
  };
}

/** A sum or a maximum does not rest on how the names were read. */
const numbersOnly = (facts: readonly string[]): readonly string[] =>
  facts.some((fact) => /^\d+$/.test(fact)) ? facts.slice(1) : facts;

export function columnSum(random: Random, words: Vocabulary): Draft {
  const { scene, column, cells, needed } = columnOf(random, words);
  return {
    scene,
    values: { column },
    truth: number(cells.reduce((sum, { value }) => sum + value, 0)),
    needed: needed.map(numbersOnly),
  };
}

export function maximum(random: Random, words: Vocabulary): Draft {
  const { scene, column, cells, needed } = columnOf(random, words);
  return {
    scene,
    values: { column },
    truth: number(Math.max(...cells.map(({ value }) => value))),
    needed: needed.map(numbersOnly),
  };
}

export function who(random: Random, words: Vocabulary): Draft {
  const { scene, column, cells, needed } = columnOf(random, words);
  const best = cells.reduce((top, next) => (next.value > top.value ? next : top));
  return { scene, values: { column }, truth: text(best.name), needed };
}

export function solve(random: Random): Draft {
  const { scene, text: equation, unknown, value } = linearScene(random);
  return { scene, values: { unknown }, truth: number(value), needed: [[equation]] };
}

export function evaluate(random: Random): Draft {
  const { scene, text: expression, value } = arithmeticScene(random);
  return { scene, values: {}, truth: number(value), needed: [[expression.replace(/ = ?\??$/, '')]] };
}
