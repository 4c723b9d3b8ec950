/** What a page lies on or a board hangs on: colour fields, drawn coarse and scaled up. */
import sharp from 'sharp';
import type { Random } from '#training/random';
import type { Split } from './fonts.ts';

export type SurfaceRole = 'desk' | 'wall';

type Color = readonly [red: number, green: number, blue: number];
/** Brightness factor around 1 at a point given in units of the image's shorter side. */
type Field = (x: number, y: number) => number;

type SurfaceRow = {
  readonly role: SurfaceRole;
  readonly split: Split;
  readonly colors: readonly Color[];
  readonly field: (random: Random) => Field;
};

// biome-ignore format: one line a surface
const surfaces = {
  wood: { role: 'desk', split: 'train', colors: [[150, 104, 66], [186, 140, 92], [92, 62, 42]], field: planks },
  linen: { role: 'desk', split: 'train', colors: [[206, 200, 188], [122, 136, 150], [168, 90, 84]], field: weave },
  desk: { role: 'desk', split: 'train', colors: [[70, 74, 80], [222, 222, 218], [48, 46, 46]], field: plain },
  granite: { role: 'desk', split: 'train', colors: [[118, 116, 114], [66, 66, 70], [176, 168, 160]], field: speckle },
  plaster: { role: 'wall', split: 'train', colors: [[214, 208, 198], [186, 192, 196], [224, 206, 176]], field: plain },
  brick: { role: 'wall', split: 'train', colors: [[150, 82, 66], [190, 180, 170], [120, 92, 80]], field: bricks },
  marble: { role: 'desk', split: 'heldout', colors: [[226, 224, 222], [60, 70, 68], [204, 190, 178]], field: veins },
  leather: { role: 'desk', split: 'heldout', colors: [[84, 52, 36], [40, 38, 40], [120, 40, 36]], field: speckle },
  bamboo: { role: 'desk', split: 'heldout', colors: [[206, 170, 112], [170, 140, 84]], field: slats },
  tile: { role: 'wall', split: 'heldout', colors: [[220, 226, 226], [150, 178, 186], [232, 222, 200]], field: tiles },
  concrete: { role: 'wall', split: 'heldout', colors: [[150, 150, 148], [110, 114, 116], [188, 184, 176]], field: veins },
} as const satisfies Record<string, SurfaceRow>;

export type SurfaceName = keyof typeof surfaces;
export const surfaceTable: Readonly<Record<SurfaceName, SurfaceRow>> = surfaces;

export function surfacesFor(role: SurfaceRole, split: Split): SurfaceName[] {
  return (Object.keys(surfaces) as SurfaceName[]).filter(
    (name) => surfaceTable[name].role === role && surfaceTable[name].split === split,
  );
}

/** Draws a surface of `width` x `height` pixels as raw RGB. */
export async function drawSurface(
  name: SurfaceName,
  width: number,
  height: number,
  random: Random,
): Promise<Buffer> {
  const row = surfaceTable[name];
  const [red, green, blue] = random.pick(row.colors);
  const field = row.field(random);
  const [columns, lines] = [Math.ceil(width / 3), Math.ceil(height / 3)];
  const unit = Math.min(columns, lines);
  const pixels = Buffer.alloc(columns * lines * 3);
  for (let y = 0, at = 0; y < lines; y++) {
    for (let x = 0; x < columns; x++, at += 3) {
      const factor = field(x / unit, y / unit);
      pixels[at] = Math.min(255, red * factor);
      pixels[at + 1] = Math.min(255, green * factor);
      pixels[at + 2] = Math.min(255, blue * factor);
    }
  }
  return sharp(pixels, { raw: { width: columns, height: lines, channels: 3 } })
    .resize(width, height, { kernel: 'cubic', fit: 'fill' })
    .raw()
    .toBuffer();
}

/** Smooth random field in -1..1 with `cells` bumps per unit in each direction. */
export function valueNoise(random: Random, cellsX: number, cellsY: number): Field {
  const size = 64;
  const grid = Float32Array.from({ length: size * size }, () => random.next() * 2 - 1);
  return (x, y) => {
    const [gx, gy] = [x * cellsX, y * cellsY];
    const [left, top] = [Math.floor(gx), Math.floor(gy)];
    const [fx, fy] = [smooth(gx - left), smooth(gy - top)];
    const at = (column: number, line: number): number =>
      grid[(line & (size - 1)) * size + (column & (size - 1))] ?? 0;
    const upper = at(left, top) + (at(left + 1, top) - at(left, top)) * fx;
    const lower = at(left, top + 1) + (at(left + 1, top + 1) - at(left, top + 1)) * fx;
    return upper + (lower - upper) * fy;
  };
}

function smooth(fraction: number): number {
  return fraction * fraction * (3 - 2 * fraction);
}

function plain(random: Random): Field {
  const broad = valueNoise(random, 2, 2);
  const fine = valueNoise(random, 60, 60);
  return (x, y) => 1 + 0.06 * broad(x, y) + 0.02 * fine(x, y);
}

function planks(random: Random): Field {
  const width = 0.18 + random.next() * 0.25;
  const grain = valueNoise(random, 3, 70);
  const broad = valueNoise(random, 1.5, 8);
  return (x, y) => {
    const plank = Math.floor(y / width);
    const seam = Math.abs(y / width - plank - 0.5) > 0.485 ? 0.55 : 1;
    return seam * (1 + 0.12 * grain(x + plank * 1.7, y) + 0.12 * broad(x + plank * 3.1, plank * 5));
  };
}

function slats(random: Random): Field {
  const width = 0.03 + random.next() * 0.03;
  const tone = valueNoise(random, 1, 9);
  return (x, y) => {
    const position = x / width - Math.floor(x / width);
    return (position < 0.08 ? 0.6 : 0.92 + 0.16 * Math.sin(position * Math.PI)) * (1 + 0.1 * tone(x * 20, y));
  };
}

function weave(random: Random): Field {
  const threads = 90 + random.next() * 80;
  const broad = valueNoise(random, 3, 3);
  return (x, y) =>
    1 + 0.05 * Math.sin(x * threads) + 0.05 * Math.sin(y * threads * 1.03) + 0.06 * broad(x, y);
}

function speckle(random: Random): Field {
  const fine = valueNoise(random, 130, 130);
  const middle = valueNoise(random, 30, 30);
  return (x, y) => 1 + 0.16 * fine(x, y) + 0.08 * middle(x, y);
}

function veins(random: Random): Field {
  const broad = valueNoise(random, 3, 3);
  const middle = valueNoise(random, 9, 9);
  const fine = valueNoise(random, 50, 50);
  return (x, y) => {
    const wave = Math.abs(Math.sin((x + y * 0.6) * 5 + 3 * broad(x, y) + 1.2 * middle(x, y)));
    return 1.02 - 0.16 * Math.max(0, 1 - wave * 3) + 0.05 * broad(x, y) + 0.03 * fine(x, y);
  };
}

function bricks(random: Random): Field {
  const height = 0.07 + random.next() * 0.05;
  const tone = valueNoise(random, 1, 1);
  const fine = valueNoise(random, 60, 60);
  return (x, y) => {
    const course = Math.floor(y / height);
    const along = x / (height * 2.6) + (course % 2) * 0.5;
    const joint = y / height - course < 0.1 || along - Math.floor(along) < 0.04;
    return (joint ? 1.3 : 1 + 0.14 * tone(Math.floor(along) * 1.37, course * 1.71)) + 0.05 * fine(x, y);
  };
}

function tiles(random: Random): Field {
  const size = 0.12 + random.next() * 0.15;
  const tone = valueNoise(random, 1, 1);
  return (x, y) => {
    const [column, line] = [Math.floor(x / size), Math.floor(y / size)];
    const joint = x / size - column < 0.03 || y / size - line < 0.03;
    return joint ? 0.72 : 1 + 0.04 * tone(column * 1.31, line * 1.77);
  };
}
