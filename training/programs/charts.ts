/** Questions on charts: OCR gives the print, thoughts pair names with values, Calculate does the sums. */
import { layoutChart, printedValue, rowsOfChart } from '../pictures/chart-layout.ts';
import type { Chart } from '../pictures/picture.ts';
import type { Random } from '../random.ts';
import { idealText } from '../scenes/scene.ts';
import { distinct, itemNames, personName, placeName, recase } from '../scenes/words.ts';
import { ask, Chain, type Draft, number, type Program, pictureSource, readRows, text } from './chain.ts';
import { chartWordings } from './wordings/charts.ts';

const titles = [
  'Visitors',
  'Sales',
  'Rainfall',
  'Votes',
  'Books read',
  'Parcels',
  'Members',
  'Goals',
  'Trees planted',
  'Calls',
  'Orders',
  'Bikes sold',
  'Hours of sun',
  'Guests',
] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

function labelsOf(random: Random, count: number): string[] {
  const row = (all: readonly string[]): string[] => {
    const from = random.int(0, all.length - count);
    return all.slice(from, from + count);
  };
  switch (random.weighted({ place: 3, person: 3, month: 2, day: 2, thing: 3, year: 1 })) {
    case 'place':
      return distinct(random, count, placeName);
    case 'person':
      return distinct(random, count, personName);
    case 'month':
      return row(months);
    case 'day':
      return row(days);
    case 'thing':
      return itemNames(random, count).map((name) => recase.sentence(name.split(' ')[0] ?? name));
    case 'year': {
      const first = random.int(2001, 2022);
      return Array.from({ length: count }, (_, index) => String(first + index));
    }
  }
}

export function chartOf(random: Random): Chart {
  const form = random.pick(['bars', 'columns', 'line', 'pie'] as const);
  const count = random.int(3, 6);
  const labels = [...new Set(labelsOf(random, count))];
  const high = random.pick([12, 40, 90, 500, 2000]);
  const shares = form === 'pie';
  const values = shares ? sharesOf(random, labels.length) : distinctValues(random, labels.length, high);
  const printed = shares || form === 'bars' ? 'label' : random.pick(['label', 'label', 'mark'] as const);
  const title = random.chance(0.85)
    ? `${random.pick(titles)}${random.pick(['', '', ` ${random.int(1998, 2029)}`, ' per month', ' by group'])}`
    : '';
  const measure = random.chance(0.3) ? random.pick(['number', 'people', 'in thousands', 'units', 'mm']) : '';
  return { kind: 'chart', form, title, measure, unit: shares ? '%' : '', labels, values, printed };
}

function distinctValues(random: Random, count: number, high: number): number[] {
  const found = new Set<number>();
  while (found.size < count) found.add(random.int(Math.max(2, Math.floor(high / 20)), high));
  return [...found];
}

/** Different whole shares of 100. */
function sharesOf(random: Random, count: number): number[] {
  for (;;) {
    const cuts = distinctValues(random, count - 1, 94).sort((a, b) => a - b);
    const values = [...cuts, 100].map((cut, index) => cut - (cuts[index - 1] ?? 0));
    if (values.every((value) => value >= 3) && new Set(values).size === count) return values;
  }
}

type Case = { readonly chart: Chart; readonly random: Random; readonly chain: Chain };

/** One question on a chart that was read; `pairs`: it needs to know which value is whose. */
type Question = {
  readonly weight: number;
  readonly pairs: boolean;
  readonly wordings: readonly string[];
  readonly solve: (one: Case, wording: (slots?: Record<string, string>) => string) => Draft | undefined;
};

const value = ({ chart }: Case, index: number): string => printedValue(chart, chart.values[index] ?? 0);
const plain = ({ chart }: Case, index: number): number => chart.values[index] ?? 0;
/** `Oslo 12. Lyon 35.` */
const pairsOf = (one: Case, places: readonly number[]): string =>
  places.map((place) => `${one.chart.labels[place]} ${value(one, place)}.`).join(' ');
const everyPlace = ({ chart }: Case): number[] => chart.labels.map((_, index) => index);
const source = ({ chart }: Case): string => `picture/chart-${chart.form}`;

function extreme(pick: 'max' | 'min', one: Case, question: string): Draft {
  const numbers = one.chart.values;
  const best = pick === 'max' ? Math.max(...numbers) : Math.min(...numbers);
  one.chain.calculate(pairsOf(one, everyPlace(one)), `${pick}(${numbers.join(', ')})`);
  const name = one.chart.labels[numbers.indexOf(best)] ?? '';
  return one.chain.end(
    { source: source(one), type: `chart-${pick}-name`, question, truth: text(name) },
    `${best} is ${name}.`,
    name,
  );
}

/** The largest, then the largest of what is left. */
function second(one: Case, question: string): Draft {
  const numbers = one.chart.values;
  const best = one.chain.calculate(pairsOf(one, everyPlace(one)), `max(${numbers.join(', ')})`);
  const others = numbers.filter((value) => value !== best);
  const next = one.chain.calculate(`${best} is the first.`, `max(${others.join(', ')})`);
  const name = one.chart.labels[numbers.indexOf(next)] ?? '';
  return one.chain.end(
    { source: source(one), type: 'chart-second-name', question, truth: text(name) },
    `${next} is ${name}.`,
    name,
  );
}

function summed(type: string, one: Case, question: string, thought: string, expression: string): Draft {
  const result = one.chain.calculate(thought, expression);
  const said = String(Math.round(result * 100) / 100);
  return one.chain.end(
    { source: source(one), type, question, truth: number(Number(said)) },
    `The result is ${said}.`,
    said,
  );
}

const twoPlaces = (one: Case): [number, number] => one.random.sample(everyPlace(one), 2) as [number, number];
const named = (one: Case, [x, y]: readonly [number, number]) => ({
  x: one.chart.labels[x] ?? '',
  y: one.chart.labels[y] ?? '',
});

// biome-ignore format: one line a type
const questions: readonly Question[] = [
  { weight: 5, pairs: true, wordings: chartWordings.value,
    solve: (one, wording) => { const at = one.random.pick(everyPlace(one)); const answer = value(one, at); return one.chain.end({ source: source(one), type: 'chart-value', question: wording({ x: one.chart.labels[at] ?? '' }), truth: number(plain(one, at)) }, pairsOf(one, [at]), answer); } },
  { weight: 4, pairs: true, wordings: chartWordings.difference,
    solve: (one, wording) => { const [p, q] = twoPlaces(one); const [x, y] = plain(one, p) > plain(one, q) ? [p, q] : [q, p]; return summed('chart-difference', one, wording(named(one, [x, y])), pairsOf(one, [x, y]), `${plain(one, x)} - ${plain(one, y)}`); } },
  { weight: 4, pairs: true, wordings: chartWordings.sumTwo,
    solve: (one, wording) => { const places = twoPlaces(one); return summed('chart-sum-two', one, wording(named(one, places)), pairsOf(one, places), `${plain(one, places[0])} + ${plain(one, places[1])}`); } },
  { weight: 3, pairs: true, wordings: chartWordings.maxName,
    solve: (one, wording) => extreme('max', one, wording()) },
  { weight: 3, pairs: true, wordings: chartWordings.minName,
    solve: (one, wording) => extreme('min', one, wording()) },
  { weight: 2, pairs: true, wordings: chartWordings.secondName,
    solve: (one, wording) => second(one, wording()) },
  { weight: 2, pairs: false, wordings: chartWordings.max,
    solve: (one, wording) => summed('chart-max', one, wording(), `The values are ${one.chart.values.join(', ')}.`, `max(${one.chart.values.join(', ')})`) },
  { weight: 2, pairs: false, wordings: chartWordings.min,
    solve: (one, wording) => summed('chart-min', one, wording(), `The values are ${one.chart.values.join(', ')}.`, `min(${one.chart.values.join(', ')})`) },
  { weight: 3, pairs: false, wordings: chartWordings.total,
    solve: (one, wording) => one.chart.unit === '%' ? undefined : summed('chart-total', one, wording(), `The values are ${one.chart.values.join(', ')}.`, one.chart.values.join(' + ')) },
  { weight: 2, pairs: false, wordings: chartWordings.mean,
    solve: (one, wording) => one.chart.unit === '%' ? undefined : summed('chart-mean', one, wording(), `The values are ${one.chart.values.join(', ')}.`, `mean(${one.chart.values.join(', ')})`) },
  { weight: 2, pairs: false, wordings: chartWordings.range,
    solve: (one, wording) => summed('chart-range', one, wording(), `The values are ${one.chart.values.join(', ')}.`, `max(${one.chart.values.join(', ')}) - min(${one.chart.values.join(', ')})`) },
  { weight: 2, pairs: false, wordings: chartWordings.title,
    solve: (one, wording) => one.chart.title === '' ? undefined : one.chain.end({ source: source(one), type: 'chart-title', question: wording(), truth: text(one.chart.title) }, 'The first row is the title.', one.chart.title) },
  { weight: 1, pairs: true, wordings: chartWordings.count,
    solve: (one, wording) => one.chain.end({ source: source(one), type: 'chart-count', question: wording(), truth: number(one.chart.labels.length) }, `${one.chart.labels.map((label, index) => `${index + 1} ${label}`).join(', ')}.`, String(one.chart.labels.length)) },
];

export const chartProgram: Program = (random) => {
  const chart = chartOf(random);
  const rows = rowsOfChart(layoutChart(chart));
  const seen = readRows(rows, random);
  const printed = [
    ...chart.labels,
    ...chart.values.map((one) => printedValue(chart, one)),
    ...(chart.title === '' ? [] : [chart.title]),
  ];
  // What was misread carries no answer; a clean reading is the whole print.
  if (seen.text !== idealText({ kind: 'table', rows }) && printed.some((one) => !seen.text.includes(one)))
    return undefined;
  // Nobody can part "109" from "10916051883".
  if (chart.values.some((one) => !new RegExp(`(?<!\\d)${one}(?!\\d)`).test(seen.text))) return undefined;
  const paired = chart.printed === 'label';
  const open = questions.filter(({ pairs }) => paired || !pairs);
  const chosen =
    open[
      Number(random.weighted(Object.fromEntries(open.map(({ weight }, index) => [String(index), weight]))))
    ];
  const chain = new Chain([pictureSource(chart, random)]);
  chain.read('I read the chart.', 0, seen.text);
  const wording = (slots: Record<string, string> = {}): string => ask(random, chosen?.wordings ?? [], slots);
  return chosen?.solve({ chart, random, chain }, wording);
};
