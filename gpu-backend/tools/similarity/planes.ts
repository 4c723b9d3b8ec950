/**
 * An image as sums that any window of it can be described by in a few additions: Lab colour, a soft histogram
 * of 64 colours, and the strength of edges in eight directions, each as an integral image (summed-area table).
 */
import type { Raster } from '#backend/images/raster';

export const COLOUR_BINS = 64;
export const DIRECTIONS = 8;
const COLOUR_STEPS = 4;

export type Planes = {
  readonly width: number;
  readonly height: number;
  /** L, a and b: `(width + 1) * (height + 1)` sums of what lies above and to the left. */
  readonly lab: readonly Float64Array[];
  readonly colours: readonly Float64Array[];
  readonly edges: readonly Float64Array[];
};

export function planesOf({ data, width, height }: Raster): Planes {
  const area = width * height;
  const lab = blank(3, area);
  const colours = blank(COLOUR_BINS, area);
  for (let i = 0; i < area; i++) {
    const [red, green, blue] = data.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    labOf(red, green, blue).forEach((value, channel) => {
      (lab[channel] as Float64Array)[i] = value;
    });
    addColour(colours, i, [red, green, blue]);
  }
  const edges = edgesOf(lab[0] as Float64Array, width, height);
  const sums = (planes: readonly Float64Array[]) => planes.map((plane) => integralOf(plane, width, height));
  return { width, height, lab: sums(lab), colours: sums(colours), edges: sums(edges) };
}

function blank(count: number, area: number): Float64Array[] {
  return Array.from({ length: count }, () => new Float64Array(area));
}

const linear = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** CIE L*a*b* under D65 of an sRGB colour: L 0..100, a and b about -100..100. */
function labOf(red: number, green: number, blue: number): [number, number, number] {
  const [r, g, b] = [linear[red] as number, linear[green] as number, linear[blue] as number];
  const x = bent((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = bent(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = bent((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function bent(value: number): number {
  return value > 216 / 24_389 ? Math.cbrt(value) : ((24_389 / 27) * value + 16) / 116;
}

/** Shared among the eight nearest of 4 x 4 x 4 colours, so that noise moves no pixel from one bin to another. */
function addColour(colours: readonly Float64Array[], at: number, rgb: readonly number[]): void {
  const places = rgb.map((value) => {
    const place = (value / 255) * (COLOUR_STEPS - 1);
    const low = Math.min(COLOUR_STEPS - 2, Math.floor(place));
    return { low, share: place - low };
  });
  for (let corner = 0; corner < 8; corner++) {
    let weight = 1;
    let bin = 0;
    for (const [axis, { low, share }] of places.entries()) {
      const up = (corner >> axis) & 1;
      weight *= up ? share : 1 - share;
      bin = bin * COLOUR_STEPS + low + up;
    }
    const plane = colours[bin] as Float64Array;
    plane[at] = (plane[at] as number) + weight;
  }
}

/**
 * Gradients by central differences, unsigned: direction k is k * 180 / 8 degrees, shared between the two
 * nearest. In a mirror, k becomes -k.
 */
function edgesOf(light: Float64Array, width: number, height: number): Float64Array[] {
  const edges = blank(DIRECTIONS, width * height);
  const at = (x: number, y: number): number =>
    light[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))] as number;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dx = at(x + 1, y) - at(x - 1, y);
      const dy = at(x, y + 1) - at(x, y - 1);
      const place = ((Math.atan2(dy, dx) / Math.PI) * DIRECTIONS + 2 * DIRECTIONS) % DIRECTIONS;
      const low = Math.floor(place) % DIRECTIONS;
      const strength = Math.hypot(dx, dy);
      add(edges[low], y * width + x, strength * (1 - (place - Math.floor(place))));
      add(edges[(low + 1) % DIRECTIONS], y * width + x, strength * (place - Math.floor(place)));
    }
  }
  return edges;
}

function add(plane: Float64Array | undefined, at: number, value: number): void {
  if (plane) plane[at] = (plane[at] as number) + value;
}

function integralOf(plane: Float64Array, width: number, height: number): Float64Array {
  const stride = width + 1;
  const sums = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += plane[y * width + x] as number;
      sums[(y + 1) * stride + x + 1] = (sums[y * stride + x + 1] as number) + row;
    }
  }
  return sums;
}
