/** Receipts and menus. */
import type { Random } from '../random.ts';
import { center, type Field, type Item, type LabelledScene, left, type Row, right } from './scene.ts';
import { clock, date, type MoneyStyle, moneyStyle, phone, price } from './values.ts';
import { type Casing, itemNames, placeName, printedCasing, recase, shopName } from './words.ts';

const totalLabels = [
  'TOTAL',
  'Total',
  'Total due',
  'TOTAL DUE',
  'Amount due',
  'Grand total',
  'Balance due',
  'TO PAY',
  'Total:',
  'Total to pay',
  'TOTAL TO PAY',
  'Total amount',
  'TOTAL AMOUNT',
  'AMOUNT DUE',
  'Amount to pay',
  'Order total',
  'Bill total',
  'Total price',
  'GRAND TOTAL',
  'Final total',
  'Sum',
  'SUM',
  'To pay',
  'You pay',
  'Total sum',
];
const subtotalLabels = ['Subtotal', 'SUBTOTAL', 'Sub-total', 'Sub total', 'Net'];
const taxLabels = ['Tax', 'TAX', 'VAT', 'Sales tax', 'GST', 'Tax 8%', 'VAT 20%', 'VAT 7%'];
const thanks = [
  'Thank you',
  'THANK YOU!',
  'Please come again',
  'Have a nice day',
  'Visit us again',
  'Thanks for your visit',
];
const menuHeads = ['Menu', 'MENU', 'Drinks', 'Lunch', 'Price list', 'Today', 'Specials', 'Snacks', 'Prices'];
const units = ['kg', 'kg', 'kg', 'pcs', 'pack', 'l', 'bottles', 'pieces'];
const sections = [
  'Drinks',
  'Food',
  'Starters',
  'Mains',
  'Desserts',
  'Hot drinks',
  'Cold drinks',
  'Sides',
  'Plates',
  'Sweets',
  'Breakfast',
  'Salads',
  'Bakery',
  'Extras',
  'Specials',
];

function itemsOf(random: Random, count: number, decimals: 0 | 2, style: 'plain' | 'count' | 'unit'): Item[] {
  return itemNames(random, count).map((name): Item => {
    const cents = price(random, decimals);
    if (style === 'count' && random.chance(0.45)) {
      const many = random.int(1, 4);
      return { name, cents: cents * many, count: many };
    }
    if (style === 'unit' && random.chance(0.8)) {
      const many = random.int(2, 12);
      return { name, cents: Math.max(many * 5, cents), count: many, unit: random.pick(units) };
    }
    return { name, cents };
  });
}

type CountStyle = 'x' | 'spaced' | 'plain' | 'after' | 'times' | 'column';

/** How a line shows its name, count and price. One style holds for the whole picture. */
function itemRow(
  item: Item,
  casing: Casing,
  money: MoneyStyle,
  countStyle: CountStyle,
  unitGap: string,
): Row {
  const name = recase[casing](item.name);
  const cost = right(money.print(item.cents));
  if (item.count === undefined) return { cells: [left(name), cost] };
  if (item.unit !== undefined) return { cells: [left(`${name} ${item.count}${unitGap}${item.unit}`), cost] };
  const { count } = item;
  if (countStyle === 'column') return { cells: [left(name), center(String(count)), cost] };
  const label = {
    x: `${count}x ${name}`,
    spaced: `${count} x ${name}`,
    plain: `${count} ${name}`,
    after: `${name} x${count}`,
    times: `${name} x ${count}`,
  };
  return { cells: [left(label[countStyle]), cost] };
}

/** What follows the total: how it was paid, and what came back. */
function paymentRows(random: Random, total: number, money: MoneyStyle): Row[] {
  const row = (label: string, cents: number): Row => ({ cells: [left(label), right(money.print(cents))] });
  const form = random.weighted({ none: 55, card: 25, cash: 20 });
  if (form === 'none') return [];
  if (form === 'card')
    return [
      row(
        random.pick(['Card', 'CARD', 'VISA', 'Debit card', 'Credit card', 'Paid by card', 'Mastercard']),
        total,
      ),
    ];
  const given = Math.ceil(total / 1000) * 1000 + random.pick([0, 0, 1000]);
  return [
    row(random.pick(['Cash', 'CASH', 'Cash given', 'Tendered', 'Paid']), given),
    row(random.pick(['Change', 'CHANGE', 'Change due']), given - total),
  ];
}

export function receipt(random: Random): LabelledScene {
  const money = moneyStyle(random);
  const casing = printedCasing(random);
  const items = itemsOf(
    random,
    random.int(1, 7),
    money.decimals,
    random.weighted({ plain: 5, count: 5, unit: 1 }),
  );
  const subtotal = items.reduce((sum, item) => sum + item.cents, 0);
  const taxed = random.chance(0.45);
  const rate = random.pick([5, 7, 8, 10, 19, 20]);
  const tax =
    money.decimals === 0 ? Math.round((subtotal * rate) / 10_000) * 100 : Math.round((subtotal * rate) / 100);
  const total = taxed ? subtotal + tax : subtotal;
  const showSubtotal = taxed || random.chance(0.2);

  const shop = shopName(random);
  const fields: Field[] = [{ subject: 'shop', value: shop }];
  const header: Row[] = [{ cells: [center(random.chance(0.4) ? shop.toUpperCase() : shop, 1.5)] }];
  const footer: Row[] = [];
  const addField = (subject: Field['subject'], value: string, text: string): void => {
    fields.push({ subject, value });
    (random.chance(0.6) ? header : footer).push({ cells: [center(text)] });
  };
  if (random.chance(0.4)) {
    const day = date(random);
    if (random.chance(0.3)) {
      const at = clock(random, 7, 22);
      fields.push({ subject: 'date', value: day }, { subject: 'time', value: at });
      header.push({ cells: [left(day), right(at)] });
    } else addField('date', day, random.pick([day, `Date: ${day}`, `Date ${day}`]));
  }
  if (random.chance(0.25)) {
    const number = phone(random);
    addField('phone', number, random.pick([`Tel ${number}`, `Tel: ${number}`, `Phone ${number}`, number]));
  }
  if (random.chance(0.15)) {
    const street = `${random.int(1, 220)} ${placeName(random)} ${random.pick(['Street', 'Road', 'Lane', 'Avenue', 'Square'])}`;
    fields.push({ subject: 'address', value: street });
    header.push({ cells: [center(street)] });
  }
  if (random.chance(0.2)) {
    const order = String(random.int(10, 9999));
    addField(
      'order',
      order,
      random.pick([`Order ${order}`, `Order #${order}`, `Order no. ${order}`, `Receipt ${order}`]),
    );
  }
  if (random.chance(0.15) && !fields.some((field) => field.subject === 'time')) {
    const at = clock(random, 7, 22);
    addField('time', at, random.pick([`Time ${at}`, `Time: ${at}`]));
  }
  const countStyle = random.pick(['x', 'spaced', 'spaced', 'plain', 'after', 'times', 'column'] as const);
  const unitGap = random.pick([' ', ' ', '']);
  const sums: Row[] = [];
  if (showSubtotal)
    sums.push({ cells: [left(random.pick(subtotalLabels)), right(money.print(subtotal))], rule: 'above' });
  if (taxed) sums.push({ cells: [left(random.pick(taxLabels)), right(money.print(tax))] });
  sums.push({ cells: [left(random.pick(totalLabels)), right(money.print(total))], rule: 'above' });
  sums.push(...paymentRows(random, total, money));
  if (random.chance(0.4)) footer.push({ cells: [center(random.pick(thanks))] });
  return {
    scene: {
      kind: 'receipt',
      rows: [
        ...header,
        ...items.map((item) => itemRow(item, casing, money, countStyle, unitGap)),
        ...sums,
        ...footer,
      ],
    },
    facts: {
      type: 'purchase',
      shop,
      items,
      decimals: money.decimals,
      total,
      fields,
      ...(showSubtotal ? { subtotal } : {}),
      ...(taxed ? { tax } : {}),
    },
  };
}

/** The rows under one or two section headings, now and then. */
function sectioned(random: Random, rows: readonly Row[]): Row[] {
  if (!random.chance(0.3)) return [...rows];
  const cut = random.chance(0.6) && rows.length > 2 ? random.int(1, rows.length - 1) : rows.length;
  const [first = '', second = ''] = random.sample(sections, 2);
  const heading = (text: string): Row => ({ cells: [center(text, 1.2)], gap: 1 });
  return [
    heading(first),
    ...rows.slice(0, cut),
    ...(cut < rows.length ? [heading(second), ...rows.slice(cut)] : []),
  ];
}

export function menu(random: Random): LabelledScene {
  const money = moneyStyle(random);
  const casing = printedCasing(random);
  const items = itemsOf(random, random.int(2, 8), money.decimals, random.weighted({ plain: 8, unit: 2 }));
  const named = random.chance(0.6);
  const shop = named ? shopName(random) : random.pick(menuHeads);
  const leader = random.weighted({ none: 7, dots: 2, dash: 1 });
  const join = { none: '', dots: ' ......', dash: ' -' }[leader];
  const rows = items.map((item): Row => {
    const row = itemRow(item, casing, money, 'x', ' ');
    const [name, cost] = row.cells;
    return name && cost && join ? { cells: [left(name.text + join), cost] } : row;
  });
  const fields: Field[] = named ? [{ subject: 'shop', value: shop }] : [];
  const foot: Row[] = [];
  if (random.chance(0.2)) {
    const number = phone(random);
    fields.push({ subject: 'phone', value: number });
    foot.push({ cells: [center(random.pick([`Call ${number}`, `Tel ${number}`, `Orders: ${number}`]))] });
  }
  return {
    scene: { kind: 'menu', rows: [{ cells: [center(shop, 1.6)] }, ...sectioned(random, rows), ...foot] },
    facts: { type: 'purchase', shop, items, decimals: money.decimals, fields },
  };
}
