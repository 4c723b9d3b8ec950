/** Charts: bars, columns, lines and pies in held-out colours and fonts, with titles and names of their own. */
import { printedValue } from '#training/pictures/chart-layout';
import type { Chart } from '#training/pictures/picture';
import type { Random } from '#training/random';
import { choice, drawn, type Made, number, type Row, type Setting, text } from './made.ts';

const titles = [
  'Lighthouse keepers',
  'Jars of marmalade',
  'Ferry crossings',
  'Beehives',
  'Kilns fired',
  'Owls ringed',
  'Looms at work',
  'Barrels rolled',
] as const;

function chartOf({ random, words }: Setting, named: boolean): Chart {
  const form = named
    ? random.pick(['bars', 'columns', 'pie'] as const)
    : random.pick(['columns', 'line'] as const);
  const count = random.int(4, 6);
  const labels = random.chance(0.5)
    ? words.persons(random, count)
    : words.places(random, count).map((name) => name.split(' ')[0] ?? name);
  const values =
    form === 'pie' ? sharesOf(random, count) : random.sample(span(random.pick([14, 60, 340])), count);
  return {
    kind: 'chart',
    form,
    title: random.pick(titles),
    measure: '',
    unit: form === 'pie' ? '%' : '',
    labels,
    values,
    printed: named ? 'label' : 'mark',
  };
}

const span = (high: number): number[] => Array.from({ length: high - 4 }, (_, index) => index + 5);

function sharesOf(random: Random, count: number): number[] {
  for (;;) {
    const parts = Array.from({ length: count - 1 }, () => random.int(4, Math.floor(150 / count)));
    const last = 100 - parts.reduce((sum, part) => sum + part, 0);
    if (last >= 4 && new Set([...parts, last]).size === count) return [...parts, last];
  }
}

/** `ask`: which values it rests on, and what is right. */
type Asked = {
  readonly at: readonly number[];
  readonly values: Record<string, string>;
  readonly truth: Made['truth'];
};

const row = (
  count: number,
  heldout: readonly string[],
  dev: readonly string[],
  named: boolean,
  ask: (chart: Chart, random: Random) => Asked | undefined,
): Row => ({
  count,
  heldout,
  dev,
  make: (setting) => {
    const chart = chartOf(setting, named);
    if (new Set(chart.labels).size < chart.labels.length) return undefined;
    const asked = ask(chart, setting.random);
    if (!asked) return undefined;
    const needed = asked.at.map((at) => [printedValue(chart, chart.values[at] ?? 0)]);
    return { images: [drawn(chart, setting)], values: asked.values, truth: asked.truth, needed };
  },
});

const all = ({ values }: Chart): number[] => values.map((_, at) => at);
const rank = ({ values }: Chart): number[] =>
  all({ values } as Chart).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
const two = (chart: Chart, random: Random): [number, number] =>
  random.sample(rank(chart), 2) as [number, number];

// biome-ignore format: wordings
export const charts: Readonly<Record<string, Row>> = {
  'chart-value': row(8, ['What figure does the chart give {x}?', 'Tell me the reading for {x}.', 'Where does {x} stand in this chart?'], ['What is the value of {x}?'], true,
    (chart, random) => { const at = random.pick(all(chart)); return { at: [at], values: { x: chart.labels[at] ?? '' }, truth: number(chart.values[at] ?? 0) }; }),
  'chart-gap': row(6, ['How big is the lead of {x} over {y}?', 'By what figure do {x} and {y} diverge?', 'By what margin is {x} ahead of {y}?'], ['How much more is {x} than {y}?'], true,
    (chart, random) => { const [p, q] = two(chart, random); const [x, y] = (chart.values[p] ?? 0) > (chart.values[q] ?? 0) ? [p, q] : [q, p]; return { at: [x, y], values: { x: chart.labels[x] ?? '', y: chart.labels[y] ?? '' }, truth: number((chart.values[x] ?? 0) - (chart.values[y] ?? 0)) }; }),
  'chart-top': row(6, ['Who or what tops the chart?', 'Name the entry with the greatest figure.', 'Which name stands out as the largest?'], ['Which is the highest?'], true,
    (chart) => { const [best = 0] = rank(chart); return { at: [best], values: {}, truth: text(chart.labels[best] ?? '') }; }),
  'chart-second': row(4, ['Which entry takes second place?', 'Who is runner-up in this chart?'], ['Which is the second highest?'], true,
    (chart) => { const [, second = 0] = rank(chart); const name = chart.labels[second] ?? ''; return { at: all(chart), values: {}, truth: choice(name, ...chart.labels.filter((label) => label !== name)) }; }),
  'chart-total': row(6, ['What do the printed figures make in all?', 'Sum up every figure of the chart.', 'Taking all of it together, how many are there?'], ['What is the total of all values?'], false,
    (chart) => ({ at: all(chart), values: {}, truth: number(chart.values.reduce((sum, value) => sum + value, 0)) })),
  'chart-least': row(4, ['How low does it get?', 'Give the least of the figures.', 'What is the bottom figure here?'], ['What is the lowest value?'], false,
    (chart) => ({ at: all(chart), values: {}, truth: number(Math.min(...chart.values)) })),
};
