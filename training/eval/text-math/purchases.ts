/** Held-out receipts and price lists with the facts that questions are asked about. Written apart from the training scenes. */
import type { Random } from '#training/random';
import type { Cell, Row, Scene } from '#training/scenes/scene';
import type { Vocabulary } from './words.ts';

/** Money is in hundredths. `printed` is the price as it stands in the picture. */
export type Priced = {
  readonly name: string;
  readonly printedName: string;
  readonly cents: number;
  readonly printed: string;
  readonly count: number;
};

export type Purchase = {
  readonly scene: Scene;
  readonly shop: string;
  readonly date: string | undefined;
  readonly phone: string | undefined;
  readonly lines: readonly Priced[];
  readonly total: { readonly label: string; readonly cents: number; readonly printed: string } | undefined;
};

type Print = (cents: number) => string;

const moneyPrints: Readonly<Record<string, Print>> = {
  bare: (cents) => (cents / 100).toFixed(2),
  dollar: (cents) => `$${(cents / 100).toFixed(2)}`,
  pound: (cents) => `£${(cents / 100).toFixed(2)}`,
  euro: (cents) => `€${(cents / 100).toFixed(2)}`,
  comma: (cents) => `${(cents / 100).toFixed(2).replace('.', ',')} €`,
};
const moneyWeights = { bare: 50, dollar: 20, pound: 14, euro: 10, comma: 6 };

const casings: Readonly<Record<string, (text: string) => string>> = {
  asIs: (text) => text,
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
};
const casingWeights = { asIs: 60, upper: 28, lower: 12 };

const countPrints: readonly ((count: number, name: string) => string)[] = [
  (count, name) => `${count} x ${name}`,
  (count, name) => `${count} ${name}`,
  (count, name) => `${name} x${count}`,
];

export const left = (text: string, extra: Partial<Cell> = {}): Cell => ({ text, align: 'left', ...extra });
export const right = (text: string, extra: Partial<Cell> = {}): Cell => ({ text, align: 'right', ...extra });
export const centered = (text: string, extra: Partial<Cell> = {}): Row => ({
  cells: [{ text, align: 'center', ...extra }],
});

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

export function dateOf(random: Random): string {
  const [day, month, year] = [random.int(1, 28), random.int(1, 12), random.int(2019, 2031)];
  const two = (value: number): string => String(value).padStart(2, '0');
  return random.pick([
    `${two(day)}.${two(month)}.${year}`,
    `${two(day)}/${two(month)}/${year}`,
    `${day} ${months[month - 1]} ${year}`,
    `${months[month - 1]?.slice(0, 3)} ${day}, ${year}`,
  ]);
}

export function phoneOf(random: Random): string {
  const digits = (count: number): string => Array.from({ length: count }, () => random.int(1, 9)).join('');
  return random.pick([
    `0${digits(4)} ${digits(6)}`,
    `${digits(3)}-${digits(4)}`,
    `(${digits(3)}) ${digits(3)}-${digits(4)}`,
  ]);
}

export function clockOf(minutes: number): string {
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

function centsOf(random: Random): number {
  return random.chance(0.7) ? random.int(18, 260) * 5 : random.int(90, 4800);
}

/** `multiple` makes one line hold several pieces. */
export function receiptScene(random: Random, words: Vocabulary, multiple: boolean): Purchase {
  const print = moneyPrints[random.weighted(moneyWeights)] as Print;
  const casing = casings[random.weighted(casingWeights)] as (text: string) => string;
  const shop = words.shop(random);
  const names = words.items(random, random.int(2, 6));
  const printCount = random.pick(countPrints);
  const several = multiple ? random.int(0, names.length - 1) : -1;
  const lines = names.map((name, index): Priced => {
    const count = index === several ? random.int(2, 6) : 1;
    const cents = centsOf(random) * count;
    const printedName = count > 1 ? printCount(count, casing(name)) : casing(name);
    return { name, printedName, cents, printed: print(cents), count };
  });
  const net = lines.reduce((sum, { cents }) => sum + cents, 0);
  const rate = random.pick([0, 5, 7, 8, 10, 19, 20]);
  const tax = Math.round((net * rate) / 100);
  const label = random.pick(['Total', 'TOTAL', 'Grand total', 'Total to pay', 'Balance due']);
  const date = random.chance(0.6) ? dateOf(random) : undefined;
  const phone = random.chance(0.4) ? phoneOf(random) : undefined;
  const rows: Row[] = [
    centered(shop, { bold: true, size: 1.4 }),
    ...(phone ? [centered(`${random.pick(['Tel. ', 'Phone: ', 'Tel ', ''])}${phone}`)] : []),
    ...(date ? [random.chance(0.5) ? centered(date) : { cells: [left('Date'), right(date)] }] : []),
    ...lines.map(
      ({ printedName, printed }, index): Row => ({
        cells: [left(printedName), right(printed)],
        ...(index === 0 ? { gap: 0.6 } : {}),
      }),
    ),
    ...(rate > 0
      ? [
          { cells: [left(random.pick(['Subtotal', 'Net'])), right(print(net))], rule: 'above' as const },
          { cells: [left(`${random.pick(['Tax', 'VAT'])} ${rate}%`), right(print(tax))] },
        ]
      : []),
    {
      cells: [left(label, { bold: true, size: 1.15 }), right(print(net + tax), { bold: true, size: 1.15 })],
      ...(rate > 0 ? {} : { rule: 'above' as const }),
    },
    ...(random.chance(0.4)
      ? [{ ...centered(random.pick(['Come back soon', 'Paid with thanks', 'Have a lovely day'])), gap: 0.6 }]
      : []),
  ];
  return {
    scene: { kind: 'receipt', rows },
    shop,
    date,
    phone,
    lines,
    total: { label, cents: net + tax, printed: print(net + tax) },
  };
}

export function menuScene(random: Random, words: Vocabulary): Purchase {
  const print = moneyPrints[random.weighted(moneyWeights)] as Print;
  const casing = casings[random.weighted(casingWeights)] as (text: string) => string;
  const shop = words.shop(random);
  const lines = words.items(random, random.int(3, 8)).map((name): Priced => {
    const cents = centsOf(random);
    return { name, printedName: casing(name), cents, printed: print(cents), count: 1 };
  });
  const rows: Row[] = [
    centered(shop, { bold: true, size: 1.6 }),
    ...(random.chance(0.3)
      ? [centered(random.pick(['Our offers', 'Price list', 'Served all day']), { size: 0.95 })]
      : []),
    ...lines.map(
      ({ printedName, printed }, index): Row => ({
        cells: [left(printedName), right(printed)],
        ...(index === 0 ? { gap: 0.5 } : {}),
      }),
    ),
  ];
  return { scene: { kind: 'menu', rows }, shop, date: undefined, phone: undefined, lines, total: undefined };
}
