/** Draws a laid-out page: paper, grid, rules, text, wear. */
import type { PathCommand } from 'opentype.js';
import type { Random } from '#training/random';
import {
  BODY,
  border,
  type Drawing,
  ellipse,
  type Point,
  polygon,
  rectangle,
  roundedRectangle,
  type Shape,
} from './drawing.ts';
import type { PageLayout, PlacedRow, PlacedText } from './layout.ts';
import type { Palette, Style } from './styles.ts';

/** `outline` is the shape of the page itself, which casts the shadow. */
export type Page = Drawing & { readonly outline: readonly PathCommand[] };

export function drawPage(layout: PageLayout, style: Style, palette: Palette, random: Random): Page {
  const { width, height } = layout;
  const outline = outlineOf(layout, style);
  const shapes: Shape[] = [
    { commands: outline, fill: palette.paper },
    ...groundOf(layout, style, palette),
    ...frameOf(layout, style, palette),
    ...gridOf(layout, style, palette),
    ...layout.rows.flatMap((row) => rulesOf(row, layout, style, palette)),
    ...(random.chance(style.leaders ?? 0) ? layout.rows.map((row) => leadersOf(row, palette)) : []),
    ...textsOf(layout, palette, random),
    ...(style.worn ? wearOf(layout, palette, random) : []),
  ];
  return { width, height, shapes, outline };
}

function outlineOf({ width, height }: PageLayout, style: Style): PathCommand[] {
  if (style.edge === 'rounded') return roundedRectangle(width, height, Math.min(BODY, height / 8));
  if (style.edge !== 'zigzag') return rectangle(0, 0, width, height);
  const teeth = Math.round(width / (BODY * 0.4));
  const bottom = Array.from({ length: teeth * 2 + 1 }, (_, index): Point => {
    return [width - (width * index) / (teeth * 2), height - (index % 2) * BODY * 0.2];
  });
  return polygon([[0, 0], [width, 0], ...bottom]);
}

function groundOf({ width, height, margin, pitch }: PageLayout, style: Style, palette: Palette): Shape[] {
  if (!style.ground || style.ground === 'plain') return [];
  const step = style.ground === 'lined' ? pitch * BODY : BODY * 0.9;
  const lines: PathCommand[] = [];
  for (let y = margin + step; y < height - BODY / 2; y += step)
    lines.push(...rectangle(0, y, width, y + 0.9));
  if (style.ground === 'squared') {
    for (let x = step; x < width; x += step) lines.push(...rectangle(x, 0, x + 0.9, height));
  }
  return [{ commands: lines, fill: palette.accent, opacity: 0.7 }];
}

function frameOf({ width, height, margin }: PageLayout, style: Style, palette: Palette): Shape[] {
  const inset = Math.min(margin * 0.35, BODY * 0.8);
  switch (style.frame ?? 'none') {
    case 'none':
      return [];
    case 'border':
      return [{ commands: border(width, height, inset, 1.6), fill: palette.accent }];
    case 'double':
      return [
        {
          commands: [...border(width, height, inset, 1.8), ...border(width, height, inset + 4, 0.9)],
          fill: palette.accent,
        },
      ];
    case 'wood':
      return [{ commands: border(width, height, 0, BODY * 0.6), fill: '#7a5230' }];
    case 'band':
      return [
        { commands: rectangle(0, 0, width, inset), fill: palette.accent },
        { commands: rectangle(0, height - inset, width, height), fill: palette.accent },
      ];
  }
}

function gridOf(layout: PageLayout, style: Style, palette: Palette): Shape[] {
  const { columnEdges, rows } = layout;
  const body = rows.filter(({ row }) => row.cells.length > 1);
  const [first, last] = [body[0], body.at(-1)];
  const left = columnEdges[0] ?? layout.margin * 0.7;
  const right = columnEdges.at(-1) ?? layout.width - layout.margin * 0.7;
  if (!style.grid || !first || !last) return [];
  const fill = palette.accent;
  const across = [...body.map(({ top }) => top), last.bottom].flatMap((y) =>
    rectangle(left, y - 0.6, right, y + 0.6),
  );
  switch (style.grid) {
    case 'lines': {
      const down = columnEdges.flatMap((x) => rectangle(x - 0.6, first.top, x + 0.6, last.bottom));
      return [{ commands: [...across, ...down], fill }];
    }
    case 'rows':
      return [{ commands: across, fill, opacity: 0.6 }];
    case 'zebra': {
      const bands = body.filter((_, index) => index % 2 === 1);
      return [
        {
          commands: bands.flatMap((row) => rectangle(left, row.top, right, row.bottom)),
          fill,
          opacity: 0.14,
        },
      ];
    }
    case 'header':
      return [
        { commands: rectangle(left, first.top, right, first.bottom), fill, opacity: 0.22 },
        { commands: rectangle(left, last.bottom, right, last.bottom + 1.4), fill },
      ];
  }
}

function rulesOf(row: PlacedRow, layout: PageLayout, style: Style, palette: Palette): Shape[] {
  if (row.ruleAt === undefined) return [];
  const y = row.ruleAt;
  const [left, right] = [layout.margin, layout.width - layout.margin];
  const dash = style.rule === 'dashed' ? BODY * 0.45 : BODY * 0.14;
  const pieces: PathCommand[] = [];
  if (style.rule === 'solid' || style.rule === 'double')
    pieces.push(...rectangle(left, y - 0.7, right, y + 0.7));
  else
    for (let x = left; x < right - dash; x += dash * 1.9)
      pieces.push(...rectangle(x, y - 0.7, x + dash, y + 0.7));
  if (style.rule === 'double') pieces.push(...rectangle(left, y + 2.6, right, y + 4));
  return [{ commands: pieces, fill: palette.ink, opacity: 0.85 }];
}

function leadersOf({ texts }: PlacedRow, palette: Palette): Shape {
  const [before, last] = [texts.at(-2), texts.at(-1)];
  const dots: PathCommand[] = [];
  if (before && last) {
    const end = last.left - BODY * 0.4;
    for (let x = before.right + BODY * 0.4; x < end; x += BODY * 0.38)
      dots.push(...ellipse(x, last.baseline - 1, 1, 1));
  }
  return { commands: dots, fill: palette.ink, opacity: 0.8 };
}

function textsOf(layout: PageLayout, palette: Palette, random: Random): Shape[] {
  const accentHeadings = random.chance(0.4) && contrastOf(palette.accent, palette.paper) > HEADING_CONTRAST;
  const inks = new Map<string, PathCommand[]>();
  for (const text of layout.rows.flatMap((row) => row.texts)) {
    const fill = text.heading && accentHeadings ? palette.accent : palette.ink;
    const commands = inks.get(fill) ?? [];
    commands.push(...outlineText(text, layout.tracking));
    inks.set(fill, commands);
  }
  return [...inks].map(([fill, commands]) => ({ commands, fill }));
}

/** Least difference of lightness (0..1) at which a heading may take the accent colour. */
const HEADING_CONTRAST = 0.35;

function contrastOf(first: string, second: string): number {
  return Math.abs(lightnessOf(first) - lightnessOf(second));
}

/** Rec. 601 luma of `#rrggbb`, 0..1. */
function lightnessOf(color: string): number {
  const value = Number.parseInt(color.slice(1), 16);
  return (0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255)) / 255;
}

/** The glyphs of a placed text in page units. */
export function outlineText(
  { text, face, size, left, baseline }: PlacedText,
  tracking: number,
): PathCommand[] {
  const characters = [...text];
  const commands: PathCommand[] = [];
  let x = left;
  for (const [index, character] of characters.entries()) {
    const glyph = face.glyph(character);
    for (const command of glyph.commands) commands.push(placeCommand(command, x, baseline, size));
    const next = characters[index + 1];
    x += (glyph.advance + (next === undefined ? 0 : face.kerning(character, next) + tracking)) * size;
  }
  return commands;
}

function placeCommand(command: PathCommand, x: number, y: number, size: number): PathCommand {
  switch (command.type) {
    case 'Z':
      return command;
    case 'M':
    case 'L':
      return { type: command.type, x: x + command.x * size, y: y + command.y * size };
    case 'Q':
      return {
        type: 'Q',
        x: x + command.x * size,
        y: y + command.y * size,
        x1: x + command.x1 * size,
        y1: y + command.y1 * size,
      };
    case 'C':
      return {
        type: 'C',
        x: x + command.x * size,
        y: y + command.y * size,
        x1: x + command.x1 * size,
        y1: y + command.y1 * size,
        x2: x + command.x2 * size,
        y2: y + command.y2 * size,
      };
  }
}

/** Pale print down one side and one or two fold lines. */
function wearOf({ width, height }: PageLayout, palette: Palette, random: Random): Shape[] {
  const shapes: Shape[] = [];
  if (random.chance(0.5)) {
    const from = random.chance(0.5) ? 0 : width;
    const depth = 0.15 + 0.3 * random.next();
    const stops = [
      [0, palette.paper, depth],
      [0.6, palette.paper, 0],
    ] as const;
    shapes.push({
      commands: rectangle(0, 0, width, height),
      fill: { from: [from, 0], to: [width - from, height * 0.3], stops },
    });
  }
  for (let folds = random.int(0, 2); folds > 0; folds--) {
    const y = height * (0.15 + 0.7 * random.next());
    const half = BODY * (0.3 + 0.7 * random.next());
    const depth = 0.08 + 0.14 * random.next();
    const stops = [
      [0, '#000000', 0],
      [0.48, '#000000', depth],
      [0.52, '#ffffff', depth],
      [1, '#ffffff', 0],
    ] as const;
    shapes.push({
      commands: rectangle(0, y - half, width, y + half),
      fill: { from: [0, y - half], to: [0, y + half], stops },
    });
  }
  return shapes;
}
