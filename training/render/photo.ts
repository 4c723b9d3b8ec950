/** How a page is photographed: geometry, light, lens, sensor, file. */
import type { Random } from '#training/random';

export type Photo = {
  /** Height of the body text in pixels. */
  readonly bodyPx: number;
  /** Degrees, clockwise. */
  readonly angle: number;
  /** Quarter turns of the whole picture, clockwise. */
  readonly quarterTurns: 0 | 1 | 2 | 3;
  /** Shift of the page corners (x, y of each, clockwise from the top left), relative to the shorter side. */
  readonly corners: readonly number[];
  /** Bend of the text lines relative to the page width. */
  readonly curl: number;
  /** Surroundings on each side relative to the page; negative cuts into the page's margin. */
  readonly surroundings: number;
  /** Exposure; 1 is right. */
  readonly gain: number;
  /** 1 keeps the contrast, 0.5 halves it. */
  readonly contrast: number;
  /** White balance of red, green, blue. */
  readonly tint: readonly [number, number, number];
  /** Depth of uneven light and of a cast shadow, 0..1. */
  readonly unevenness: number;
  readonly shadow: number;
  /** Sigma of the lens blur in pixels. */
  readonly blur: number;
  /** Sigma of the sensor noise in grey levels. */
  readonly noise: number;
  /** JPEG quality. */
  readonly quality: number;
  /** EXIF orientation that a viewer must apply; 1 is upright. */
  readonly orientation: 1 | 3 | 6 | 8;
};

export type Difficulty = 'easy' | 'medium' | 'hard';
export type Quality = 'clean' | 'fair' | 'poor';

const mix: Readonly<Record<Difficulty, number>> = { easy: 0.35, medium: 0.45, hard: 0.2 };

/** Upper ends of the ranges; an easy photo is a careful one, a hard one is hasty and in bad light. */
// biome-ignore format: one line a difficulty
const ranges = {
  easy: { body: [24, 42], angle: 2, corner: 0.015, curl: 0.004, dim: 0.1, flat: 0.05, uneven: 0.15, blur: 0.5, noise: 3, quality: [75, 95] },
  medium: { body: [19, 34], angle: 5, corner: 0.035, curl: 0.01, dim: 0.35, flat: 0.2, uneven: 0.3, blur: 0.9, noise: 8, quality: [55, 92] },
  hard: { body: [16, 26], angle: 8, corner: 0.06, curl: 0.016, dim: 0.6, flat: 0.35, uneven: 0.45, blur: 1.3, noise: 14, quality: [40, 80] },
} as const;

/** Chances: one picture in ten is turned by a quarter or half, one in twelve carries an orientation tag. */
const TURNED = 0.1;
const TAGGED = 0.08;

export function photoOf(random: Random, difficulty: Difficulty = random.weighted(mix)): Photo {
  const range = ranges[difficulty];
  const within = (low: number, high: number): number => low + (high - low) * random.next();
  const inside = ([low, high]: readonly [number, number]): number => within(low, high);
  const signed = (limit: number): number => within(-limit, limit);
  return {
    bodyPx: inside(range.body),
    angle: signed(range.angle),
    quarterTurns: random.chance(TURNED) ? random.pick([1, 2, 3] as const) : 0,
    corners: Array.from({ length: 8 }, () => signed(range.corner)),
    curl: signed(range.curl),
    surroundings: within(-0.01, 0.2),
    gain: 1 - within(0, range.dim),
    contrast: 1 - within(0, range.flat),
    tint: [1 + signed(0.08), 1, 1 + signed(0.1)],
    unevenness: within(0, range.uneven),
    shadow: random.chance(0.35) ? within(0.1, range.uneven + 0.1) : 0,
    blur: within(0, range.blur),
    noise: within(0, range.noise),
    quality: Math.round(inside(range.quality)),
    orientation: random.chance(TAGGED) ? random.pick([3, 6, 8] as const) : 1,
  };
}

/** A coarse grade of how hard a photo is to read, by counting its faults. */
export function qualityOf(photo: Photo): Quality {
  const faults = [
    photo.bodyPx < 20,
    photo.blur > 0.045 * photo.bodyPx,
    photo.noise / (photo.gain * photo.contrast) > 12,
    photo.gain * photo.contrast < 0.6,
    Math.abs(photo.angle) > 5,
    photo.quality < 55,
  ].filter(Boolean).length;
  return faults === 0 ? 'clean' : faults === 1 ? 'fair' : 'poor';
}
