/** Pictures with nothing to read: scenery, things on a table, an empty page. */
import type { Random } from '#training/random';
import { type Drawing, ellipse, type Point, polygon, rectangle, type Shape } from './drawing.ts';
import type { Split } from './fonts.ts';
import type { Page } from './page.ts';

type Drawer = (width: number, height: number, random: Random) => Shape[];

const drawers = {
  landscape: { split: 'train', draw: landscape },
  shapes: { split: 'train', draw: discs },
  'empty-page': { split: 'train', draw: emptyPage },
  sky: { split: 'train', draw: sky },
  table: { split: 'heldout', draw: tableTop },
  shelf: { split: 'heldout', draw: shelf },
  window: { split: 'heldout', draw: window },
} as const satisfies Record<string, { split: Split; draw: Drawer }>;

export type BlankName = keyof typeof drawers;

export function drawBlank(split: Split, random: Random, name?: BlankName): Page {
  const names = (Object.keys(drawers) as BlankName[]).filter((key) => drawers[key].split === split);
  const [width, height] = random.chance(0.5) ? [800, 600] : [600, 800];
  const drawing: Drawing = {
    width,
    height,
    shapes: drawers[name ?? random.pick(names)].draw(width, height, random),
  };
  return { ...drawing, outline: rectangle(0, 0, width, height) };
}

const within = (random: Random, low: number, high: number): number => low + (high - low) * random.next();

function tone(random: Random, hue: number, saturation: number, lightness: number): string {
  const jitter = (value: number, by: number): number => Math.round(value + within(random, -by, by));
  return `hsl(${jitter(hue, 12)},${jitter(saturation, 8)}%,${jitter(lightness, 6)}%)`;
}

function gradient(width: number, height: number, top: string, bottom: string): Shape {
  return {
    commands: rectangle(0, 0, width, height),
    fill: {
      from: [0, 0],
      to: [0, height],
      stops: [
        [0, top, 1],
        [1, bottom, 1],
      ],
    },
  };
}

function sky(width: number, height: number, random: Random): Shape[] {
  const clouds = Array.from({ length: random.int(2, 6) }, (): Shape[] => {
    const [x, y] = [within(random, 0, width), within(random, height * 0.1, height * 0.8)];
    return Array.from({ length: random.int(3, 6) }, () => ({
      commands: ellipse(
        x + within(random, -90, 90),
        y + within(random, -15, 15),
        within(random, 40, 100),
        within(random, 18, 45),
      ),
      fill: '#ffffff',
      opacity: 0.35,
    }));
  });
  return [gradient(width, height, tone(random, 210, 55, 55), tone(random, 205, 50, 82)), ...clouds.flat()];
}

function landscape(width: number, height: number, random: Random): Shape[] {
  const hills = Array.from({ length: 4 }, (_, index): Shape => {
    const base = height * (0.45 + index * 0.14);
    const [phase, waves, swing] = [within(random, 0, 6), within(random, 1, 3), within(random, 15, 50)];
    const ridge = Array.from({ length: 41 }, (_, step): Point => {
      return [(width * step) / 40, base + swing * Math.sin(phase + (waves * step * Math.PI) / 20)];
    });
    return {
      commands: polygon([[0, height], ...ridge, [width, height]]),
      fill: tone(random, 110 + index * 8, 30, 55 - index * 9),
    };
  });
  const sun: Shape = {
    commands: ellipse(within(random, 100, width - 100), height * 0.2, 38, 38),
    fill: '#fff2c4',
  };
  return [...sky(width, height, random), sun, ...hills];
}

function discs(width: number, height: number, random: Random): Shape[] {
  const blobs = Array.from({ length: random.int(4, 9) }, (): Shape => {
    const [x, y, radius] = [within(random, 0, width), within(random, 0, height), within(random, 30, 170)];
    const commands = random.chance(0.5)
      ? ellipse(x, y, radius, radius * within(random, 0.6, 1))
      : polygon([
          [x, y - radius],
          [x + radius, y + radius * 0.7],
          [x - radius * 0.8, y + radius],
        ]);
    return { commands, fill: tone(random, within(random, 0, 360), 45, 55), opacity: 0.9 };
  });
  return [gradient(width, height, tone(random, 40, 20, 80), tone(random, 200, 20, 65)), ...blobs];
}

function emptyPage(width: number, height: number, random: Random): Shape[] {
  const inset = within(random, 90, 130);
  return [
    gradient(width, height, tone(random, 28, 35, 40), tone(random, 28, 35, 30)),
    {
      commands: rectangle(inset + 8, inset + 10, width - inset + 8, height - inset + 10),
      fill: '#000000',
      opacity: 0.2,
    },
    { commands: rectangle(inset, inset, width - inset, height - inset), fill: '#f7f6f2' },
  ];
}

function tableTop(width: number, height: number, random: Random): Shape[] {
  const [x, y, radius] = [
    width * within(random, 0.35, 0.65),
    height * within(random, 0.35, 0.65),
    within(random, 90, 130),
  ];
  const [drink, plate] = [tone(random, 25, 45, 25), tone(random, within(random, 0, 360), 12, 88)];
  const ring = (size: number, fill: string, dx = 0, dy = 0, opacity = 1): Shape => ({
    commands: ellipse(x + dx, y + dy, radius * size, radius * size * 0.96),
    fill,
    opacity,
  });
  const handle: Shape = {
    commands: ellipse(x + radius * 0.95, y + radius * 0.35, radius * 0.28, radius * 0.2),
    fill: plate,
  };
  const spoon: Shape[] = [
    {
      commands: polygon([
        [x - radius * 2.1, y - 60],
        [x - radius * 2.02, y - 62],
        [x - radius * 1.75, y + 150],
        [x - radius * 1.87, y + 152],
      ]),
      fill: '#b9bcc2',
    },
    { commands: ellipse(x - radius * 2.08, y - 85, 20, 32), fill: '#c9ccd2' },
  ];
  return [
    gradient(width, height, tone(random, 30, 38, 48), tone(random, 28, 38, 36)),
    ring(1.55, '#000000', 10, 14, 0.18),
    ring(1.5, plate),
    ring(1.1, '#ffffff', 0, 0, 0.5),
    ring(0.98, '#000000', 6, 8, 0.2),
    handle,
    ring(0.92, plate),
    ring(0.8, drink),
    ring(0.45, '#e8d2b0', -radius * 0.1, radius * 0.05, 0.6),
    ...spoon,
  ];
}

function shelf(width: number, height: number, random: Random): Shape[] {
  const shapes: Shape[] = [gradient(width, height, tone(random, 35, 20, 75), tone(random, 35, 20, 60))];
  const boards = 3;
  for (let board = 1; board <= boards; board++) {
    const base = (height * board) / boards - 25;
    for (let x = 50; x < width - 80; ) {
      const [thick, tall] = [within(random, 16, 46), within(random, 90, height / boards - 55)];
      if (random.chance(0.85)) {
        shapes.push({
          commands: rectangle(x, base - tall, x + thick, base),
          fill: tone(random, within(random, 0, 360), 35, 42),
        });
        shapes.push({
          commands: rectangle(x, base - tall * 0.85, x + thick, base - tall * 0.8),
          fill: '#e6d9a8',
          opacity: 0.5,
        });
      }
      x += thick + 2;
    }
    shapes.push({ commands: rectangle(0, base, width, base + 16), fill: tone(random, 25, 40, 34) });
  }
  return shapes;
}

function window(width: number, height: number, random: Random): Shape[] {
  const [left, top, right, bottom] = [width * 0.22, height * 0.15, width * 0.78, height * 0.7];
  const leaves = Array.from({ length: 14 }, (_, index): Shape => {
    const angle = (index / 14) * Math.PI;
    return {
      commands: ellipse(
        width * 0.5 + Math.cos(angle) * 70,
        height * 0.74 - Math.sin(angle) * within(random, 50, 100),
        26,
        14,
      ),
      fill: tone(random, 120, 40, 34),
    };
  });
  const pot = polygon([
    [width * 0.42, height * 0.75],
    [width * 0.58, height * 0.75],
    [width * 0.55, height * 0.9],
    [width * 0.45, height * 0.9],
  ]);
  return [
    gradient(width, height, tone(random, 45, 25, 78), tone(random, 40, 22, 64)),
    { commands: rectangle(left - 16, top - 16, right + 16, bottom + 16), fill: '#f4f1ea' },
    {
      commands: rectangle(left, top, right, bottom),
      fill: {
        from: [left, top],
        to: [left, bottom],
        stops: [
          [0, '#8fb8de', 1],
          [1, '#dcebf5', 1],
        ],
      },
    },
    { commands: rectangle(width / 2 - 7, top, width / 2 + 7, bottom), fill: '#f4f1ea' },
    { commands: rectangle(left, (top + bottom) / 2 - 7, right, (top + bottom) / 2 + 7), fill: '#f4f1ea' },
    ...leaves,
    { commands: pot, fill: tone(random, 18, 50, 42) },
  ];
}
