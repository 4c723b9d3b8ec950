/** Rasters as graphs want them: sized, placed on a canvas, normalised, as planes. */
import type { Raster } from '#backend/images/raster';
import { resize } from '#backend/models/resample';

export type Triple = readonly [number, number, number];

/** `(value * scale - mean) / deviation`, per channel in RGB order. */
export type Normalisation = { readonly scale: number; readonly mean: Triple; readonly deviation: Triple };

export const IMAGENET: Normalisation = {
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};
export const CLIP: Normalisation = {
  scale: 1 / 255,
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};
export const HALF: Normalisation = { scale: 1 / 255, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

export type Canvas = {
  readonly width: number;
  readonly height: number;
  /** The byte beside the image, before it is normalised. */
  readonly fill: number;
};

/** [3, height, width] float32; the image stands at the top left of the canvas. */
export function planesOf(
  raster: Raster,
  { scale, mean, deviation }: Normalisation,
  order: 'rgb' | 'bgr' = 'rgb',
  canvas: Canvas = { width: raster.width, height: raster.height, fill: 0 },
): Float32Array {
  const area = canvas.width * canvas.height;
  const planes = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel++) {
    const plane = order === 'rgb' ? channel : 2 - channel;
    const table = Float32Array.from(
      { length: 256 },
      (_, byte) => (byte * scale - (mean[channel] as number)) / (deviation[channel] as number),
    );
    planes.fill(table[canvas.fill] as number, plane * area, (plane + 1) * area);
    for (let y = 0; y < raster.height; y++) {
      let from = y * raster.width * 3 + channel;
      const start = plane * area + y * canvas.width;
      for (let x = 0; x < raster.width; x++, from += 3)
        planes[start + x] = table[raster.data[from] as number] as number;
    }
  }
  return planes;
}

/** Pillow's bicubic, as the preprocessors of these models have it. */
export function bicubic(raster: Raster, width: number, height: number): Raster {
  if (raster.width === width && raster.height === height) return raster;
  return resize(raster, width, height, 'bicubic');
}

/** Shorter side to `size`, then the square in the middle: CLIP's crop. */
export function centreSquare(raster: Raster, size: number): Raster {
  const short = Math.min(raster.width, raster.height);
  const scaled = (side: number): number => (side === short ? size : Math.floor((size * side) / short));
  const resized = bicubic(raster, scaled(raster.width), scaled(raster.height));
  const left = Math.floor((resized.width - size) / 2);
  const top = Math.floor((resized.height - size) / 2);
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const from = ((top + y) * resized.width + left) * 3;
    data.set(resized.data.subarray(from, from + size * 3), y * size * 3);
  }
  return { data, width: size, height: size };
}
