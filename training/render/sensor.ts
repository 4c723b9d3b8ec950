/** Light and sensor, on raw RGB pixels in place. */
import type { Random } from '#training/random';
import type { Photo } from './photo.ts';
import { valueNoise } from './surfaces.ts';

const GAUSSIANS = 1 << 14;
/** Grey level towards which low contrast pulls. */
const VEIL = 100;

export function expose(pixels: Buffer, width: number, height: number, photo: Photo, random: Random): void {
  const light = lightOf(width, height, photo, random);
  const noise = noiseTable(random);
  const [red, green, blue] = photo.tint;
  const veil = VEIL * (1 - photo.contrast);
  let at = 0;
  for (let y = 0; y < height; y++) {
    let grain = random.int(0, GAUSSIANS - 1);
    for (let x = 0; x < width; x++, at += 3) {
      const gain = light(x, y) * photo.gain;
      grain = (grain + 1) & (GAUSSIANS - 1);
      const grey = (noise[grain] as number) * photo.noise * 0.8;
      const color = (noise[(grain * 7) & (GAUSSIANS - 1)] as number) * photo.noise * 0.5;
      pixels[at] = clamp(((pixels[at] as number) * photo.contrast + veil) * gain * red + grey + color);
      pixels[at + 1] = clamp(((pixels[at + 1] as number) * photo.contrast + veil) * gain * green + grey);
      pixels[at + 2] = clamp(
        ((pixels[at + 2] as number) * photo.contrast + veil) * gain * blue + grey - color,
      );
    }
  }
}

/** Brightness over the picture: a broad field, and a shadow with a soft straight edge. */
function lightOf(
  width: number,
  height: number,
  photo: Photo,
  random: Random,
): (x: number, y: number) => number {
  const broad = valueNoise(random, 1.3, 1.3);
  const angle = random.next() * 2 * Math.PI;
  const offset = (random.next() - 0.5) * 0.8;
  const softness = 0.02 + 0.12 * random.next();
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  const cell = 16;
  const columns = Math.ceil(width / cell) + 2;
  const lines = Math.ceil(height / cell) + 2;
  const grid = new Float32Array(columns * lines);
  for (let line = 0; line < lines; line++) {
    for (let column = 0; column < columns; column++) {
      const [u, v] = [(column * cell) / width, (line * cell) / height];
      const side = ((u - 0.5) * dx + (v - 0.5) * dy - offset) / softness;
      const dark = photo.shadow / (1 + Math.exp(-Math.max(-30, Math.min(30, side))));
      grid[line * columns + column] = (1 + photo.unevenness * 0.7 * broad(u, v)) * (1 - dark);
    }
  }
  return (x, y) => {
    const [column, line] = [(x / cell) | 0, (y / cell) | 0];
    const [fx, fy] = [x / cell - column, y / cell - line];
    const i = line * columns + column;
    const upper = (grid[i] as number) + ((grid[i + 1] as number) - (grid[i] as number)) * fx;
    const lower =
      (grid[i + columns] as number) +
      ((grid[i + columns + 1] as number) - (grid[i + columns] as number)) * fx;
    return upper + (lower - upper) * fy;
  };
}

/** Standard normal values (Box-Muller), drawn once per picture and read from random offsets. */
function noiseTable(random: Random): Float32Array {
  return Float32Array.from(
    { length: GAUSSIANS },
    () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next()),
  );
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
