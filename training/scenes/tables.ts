/** Tables of numbers (scores, sales, stock) and departure boards. */
import type { Random } from '../random.ts';
import { center, type LabelledScene, left, type Row, right } from './scene.ts';
import { clock, code } from './values.ts';
import { commonWords, distinct, inventedWord, personName, placeName, recase } from './words.ts';

const numberColumns =
  'Points Score Goals Wins Losses Sales Units Stock Hours Age Weight Height Math Art Music Science History English Jan Feb Mar Apr May Jun January February March April June July August Monday Tuesday Wednesday Mon Tue Wed Thu Fri Price Cost Visits Votes Rain Temp Total Count Laps Games Books Miles Steps Q1 Q2 Q3 Q4'.split(
    ' ',
  );
/** What stands over the names of the rows. */
const corners =
  'Name Player Team Student City Item Product Shop Month Group Region Member Person Pupil Employee Worker Driver Runner Athlete Country Town Branch Store Department Class Day Week Year Category Type Brand Model Animal Fruit Crop Field Farm Boat Car Route Line Station Office Room Site Club School House Customer Client Guest Author Book Title Song Band Game Event Course Subject Project Task Unit Part Code Entry Label Candidate Party District Village Island Plant Tree Bird Dish Drink Service Who'.split(
    ' ',
  );
/** Now and then any word, or none. */
const cornerName = (random: Random): string =>
  random.weighted({ known: 77, word: 20, none: 3 }) === 'known'
    ? random.pick(corners)
    : random.chance(0.87)
      ? recase.sentence(random.pick(commonWords))
      : '';
const titles = [
  'Kilometres run',
  'Test results',
  'Points this week',
  'Sold items',
  'Staff hours',
  'Year overview',
  'Results',
  'Scores',
  'Sales',
  'Inventory',
  'League table',
  'Marks',
  'Report',
  'Weekly hours',
  'Stock list',
];

function titleOf(random: Random): string {
  if (random.chance(0.5)) return random.pick(titles);
  return recase.sentence(random.sample(commonWords, random.int(1, 3)).join(' '));
}

function rowName(random: Random): string {
  return random.weighted({ person: 4, place: 3, word: 4, pair: 1 }) === 'person'
    ? personName(random)
    : random.pick([
        placeName(random),
        recase.sentence(random.pick(commonWords)),
        recase.sentence(inventedWord(random)),
        `${recase.sentence(random.pick(commonWords))} ${random.pick(commonWords)}`,
      ]);
}

const columnName = (random: Random): string => {
  const form = random.weighted({ known: 66, word: 20, two: 14 });
  if (form === 'known') return random.pick(numberColumns);
  const word = recase.sentence(random.pick(commonWords));
  return form === 'word'
    ? word
    : random.pick([
        `${word} ${random.pick(commonWords)}`,
        `${random.pick(numberColumns)} ${random.pick(['sold', 'won', 'left', 'total', '2024', 'avg'])}`,
        `${random.pick(numberColumns)} (${random.pick(['kg', 'km', 'h', 'cm', 'pts'])})`,
      ]);
};

export function table(random: Random): LabelledScene {
  const width = random.weighted({ one: 4, two: 4, three: 4, four: 1 });
  const count = { one: 1, two: 2, three: 3, four: 4 }[width];
  const columns = distinct(random, count, (source) => columnName(source));
  const high = random.pick([9, 20, 60, 100, 100, 500, 2000]);
  const decimal = random.chance(0.08);
  const rows = distinct(random, random.int(2, 6), rowName).map((name) => ({
    name,
    values: columns.map(() =>
      decimal ? (random.int(1, high * 10) / 10).toFixed(1) : String(random.int(1, high)),
    ),
  }));
  const header: Row = {
    cells: [left(cornerName(random)), ...columns.map((column) => right(column))].filter(
      (cell) => cell.text !== '' || columns.length === 0,
    ),
    rule: 'below',
  };
  const title: Row[] = random.chance(0.3) ? [{ cells: [center(titleOf(random), 1.4)] }] : [];
  return {
    scene: {
      kind: 'table',
      rows: [
        ...title,
        header,
        ...rows.map((row): Row => ({ cells: [left(row.name), ...row.values.map((value) => right(value))] })),
      ],
    },
    facts: { type: 'table', columns, rows, numeric: true },
  };
}

/** A departure board: time, destination and platform, one journey a row. */
export function departures(random: Random): LabelledScene {
  const place = random.pick(['Platform', 'Platform', 'Gate', 'Track', 'Plat', 'Plat.', 'Pl.', 'Stop']);
  const timeFirst = random.chance(0.6);
  const rows = distinct(random, random.int(2, 6), placeName).map((name) => ({
    name,
    values: [clock(random), code(random)],
  }));
  const headed = random.chance(0.8);
  const where = random.pick([
    'Destination',
    'Destination',
    'To',
    'Going to',
    'For',
    'Towards',
    'City',
    'Train',
  ]);
  const when = random.pick(['Time', 'Time', 'Departs', 'Departure', 'Leaves', 'At', 'When']);
  const header: Row[] = headed
    ? [
        {
          cells: timeFirst
            ? [left(when), left(where), right(place)]
            : [left(where), left(when), right(place)],
          rule: 'below',
        },
      ]
    : [];
  const title: Row[] = random.chance(0.5)
    ? [{ cells: [center(random.pick(['Departures', 'DEPARTURES', 'Trains', 'Buses', 'Timetable']), 1.5)] }]
    : [];
  return {
    scene: {
      kind: 'board',
      rows: [
        ...title,
        ...header,
        ...rows.map(
          ({ name, values: [time = '', gate = ''] }): Row => ({
            cells: timeFirst ? [left(time), left(name), right(gate)] : [left(name), left(time), right(gate)],
          }),
        ),
      ],
    },
    facts: { type: 'table', columns: ['time', place === 'Gate' ? 'gate' : 'platform'], rows, numeric: false },
  };
}
