/** A raster as a vision tower wants it. */
import type { Raster } from '../images/raster.ts';
import type { PreprocessorConfig } from './preprocessor-config.ts';
import { resize } from './resample.ts';
import type { ImageSize } from './vision-language.ts';

/** Raise it whenever the same image may give other pixels: it is part of every feature cache. */
export const PREPROCESSING_VERSION = '1';

const CHANNELS = 3;

type SquareInput = {
  readonly vision: { readonly image_size: number };
  readonly preprocessor: PreprocessorConfig;
};

/**
 * One image as planes, [3, size, size] float32: squeezed to the square, or, as CLIP does it, resized by
 * its shorter edge and cut out of the middle.
 */
export function pixelValues(raster: Raster, { vision, preprocessor }: SquareInput): Float32Array {
  const side = vision.image_size;
  const target = preprocessor.do_center_crop ? coveringSize(raster, side) : { width: side, height: side };
  const resized = resize(raster, target.width, target.height, preprocessor.filter);
  const left = Math.floor((target.width - side) / 2);
  const top = Math.floor((target.height - side) / 2);
  return planes(crop(resized, { left, top, width: side, height: side }), preprocessor);
}

/** The size at the same aspect whose shorter edge is `side`; the longer one is cut to whole pixels. */
function coveringSize({ width, height }: ImageSize, side: number): ImageSize {
  const long = Math.trunc((side * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? { width: side, height: long } : { width: long, height: side };
}

/** Bytes to normalised planes, [3, height, width] float32. */
export function planes(
  { data, width, height }: Raster,
  { rescale_factor: factor, image_mean: mean, image_std: deviation }: PreprocessorConfig,
): Float32Array {
  const area = width * height;
  const values = new Float32Array(CHANNELS * area);
  for (let channel = 0; channel < CHANNELS; channel++) {
    // 256 possible values: one table, no arithmetic per pixel.
    const table = Float32Array.from(
      { length: 256 },
      (_, byte) => (byte * factor - (mean[channel] as number)) / (deviation[channel] as number),
    );
    for (let pixel = 0; pixel < area; pixel++) {
      values[channel * area + pixel] = table[data[pixel * CHANNELS + channel] as number] as number;
    }
  }
  return values;
}

export type Box = ImageSize & { readonly left: number; readonly top: number };

/** The part of `raster` in `box`, black where the box leaves it. */
export function crop(raster: Raster, { left, top, width, height }: Box): Raster {
  if (left === 0 && top === 0 && width === raster.width && height === raster.height) return raster;
  const data = new Uint8Array(width * height * CHANNELS);
  const from = Math.max(left, 0);
  const to = Math.min(left + width, raster.width);
  for (let y = Math.max(top, 0); from < to && y < Math.min(top + height, raster.height); y++) {
    const row = raster.data.subarray(
      (y * raster.width + from) * CHANNELS,
      (y * raster.width + to) * CHANNELS,
    );
    data.set(row, ((y - top) * width + from - left) * CHANNELS);
  }
  return { width, height, data };
}
