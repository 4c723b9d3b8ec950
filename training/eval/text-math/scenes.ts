/** Held-out tables, boards, signs and exercises with the facts that questions are asked about. */
import type { Random } from '#training/random';
import type { Row, Scene } from '#training/scenes/scene';
import { centered, clockOf, dateOf, left, phoneOf, right } from './purchases.ts';
import type { Vocabulary } from './words.ts';

export type TableScene = {
  readonly scene: Scene;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly values: readonly number[] }[];
};

const columnSets: readonly (readonly string[])[] = [
  ['Spring', 'Summer', 'Autumn', 'Winter'],
  ['Mon', 'Tue', 'Wed', 'Thu'],
  ['March', 'April', 'May', 'June'],
  ['Goals', 'Fouls', 'Saves'],
  ['Plums', 'Figs', 'Quinces'],
  ['North', 'South', 'East'],
  ['Swim', 'Run', 'Cycle'],
];

/** Numbers of one column differ, so that there is one maximum. */
export function tableScene(random: Random, words: Vocabulary): TableScene {
  const set = random.pick(columnSets);
  const columns = set.slice(0, random.int(2, set.length));
  const names = words.persons(random, random.int(3, 6));
  const high = random.pick([20, 60, 200, 900]);
  const byColumn = columns.map(() =>
    random.sample(
      Array.from({ length: high }, (_, value) => value + 3),
      names.length,
    ),
  );
  const rows = names.map((name, row) => ({ name, values: byColumn.map((values) => values[row] ?? 0) }));
  const title = random.chance(0.4)
    ? [centered(random.pick(['Club results', 'Weekly tally', 'Harvest book']), { bold: true, size: 1.2 })]
    : [];
  const head: Row = {
    cells: [
      left(random.pick(['Name', 'Member', 'Who']), { bold: true }),
      ...columns.map((text) => right(text, { bold: true })),
    ],
  };
  const body = rows.map(
    ({ name, values }): Row => ({ cells: [left(name), ...values.map((value) => right(String(value)))] }),
  );
  return { scene: { kind: 'table', rows: [...title, head, ...body] }, columns, rows };
}

export type HoursScene = {
  readonly scene: Scene;
  readonly shop: string;
  readonly hours: readonly { day: string; printedDay: string; open: string; close: string }[];
};

const weekdays = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');

export function hoursScene(random: Random, words: Vocabulary): HoursScene {
  const shop = words.shop(random);
  const short = random.chance(0.4);
  const dash = random.pick([' - ', '-', ' to ']);
  const first = random.int(0, 3);
  const hours = weekdays.slice(first, first + random.int(3, 4)).map((day) => {
    const [open, close] = [random.int(24, 44) * 15, random.int(60, 90) * 15];
    return { day, printedDay: short ? day.slice(0, 3) : day, open: clockOf(open), close: clockOf(close) };
  });
  const rows: Row[] = [
    ...(random.chance(0.8) ? [centered(shop, { bold: true, size: 1.4 })] : []),
    ...(random.chance(0.5) ? [centered(random.pick(['Opening times', 'Hours', 'Open']))] : []),
    ...hours.map(
      ({ printedDay, open, close }): Row => ({ cells: [left(printedDay), right(`${open}${dash}${close}`)] }),
    ),
  ];
  return { scene: { kind: 'sign', rows }, shop, hours };
}

export type DepartureScene = {
  readonly scene: Scene;
  readonly trains: readonly { time: string; to: string; platform: string }[];
};

export function departureScene(random: Random, words: Vocabulary): DepartureScene {
  const platforms = random.sample(
    ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '4B', '2A'],
    5,
  );
  const places = words.places(random, random.int(3, 5));
  const trains = places.map((to, index) => {
    const minutes = random.int(5, 23) * 60 + random.int(0, 59);
    return { time: clockOf(minutes).padStart(5, '0'), to, platform: platforms[index] ?? '1' };
  });
  trains.sort((a, b) => (a.time < b.time ? -1 : 1));
  const head: Row = {
    cells: [
      left('Time', { bold: true }),
      left(random.pick(['Destination', 'To']), { bold: true }),
      right('Platform', { bold: true }),
    ],
  };
  const rows = trains.map(
    ({ time, to, platform }): Row => ({ cells: [left(time), left(to), right(platform)] }),
  );
  const title = random.chance(0.5) ? [centered('Departures', { bold: true, size: 1.3 })] : [];
  return { scene: { kind: 'board', rows: [...title, head, ...rows] }, trains };
}

export type SignScene = { readonly scene: Scene; readonly lines: readonly string[] };

export function messageScene(random: Random, words: Vocabulary): SignScene {
  const lines = words.message(random);
  const kind = random.weighted({ sign: 7, note: 3 });
  return { scene: { kind, rows: lines.map((line) => centered(line, { bold: true, size: 1.5 })) }, lines };
}

export type NoticeScene = {
  readonly scene: Scene;
  readonly shop: string;
  readonly phone: string;
  readonly date: string;
  readonly platform: string;
};

/** A sign or note with a name and a few labelled facts. */
export function noticeScene(random: Random, words: Vocabulary): NoticeScene {
  const [shop, phone, date] = [words.shop(random), phoneOf(random), dateOf(random)];
  const platform = String(random.int(1, 18));
  const rows: Row[] = [
    centered(shop, { bold: true, size: 1.3 }),
    ...random.sample<Row>(
      [
        centered(`${random.pick(['Tel. ', 'Phone: ', 'Call '])}${phone}`),
        centered(`${random.pick(['Date: ', ''])}${date}`),
        centered(`Platform ${platform}`),
      ],
      3,
    ),
  ];
  return { scene: { kind: random.weighted({ sign: 5, note: 5 }), rows }, shop, phone, date, platform };
}

export type EquationScene = {
  readonly scene: Scene;
  readonly text: string;
  readonly unknown: string;
  readonly value: number;
};

export function linearScene(random: Random): EquationScene {
  const unknown = random.pick(['x', 'x', 'y', 'n', 'z']);
  const [value, a, b, c] = [random.int(2, 15), random.int(2, 9), random.int(1, 30), random.int(1, 6)];
  const forms: readonly (() => string)[] = [
    () => `${a}${unknown} + ${b} = ${a * value + b}`,
    () => `${a}${unknown} - ${b} = ${a * value - b}`,
    () => `${a}(${unknown} + ${b}) = ${a * (value + b)}`,
    () => `${unknown} + ${b} = ${value + b}`,
    () => `${a * value + b} = ${b} + ${a}${unknown}`,
    () => `${a + c}${unknown} - ${b} = ${c}${unknown} + ${a * value - b}`,
  ];
  const text = random.pick(forms)().replace(/\+ -/g, '- ');
  return equationScene(random, text, unknown, value);
}

export function arithmeticScene(random: Random): EquationScene {
  const [a, b, c] = [random.int(2, 60), random.int(2, 30), random.int(2, 12)];
  const times = random.pick(['×', '*']);
  const forms: readonly (() => [string, number])[] = [
    () => [`${a} + ${b} ${times} ${c}`, a + b * c],
    () => [`(${a} + ${b}) ${times} ${c}`, (a + b) * c],
    () => [`${b * c} ÷ ${c} + ${a}`, b + a],
    () => [`${a + b} - ${b} + ${c}`, a + c],
    () => [`${a} ${times} ${c} - ${b}`, a * c - b],
  ];
  const [text, value] = random.pick(forms)();
  const asked = random.pick(['', ' =', ' = ?']);
  return equationScene(random, text + asked, '', value);
}

function equationScene(random: Random, text: string, unknown: string, value: number): EquationScene {
  const title = random.chance(0.35)
    ? [centered(random.pick(['Exercise 3', 'Riddle', 'Warm-up']), { size: 0.9 })]
    : [];
  const row = centered(text, { size: 1.4 });
  return {
    scene: { kind: random.weighted({ equation: 8, board: 2 }), rows: [...title, row] },
    text,
    unknown,
    value,
  };
}
