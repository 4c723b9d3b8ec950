/** Signs, notices and notes: labelled facts, opening hours, or a plain message. */
import type { Random } from '../random.ts';
import {
  center,
  type Field,
  type Hours,
  type LabelledScene,
  left,
  type Row,
  right,
  type SceneKind,
  type Subject,
} from './scene.ts';
import { clock, code, date, phone } from './values.ts';
import { commonWords, inventedWord, personName, placeName, recase, shopName } from './words.ts';

type Printed = { readonly value: string; readonly texts: readonly string[] };
const website = (random: Random): string =>
  `www.${random.chance(0.5) ? random.pick(commonWords) : inventedWord(random)}.${random.pick(['com', 'org', 'net'])}`;

/** What a sign may state, and the ways in which it prints it. */
const printed: Readonly<Record<Exclude<Subject, 'message'>, (random: Random) => Printed>> = {
  platform: (random) =>
    both(code(random), (v) => [
      `Platform ${v}`,
      `PLATFORM ${v}`,
      `Platform: ${v}`,
      `Track ${v}`,
      `Plat. ${v}`,
    ]),
  gate: (random) => both(code(random), (v) => [`Gate ${v}`, `GATE ${v}`, `Gate: ${v}`]),
  room: (random) => both(code(random), (v) => [`Room ${v}`, `ROOM ${v}`, `Room: ${v}`, `Meeting room ${v}`]),
  phone: (random) =>
    both(phone(random), (v) => [`Tel ${v}`, `Tel: ${v}`, `Phone: ${v}`, `Call ${v}`, `CALL ${v}`, v]),
  date: (random) => both(date(random), (v) => [v, `Date: ${v}`, `On ${v}`, `Date ${v}`]),
  time: (random) =>
    both(clock(random), (v) => [`Time: ${v}`, `Departs ${v}`, `Starts at ${v}`, `At ${v}`, `Time ${v}`]),
  order: (random) => both(String(random.int(10, 9999)), (v) => [`Order ${v}`, `Order #${v}`, `No. ${v}`]),
  address: (random) => {
    const street = `${random.int(1, 220)} ${placeName(random)} ${random.pick(['Street', 'Road', 'Lane', 'Avenue', 'Square'])}`;
    return both(street, (v) => [v, `Address: ${v}`]);
  },
  password: (random) =>
    both(`${random.pick(commonWords)}${random.int(1, 999)}`, (v) => [
      `Password: ${v}`,
      `Wifi password: ${v}`,
      `WiFi: ${v}`,
      `Password ${v}`,
    ]),
  speed: (random) =>
    both(String(random.int(1, 13) * 10), (v) => [`Speed limit ${v}`, `SPEED LIMIT ${v}`, `Max ${v} km/h`]),
  name: (random) =>
    both(`${personName(random)} ${recase.sentence(random.pick(commonWords))}`, (v) => [
      `Contact: ${v}`,
      `Manager: ${v}`,
      `Dr. ${v}`,
      `Name: ${v}`,
    ]),
  shop: (random) => both(shopName(random), (v) => [v, v.toUpperCase()]),
  website: (random) => both(website(random), (v) => [v]),
  seat: (random) => both(code(random), (v) => [`Seat ${v}`, `SEAT ${v}`, `Seat: ${v}`, `Seat no. ${v}`]),
  flight: (random) =>
    both(`${random.pick(['BA', 'LH', 'AF', 'KL', 'UA', 'DL', 'EK', 'QF'])}${random.int(10, 9999)}`, (v) => [
      `Flight ${v}`,
      `FLIGHT ${v}`,
      `Flight: ${v}`,
    ]),
  floor: (random) => both(String(random.int(1, 30)), (v) => [`Floor ${v}`, `FLOOR ${v}`, `Level ${v}`]),
  bus: (random) => both(String(random.int(1, 300)), (v) => [`Bus ${v}`, `BUS ${v}`, `Line ${v}`]),
  table: (random) =>
    both(String(random.int(1, 60)), (v) => [`Table ${v}`, `TABLE ${v}`, `Table: ${v}`, `Table no. ${v}`]),
};
const both = (value: string, texts: (value: string) => string[]): Printed => ({ value, texts: texts(value) });

const messages = [
  'No parking',
  'Keep left',
  'Wet floor',
  'Please ring the bell',
  'Do not enter',
  'Staff only',
  'Mind the step',
  'Push',
  'Pull',
  'Exit',
  'No smoking',
  'Out of order',
  'Open',
  'Closed',
  'Sold out',
  'Free entry',
  'For sale',
  'Private road',
  'Beware of the dog',
  'One way',
  'Quiet please',
  'Back in 5 minutes',
  'Please wait here',
  'Cash only',
  'No entry',
  'Fresh paint',
  'Lost dog',
  'Happy hour',
  'Fire exit',
  'Danger',
  'Slow down',
  'School zone',
];

function message(random: Random): string {
  if (random.chance(0.5)) return random.pick(messages);
  return recase.sentence(Array.from({ length: random.int(1, 8) }, () => random.pick(commonWords)).join(' '));
}

/** Words on one to three lines. */
function broken(random: Random, words: readonly string[]): string[][] {
  const wanted = random.weighted({ 1: 5, 2: 5, 3: 2 });
  const ends = Array.from({ length: Number(wanted) - 1 }, () => random.int(1, Math.max(1, words.length - 1)));
  const cuts = [...new Set([0, ...ends, words.length])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => words.slice(cuts[index], end));
}

/** A sign or note with one to four facts, or with a message alone. */
export function sign(random: Random): LabelledScene {
  const kind: SceneKind = random.weighted({ sign: 6, note: 3, board: 2 });
  if (random.chance(0.4)) {
    const text = message(random);
    const shown = random.chance(0.5) ? text.toUpperCase() : text;
    const lines = broken(random, shown.split(' '));
    return {
      scene: { kind, rows: lines.map((line) => ({ cells: [center(line.join(' '), 2)] })) },
      facts: { type: 'sign', fields: [{ subject: 'message', value: shown }], hours: [] },
    };
  }
  const fields: Field[] = [];
  const rows: Row[] = [];
  if (random.chance(0.4)) {
    const shop = printed.shop(random);
    fields.push({ subject: 'shop', value: shop.value });
    rows.push({ cells: [center(random.pick(shop.texts), 1.8)] });
  } else if (random.chance(0.5)) {
    rows.push({
      cells: [
        center(
          random.chance(0.5)
            ? message(random)
            : `${placeName(random)} ${random.pick(['Station', 'Airport', 'Office', 'School', 'Clinic'])}`,
          1.8,
        ),
      ],
    });
  }
  const subjects = Object.keys(printed).filter((subject) => subject !== 'shop') as Exclude<
    Subject,
    'message' | 'shop'
  >[];
  const often = random.sample(['platform', 'phone', 'date'] as const, random.int(0, 3));
  for (const subject of new Set([
    ...often,
    ...random.sample(subjects, random.int(often.length > 0 ? 0 : 1, 2)),
  ])) {
    const fact = printed[subject](random);
    fields.push({ subject, value: fact.value });
    rows.push({ cells: [center(random.pick(fact.texts), random.pick([1, 1.2]))] });
  }
  return { scene: { kind, rows }, facts: { type: 'sign', fields, hours: [] } };
}

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** How a clock is written; one style holds for a whole sign. */
const clockStyles: readonly ((hour: number, minute: number) => string)[] = [
  (hour, minute) => `${two(hour)}:${two(minute)}`,
  (hour, minute) => `${two(hour)}:${two(minute)}`,
  (hour, minute) => `${hour}:${two(minute)}`,
  (hour, minute) => `${hour}:${two(minute)}`,
  (hour, minute) => `${hour}.${two(minute)}`,
  (hour, minute) =>
    `${((hour + 11) % 12) + 1}${minute === 0 ? '' : `:${two(minute)}`}${hour < 12 ? 'am' : 'pm'}`,
  (hour, minute) => `${((hour + 11) % 12) + 1}:${two(minute)} ${hour < 12 ? 'AM' : 'PM'}`,
];
const two = (value: number): string => String(value).padStart(2, '0');

/** Consecutive days that share a row: mostly single days, sometimes Monday - Friday. */
function dayGroups(random: Random): string[][] {
  if (random.chance(0.35)) {
    const end = random.pick([4, 5, 5, 6]);
    const rest = weekdays.slice(end).map((day) => [day]);
    return [weekdays.slice(0, end), ...(random.chance(0.8) ? rest : [])];
  }
  const first = random.int(0, 3);
  return weekdays.slice(first, first + random.int(1, 7 - first)).map((day) => [day]);
}

/** Opening hours: one row a day (or a few days), often under the name of the shop. */
export function openingHours(random: Random): LabelledScene {
  const short = random.chance(0.35);
  const separator = random.pick([' - ', '-', ' to ', ' – ', ' - ']);
  const dash = random.pick([' - ', '-', ' to ', ' – ']);
  const style = random.pick(clockStyles);
  const minutes = random.chance(0.5) ? [0, 30] : [0, 15, 30, 45];
  const caps = random.chance(0.15);
  const hours = dayGroups(random).map((days, index): Hours => {
    const names = [days[0] ?? '', ...(days.length > 1 ? [days.at(-1) ?? ''] : [])].map((day) =>
      short ? day.slice(0, 3) : day,
    );
    const label = caps ? names.join(dash).toUpperCase() : names.join(dash);
    if (index > 0 && random.chance(0.12)) return { days, label };
    return {
      days,
      label,
      open: style(random.int(6, 11), random.pick(minutes)),
      close: style(random.int(13, 23), random.pick(minutes)),
    };
  });
  const closed = random.pick(['closed', 'Closed', 'CLOSED']);
  const fields: Field[] = [];
  const rows: Row[] = [];
  if (random.chance(0.6)) {
    const shop = shopName(random);
    fields.push({ subject: 'shop', value: shop });
    rows.push({ cells: [center(shop, 1.6)] });
  }
  if (random.chance(0.6))
    rows.push({
      cells: [
        center(
          random.pick([
            'Opening hours',
            'OPENING HOURS',
            'Open',
            'Hours',
            'We are open',
            'Opening times',
            'Business hours',
          ]),
          1.3,
        ),
      ],
    });
  for (const { label, open, close } of hours) {
    const times = open === undefined ? closed : `${open}${separator}${close}`;
    const colon = random.chance(0.15) ? ':' : '';
    rows.push({ cells: [left(label + colon), right(times)] });
  }
  if (random.chance(0.3)) {
    const number = phone(random);
    fields.push({ subject: 'phone', value: number });
    rows.push({ cells: [center(random.pick([`Tel ${number}`, `Call ${number}`, `Tel. ${number}`]))] });
  }
  return {
    scene: { kind: random.weighted({ sign: 5, board: 2, note: 1 }), rows },
    facts: { type: 'sign', fields, hours },
  };
}
