/** Draws charts as pages: print, marks and rules in the fonts and colours of a split. */
import type { PathCommand } from 'opentype.js';
import type { Random } from '../random.ts';
import { BODY, type Point, polygon, rectangle, type Shape } from '../render/drawing.ts';
import { type FontFamily, type FontRole, familiesFor, openFace, type Split } from '../render/fonts.ts';
import { textWidth } from '../render/layout.ts';
import { outlineText, type Page } from '../render/page.ts';
import { pathData as warpedPath } from '../render/warp.ts';
import { layoutChart, type Mark, type PlacedWord } from './chart-layout.ts';
import type { Chart } from './picture.ts';

type ChartStyle = {
  readonly split: Split;
  readonly fonts: readonly FontRole[];
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
  readonly tones: readonly string[];
};

// biome-ignore format: one line a style
const styles: readonly ChartStyle[] = [
  { split: 'train', fonts: ['sans', 'condensed'], paper: '#ffffff', ink: '#222222', faint: '#d8d8d8', tones: ['#4c78a8', '#f58518', '#54a24b', '#e45756', '#72b7b2', '#b279a2'] },
  { split: 'train', fonts: ['serif', 'slab'], paper: '#fbf8f0', ink: '#2a2320', faint: '#ddd3c2', tones: ['#8c564b', '#2f6f73', '#c58b2a', '#5b7553', '#9a3b3b', '#55557f'] },
  { split: 'train', fonts: ['rounded', 'mono'], paper: '#1d2430', ink: '#e8ecf2', faint: '#3a4454', tones: ['#5ab0ff', '#ffb454', '#7ee081', '#ff7a90', '#c792ea', '#80deea'] },
  { split: 'heldout', fonts: ['sans', 'condensed'], paper: '#f4f6f8', ink: '#1c2733', faint: '#cfd6de', tones: ['#00798c', '#d1495b', '#edae49', '#66a182', '#2e4057', '#8d96a3'] },
  { split: 'heldout', fonts: ['serif', 'rounded', 'slab'], paper: '#fffdf7', ink: '#33272a', faint: '#e3d9cf', tones: ['#594f8d', '#b4656f', '#c2a83e', '#4e8098', '#90a955', '#6f4e37'] },
];

export type ChartPage = { readonly page: Page; readonly family: FontFamily };

export function chartPage(chart: Chart, split: Split, random: Random): ChartPage {
  const style = random.pick(styles.filter((one) => one.split === split));
  const family = random.pick(familiesFor(split, style.fonts));
  const { width, height, marks, words } = layoutChart(chart);
  const outline = rectangle(0, 0, width, height);
  const print = words.flatMap((word) => wordPath(word, family));
  const shapes: Shape[] = [
    { commands: outline, fill: style.paper },
    ...marks.map((mark) => markShape(mark, style, chart.form === 'line')),
    { commands: print, fill: style.ink },
  ];
  return { family, page: { width, height, shapes, outline } };
}

function markShape(mark: Mark, style: ChartStyle, isLine: boolean): Shape {
  if (mark.form === 'area')
    return { commands: polygon(mark.points), fill: style.tones[mark.tone % style.tones.length] as string };
  const fill = mark.faint ? style.faint : isLine ? (style.tones[0] as string) : style.ink;
  return { commands: strip(mark.from, mark.to, mark.faint ? 0.7 : 1.4), fill };
}

function strip([x0, y0]: Point, [x1, y1]: Point, half: number): PathCommand[] {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [dx, dy] = [((y1 - y0) / length) * half, ((x0 - x1) / length) * half];
  return polygon([
    [x0 + dx, y0 + dy],
    [x1 + dx, y1 + dy],
    [x1 - dx, y1 - dy],
    [x0 - dx, y0 - dy],
  ]);
}

function wordPath({ text, x, y, anchor, size, bold = false }: PlacedWord, family: FontFamily): PathCommand[] {
  return textPath(text, family, { x, y, size: size * BODY, anchor, bold });
}

/** Glyphs of a text whose base line starts, has its middle or ends at a point. */
export function textPath(
  text: string,
  family: FontFamily,
  at: {
    readonly x: number;
    readonly y: number;
    readonly size: number;
    readonly anchor: PlacedWord['anchor'];
    readonly bold: boolean;
  },
): PathCommand[] {
  const face = openFace(family, at.bold);
  const width = textWidth(text, face, at.size, 0);
  const start = at.x - { start: 0, middle: width / 2, end: width }[at.anchor];
  return outlineText(
    { text, face, size: at.size, left: start, right: start + width, baseline: at.y, heading: false },
    0,
  );
}

/** As the `d` of an SVG path. */
export function pathData(commands: readonly PathCommand[]): string {
  const identity = { map: (x: number, y: number): Point => [x, y] };
  return warpedPath(commands, identity);
}
