/**
 * Qwen2-VL: a tower that takes images of any size in patches, merges each two by two, and tells the decoder
 * where every row stands.
 */
import * as z from 'zod';
import { type Session, Tensor } from '#backend/engine/runtime';
import type { Raster } from '../images/raster.ts';
import { readJson } from './checkpoint.ts';
import { planes } from './pixels.ts';
import { type PreprocessorConfig, processorDefaults, readPreprocessor } from './preprocessor-config.ts';
import { buildQwen2Tower, type Qwen2Tower, qwen2Tower } from './qwen2-tower.ts';
import { resize } from './resample.ts';
import { CheckpointError } from './safetensors.ts';
import { textConfig, textConfigOf } from './text-config.ts';
import type { Architecture, DecoderConfig, ImageReader, ImageSize } from './vision-language.ts';

/** Checkpoints before transformers 4.52 have the fields of the decoder beside the others. */
const qwen2VlConfig = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null && !('text_config' in value)
      ? { ...value, text_config: value }
      : value,
  z.object({
    model_type: z.literal('qwen2_vl'),
    image_token_id: z.int().min(0).default(151_655),
    tie_word_embeddings: z.boolean().optional(),
    vision_config: qwen2Tower,
    text_config: textConfig,
  }),
);

/** What the processor's class bounds the pixels of an image by. */
const PIXELS_MIN = 56 * 56;
const PIXELS_MAX = 28 * 28 * 1280;

type Patches = {
  /** Side of a patch, and of a row of the decoder, in pixels. */
  readonly patch: number;
  readonly merged: number;
  readonly frames: number;
  readonly pixelsMin: number;
  readonly pixelsMax: number;
  readonly preprocessor: PreprocessorConfig;
};

/** Reads a Qwen2-VL checkpoint's configuration. Throws CheckpointError where it cannot be served. */
export async function readQwen2Vl(folder: string): Promise<Architecture> {
  const parsed = await readJson(folder, 'config.json', qwen2VlConfig);
  const text = textConfigOf(folder, parsed.text_config);
  if (!text.ropeSections)
    throw new CheckpointError(`${folder}/config.json: rope_scaling.mrope_section is missing`);
  if (parsed.image_token_id >= text.vocab_size)
    throw new CheckpointError(`${folder}/config.json: image_token_id must be smaller than vocab_size`);
  const preprocessor = await readPreprocessor(folder, processorDefaults.clip);
  const config: DecoderConfig = {
    text,
    imageToken: parsed.image_token_id,
    imageText: '<|vision_start|><image><|vision_end|>',
    tiesEmbeddings: parsed.tie_word_embeddings ?? text.tie_word_embeddings,
  };
  const tower = parsed.vision_config;
  return {
    config,
    visionGraph: (checkpoint) => buildQwen2Tower(checkpoint, tower, text.hidden_size),
    reader: (vision) => patchReader(vision, patchesOf(tower, preprocessor)),
  };
}

function patchesOf(tower: Qwen2Tower, preprocessor: PreprocessorConfig): Patches {
  const { size, min_pixels: least, max_pixels: most } = preprocessor;
  const edges = typeof size === 'object' && !('height' in size) ? size : undefined;
  return {
    patch: tower.patch_size,
    merged: tower.patch_size * tower.spatial_merge_size,
    frames: tower.temporal_patch_size,
    pixelsMin: least ?? edges?.shortest_edge ?? PIXELS_MIN,
    pixelsMax: most ?? edges?.longest_edge ?? PIXELS_MAX,
    preprocessor,
  };
}

function patchReader(vision: Session, patches: Patches): ImageReader {
  const { patch, merged, preprocessor } = patches;
  const preprocess = (raster: Raster): Float32Array => {
    const { width, height } = smartSize(raster, patches);
    const resized = resize(raster, width, height, preprocessor.filter);
    return patchRows(planes(resized, preprocessor), { width, height }, patches);
  };
  return {
    layout: (size) => {
      const { width, height } = smartSize(size, patches);
      const grid = { rows: height / merged, columns: width / merged };
      const rows = grid.rows * grid.columns;
      return { pieces: [rows], rows, grid };
    },
    preprocess,
    encode: async (raster) => {
      const { width, height } = smartSize(raster, patches);
      const values = preprocess(raster);
      const places = patchPlaces({ rows: height / patch, columns: width / patch }, merged / patch);
      const count = places.length / 2;
      const { image_features: features } = await vision.run({
        pixel_values: new Tensor('float32', values, [count, values.length / count]),
        places: new Tensor('int64', places, [count, 2]),
      });
      return features?.data as Float32Array;
    },
  };
}

/** Longer strips than this are refused by the processor of transformers; ours squeezes them. */
const ASPECT_MAX = 200;

/** Whole rows of the decoder in either direction, within the bounds of pixels, close to the image's aspect. */
export function smartSize(
  size: ImageSize,
  { merged: unit, pixelsMin, pixelsMax }: Pick<Patches, 'merged' | 'pixelsMin' | 'pixelsMax'>,
): ImageSize {
  const width = Math.min(size.width, size.height * ASPECT_MAX);
  const height = Math.min(size.height, size.width * ASPECT_MAX);
  const rounded = { width: roundHalfEven(width / unit) * unit, height: roundHalfEven(height / unit) * unit };
  const area = rounded.width * rounded.height;
  if (area > pixelsMax) {
    const shrink = Math.sqrt((height * width) / pixelsMax);
    const scaled = (length: number): number => Math.max(unit, Math.floor(length / shrink / unit) * unit);
    return { width: scaled(width), height: scaled(height) };
  }
  if (area < pixelsMin) {
    const grow = Math.sqrt(pixelsMin / (height * width));
    const scaled = (length: number): number => Math.ceil((length * grow) / unit) * unit;
    return { width: scaled(width), height: scaled(height) };
  }
  return rounded;
}

/** Python's `round`. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const isHalf = value - floor === 0.5;
  return isHalf ? floor + (floor % 2) : Math.round(value);
}

/** Order of the patches: those that are merged into one row follow one another. */
function* mergedOrder(
  { rows, columns }: { readonly rows: number; readonly columns: number },
  merge: number,
): Generator<readonly [row: number, column: number]> {
  for (let top = 0; top < rows; top += merge)
    for (let left = 0; left < columns; left += merge)
      for (let row = top; row < top + merge; row++)
        for (let column = left; column < left + merge; column++) yield [row, column];
}

/** Row and column of every patch, [patches, 2]. */
function patchPlaces(
  grid: { readonly rows: number; readonly columns: number },
  merge: number,
): BigInt64Array {
  return BigInt64Array.from([...mergedOrder(grid, merge)].flat(), BigInt);
}

/** Planes to patches, [patches, 3 * frames * side * side]: a still image is its own next frame. */
function patchRows(
  values: Float32Array,
  { width, height }: ImageSize,
  { patch, merged, frames }: Patches,
): Float32Array {
  const result = new Float32Array(values.length * frames);
  let at = 0;
  for (const [row, column] of mergedOrder({ rows: height / patch, columns: width / patch }, merged / patch)) {
    for (let channel = 0; channel < 3; channel++) {
      for (let frame = 0; frame < frames; frame++) {
        for (let y = 0; y < patch; y++, at += patch) {
          const from = channel * width * height + (row * patch + y) * width + column * patch;
          result.set(values.subarray(from, from + patch), at);
        }
      }
    }
  }
  return result;
}
