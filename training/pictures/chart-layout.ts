/** Where the marks and texts of a chart stand, in page units (body text is BODY high); no font is needed. */
import { BODY, type Point } from '../render/drawing.ts';
import { left, type Row } from '../scenes/scene.ts';
import type { Chart, ChartForm } from './picture.ts';

export type PlacedWord = {
  readonly text: string;
  readonly x: number;
  /** Base line. */
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
  /** Relative to BODY. */
  readonly size: number;
  readonly bold?: boolean;
};

export type Mark =
  | { readonly form: 'area'; readonly points: readonly Point[]; readonly tone: number }
  | { readonly form: 'rule'; readonly from: Point; readonly to: Point; readonly faint: boolean };

export type ChartLayout = {
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
  readonly words: readonly PlacedWord[];
};

const TITLE = 1.35;
const PLOT_TOP = 78;
const EDGE = 34;

/** A round step, 3 to 6 of which cover `most`. */
export function axisOf(most: number): { readonly step: number; readonly top: number } {
  const rough = most / 4.5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return { step, top: Math.ceil(most / step - 1e-9) * step };
}

export const printedValue = ({ unit }: Pick<Chart, 'unit'>, value: number): string => `${value}${unit}`;

export function layoutChart(chart: Chart): ChartLayout {
  const made = layouts[chart.form](chart);
  const title: PlacedWord = {
    text: chart.title,
    x: made.width / 2,
    y: 38,
    anchor: 'middle',
    size: TITLE,
    bold: true,
  };
  return { ...made, words: [...(chart.title === '' ? [] : [title]), ...made.words] };
}

const layouts: Readonly<Record<ChartForm, (chart: Chart) => ChartLayout>> = {
  bars: layoutBars,
  columns: (chart) => layoutUpright(chart, columnMarks),
  line: (chart) => layoutUpright(chart, lineMarks),
  pie: layoutPie,
};

const box = (x0: number, y0: number, x1: number, y1: number, tone: number): Mark => ({
  form: 'area',
  tone,
  points: [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ],
});

/** One row a mark: its name, its bar, its value behind it. */
function layoutBars(chart: Chart): ChartLayout {
  const { labels, values, printed } = chart;
  const names = Math.max(...labels.map(({ length }) => length)) * BODY * 0.62 + 16;
  const [from, to, pitch] = [EDGE + names, EDGE + names + 300, 36];
  const { step, top } = axisOf(Math.max(...values));
  const at = (value: number): number => from + ((to - from) * value) / top;
  const bottom = PLOT_TOP + pitch * labels.length;
  const words: PlacedWord[] = [];
  const marks: Mark[] = [];
  for (const [index, label] of labels.entries()) {
    const [y, value] = [PLOT_TOP + pitch * index, values[index] ?? 0];
    marks.push(box(from, y + 6, at(value), y + pitch - 6, index));
    words.push({ text: label, x: from - 10, y: y + 24, anchor: 'end', size: 1 });
    if (printed !== 'axis')
      words.push({
        text: printedValue(chart, value),
        x: at(value) + 8,
        y: y + 24,
        anchor: 'start',
        size: 0.95,
      });
  }
  if (printed === 'axis')
    for (let tick = 0; tick <= top + 1e-9; tick += step) {
      marks.unshift({ form: 'rule', from: [at(tick), PLOT_TOP], to: [at(tick), bottom], faint: true });
      words.push({
        text: printedValue(chart, tidy(tick)),
        x: at(tick),
        y: bottom + 24,
        anchor: 'middle',
        size: 0.9,
      });
    }
  marks.push({ form: 'rule', from: [from, PLOT_TOP], to: [from, bottom], faint: false });
  if (chart.measure !== '')
    words.push({ text: chart.measure, x: (from + to) / 2, y: bottom + 52, anchor: 'middle', size: 0.9 });
  return { width: to + 90, height: bottom + 76, marks, words };
}

type Plot = {
  readonly from: number;
  readonly pitch: number;
  readonly bottom: number;
  at(value: number): number;
};

function columnMarks({ values }: Chart, { from, pitch, bottom, at }: Plot): Mark[] {
  return values.map((value, index) => {
    const x = from + pitch * index;
    return box(x + pitch * 0.2, at(value), x + pitch * 0.8, bottom, index);
  });
}

function lineMarks({ values }: Chart, { from, pitch, at }: Plot): Mark[] {
  const points = values.map((value, index): Point => [from + pitch * (index + 0.5), at(value)]);
  const dots = points.map(([x, y]) => box(x - 4, y - 4, x + 4, y + 4, 0));
  const lines = points
    .slice(1)
    .map((to, index): Mark => ({ form: 'rule', from: points[index] ?? to, to, faint: false }));
  return [...lines, ...dots];
}

function layoutUpright(chart: Chart, marksOf: (chart: Chart, plot: Plot) => Mark[]): ChartLayout {
  const { labels, values, printed, measure } = chart;
  const widest = Math.max(...labels.map(({ length }) => length), 4);
  const pitch = Math.max(64, widest * BODY * 0.62 + 14);
  const from = EDGE + (printed === 'axis' ? 52 : 12);
  const [to, bottom] = [from + pitch * labels.length, PLOT_TOP + 230];
  const { step, top } = axisOf(Math.max(...values));
  const at = (value: number): number => bottom - ((bottom - PLOT_TOP - 22) * value) / top;
  const marks = marksOf(chart, { from, pitch, bottom, at });
  const words: PlacedWord[] = [];
  for (const [index, label] of labels.entries()) {
    const [x, value] = [from + pitch * (index + 0.5), values[index] ?? 0];
    words.push({ text: label, x, y: bottom + 24, anchor: 'middle', size: 1 });
    const text = printedValue(chart, value);
    if (printed === 'label') words.push({ text, x, y: bottom + 52, anchor: 'middle', size: 0.95 });
    if (printed === 'mark') words.push({ text, x, y: at(value) - 8, anchor: 'middle', size: 0.95 });
  }
  if (printed === 'axis')
    for (let tick = 0; tick <= top + 1e-9; tick += step) {
      marks.unshift({ form: 'rule', from: [from, at(tick)], to: [to, at(tick)], faint: true });
      words.push({
        text: printedValue(chart, tidy(tick)),
        x: from - 8,
        y: at(tick) + 7,
        anchor: 'end',
        size: 0.9,
      });
    }
  marks.push({ form: 'rule', from: [from, bottom], to: [to, bottom], faint: false });
  const last = bottom + (printed === 'label' ? 84 : 56);
  if (measure !== '') words.push({ text: measure, x: (from + to) / 2, y: last, anchor: 'middle', size: 0.9 });
  return { width: to + EDGE, height: last + 28, marks, words };
}

/** Slices clockwise from the top; a legend of coloured squares, names and values at the right. */
function layoutPie(chart: Chart): ChartLayout {
  const { labels, values } = chart;
  const sum = values.reduce((total, value) => total + value, 0);
  const [x, y, radius] = [EDGE + 120, PLOT_TOP + 122, 115];
  const marks: Mark[] = [];
  const words: PlacedWord[] = [];
  let start = 0;
  for (const [index, value] of values.entries()) {
    const end = start + value / sum;
    const arc = Array.from({ length: 25 }, (_, step): Point => {
      const angle = (start + ((end - start) * step) / 24) * 2 * Math.PI;
      return [x + radius * Math.sin(angle), y - radius * Math.cos(angle)];
    });
    marks.push({ form: 'area', points: [[x, y], ...arc], tone: index });
    const row = PLOT_TOP + 20 + index * 34;
    marks.push(box(x + radius + 40, row - 14, x + radius + 58, row + 4, index));
    const text = `${labels[index]} ${printedValue(chart, value)}`;
    words.push({ text, x: x + radius + 70, y: row + 2, anchor: 'start', size: 1 });
    start = end;
  }
  const widest = Math.max(...words.map(({ text }) => text.length)) * BODY * 0.62;
  const bottom = Math.max(y + radius, PLOT_TOP + 20 + labels.length * 34) + 20;
  if (chart.measure !== '')
    words.push({ text: chart.measure, x, y: bottom + 16, anchor: 'middle', size: 0.9 });
  return { width: x + radius + 90 + widest + EDGE, height: bottom + 40, marks, words };
}

const tidy = (value: number): number => Math.round(value * 1e6) / 1e6;

/** Base lines closer than this are one row for a reader. */
const SAME_ROW = 8;

/** The texts as rows from top to bottom, as the OCR gives them. */
export function rowsOfChart({ words }: ChartLayout): Row[] {
  const rows: PlacedWord[][] = [];
  for (const word of [...words].sort((a, b) => a.y - b.y || a.x - b.x)) {
    const row = rows.at(-1);
    if (row && word.y - (row[0]?.y ?? 0) < SAME_ROW) row.push(word);
    else rows.push([word]);
  }
  return rows.map((row) => ({ cells: row.sort((a, b) => a.x - b.x).map(({ text }) => left(text)) }));
}
