/** A match without learning: the mean colour of the picture against the mean of the colours that are named. */
import type { Raster } from '#backend/images/raster';
import type { SimilarityModel } from '#backend/tools/roles';

type Rgb = readonly [number, number, number];

const GREY: Rgb = [128, 128, 128];
const COLOURS: Readonly<Record<string, Rgb>> = {
  red: [200, 30, 30],
  orange: [240, 140, 30],
  yellow: [240, 220, 50],
  green: [50, 150, 60],
  blue: [40, 80, 200],
  purple: [130, 60, 170],
  violet: [130, 60, 170],
  pink: [245, 150, 190],
  brown: [110, 70, 40],
  black: [20, 20, 20],
  white: [250, 250, 250],
  gray: GREY,
  grey: GREY,
};

function meanOf(colours: readonly Rgb[]): Rgb {
  const sum = (channel: 0 | 1 | 2): number =>
    colours.reduce((total, colour) => total + colour[channel], 0) / colours.length;
  return [sum(0), sum(1), sum(2)];
}

function meanColour({ data, width, height }: Raster): Rgb {
  const sums: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < data.length; at++) sums[at % 3] = (sums[at % 3] as number) + (data[at] as number);
  const area = width * height;
  return [sums[0] / area, sums[1] / area, sums[2] / area];
}

export function namedColours(text: string): Rgb {
  const words = text.toLowerCase().match(/[a-z]+/gu) ?? [];
  const named = words.flatMap((word) => {
    const colour = COLOURS[word];
    return colour ? [colour] : [];
  });
  return named.length === 0 ? GREY : meanOf(named);
}

/** Unit vectors whose dot product falls with the distance of the colours: points on a sphere. */
function onSphere(colour: Rgb): Float32Array {
  const small = colour.map((value) => (value - 128) / 512);
  const square = small.reduce((sum, value) => sum + value * value, 0);
  return Float32Array.from([...small, Math.sqrt(1 - square)]);
}

export const meanColourMatch: SimilarityModel = {
  image: async (raster) => onSphere(meanColour(raster)),
  text: async (text) => onSphere(namedColours(text)),
};
