/**
 * LLaVA-OneVision and LLaVA-NeXT: LLaVA with a grid of squares for each image and a learnt row at the end of
 * every line; and the same models as LLaVA's own program saves them, read with one square for an image, as the
 * planner of TACO on Qwen2 reads them.
 */
import * as z from 'zod';
import type { Session } from '#backend/engine/runtime';
import type { Raster } from '../images/raster.ts';
import {
  anyresSquares,
  bestPinpoint,
  featureGrid,
  type Pinpoint,
  packedRows,
  packFeatures,
} from './anyres.ts';
import { readJson } from './checkpoint.ts';
import { buildVisionGraph, encodeSquare } from './llava.ts';
import { type FeatureConfig, featureConfigOf, featureFields } from './llava-config.ts';
import { pixelValues, planes } from './pixels.ts';
import { CheckpointError } from './safetensors.ts';
import { readFloats } from './tensor-values.ts';
import { configSize } from './text-config.ts';
import { type Architecture, type ImageReader, type ImageSize, plainLayout } from './vision-language.ts';

const pinpoint = z.tuple([configSize, configSize]);

const gridFields = { ...featureFields, image_grid_pinpoints: z.array(pinpoint).min(1).optional() };

const nextConfig = z.object({ ...gridFields, model_type: z.literal('llava_next') });

const onevisionConfig = z.object({
  ...gridFields,
  model_type: z.literal('llava_onevision'),
  vision_feature_layer: featureFields.vision_feature_layer.default(-1),
  vision_feature_select_strategy: featureFields.vision_feature_select_strategy.default('full'),
  vision_aspect_ratio: z
    .string()
    .regex(/^anyres_max_\d{1,3}$/, 'expected anyres_max_ and a number')
    .default('anyres_max_9'),
});

/** Up to six squares of 384 pixels in either direction. */
const onevisionPinpoints = [1, 2, 3, 4, 5, 6].flatMap((rows) =>
  [1, 2, 3, 4, 5, 6].map((columns): Pinpoint => [rows * 384, columns * 384]),
);
const nextPinpoints: readonly Pinpoint[] = [
  [336, 672],
  [672, 336],
  [672, 672],
  [1008, 336],
  [336, 1008],
];

type Squares = {
  readonly pinpoints: readonly Pinpoint[];
  readonly squaresMax: number;
};

/** Reads a LLaVA-NeXT checkpoint. Throws CheckpointError where it cannot be served. */
export async function readLlavaNext(folder: string): Promise<Architecture> {
  const parsed = await readJson(folder, 'config.json', nextConfig);
  const config = await featureConfigOf(folder, parsed);
  const pinpoints = parsed.image_grid_pinpoints ?? nextPinpoints;
  return squaresOf(folder, config, { pinpoints, squaresMax: Number.POSITIVE_INFINITY });
}

/** Reads a LLaVA-OneVision checkpoint of transformers. Throws CheckpointError where it cannot be served. */
export async function readOnevision(folder: string): Promise<Architecture> {
  const parsed = await readJson(folder, 'config.json', onevisionConfig);
  const config = await featureConfigOf(folder, parsed);
  const pinpoints = parsed.image_grid_pinpoints ?? onevisionPinpoints;
  const squaresMax = Number(parsed.vision_aspect_ratio.slice('anyres_max_'.length));
  return squaresOf(folder, config, { pinpoints, squaresMax });
}

/** Tensors of the vision side as LLaVA's own program names its towers; the last layer is deleted. */
const namedTowers: Readonly<Record<string, object>> = {
  'google/siglip-so400m-patch14-384': {
    model_type: 'siglip_vision_model',
    hidden_size: 1152,
    intermediate_size: 4304,
    num_hidden_layers: 26,
    num_attention_heads: 16,
    image_size: 384,
    patch_size: 14,
  },
};

const originalConfig = z.looseObject({
  model_type: z.literal('llava_qwen'),
  vocab_size: configSize,
  mm_vision_tower: z.string(),
  mm_projector_type: z.literal('mlp2x_gelu').default('mlp2x_gelu'),
  mm_patch_merge_type: z
    .enum(['spatial_unpad'], 'only spatial_unpad, which puts a row behind each image, is supported')
    .default('spatial_unpad'),
  tie_word_embeddings: z.boolean().default(false),
  /** Sizes of a tower that is not known by its name. */
  vision_config: z.looseObject({}).optional(),
});

/** Reads a checkpoint of LLaVA's own program on Qwen2. Throws CheckpointError where it cannot be served. */
export async function readLlavaQwen(folder: string): Promise<Architecture> {
  const original = await readJson(folder, 'config.json', originalConfig);
  const { mm_vision_tower: tower, vision_config: sizes } = original;
  const vision = sizes ?? namedTowers[tower];
  if (!vision) {
    throw new CheckpointError(
      `${folder}/config.json: mm_vision_tower ${JSON.stringify(tower)} is not known; put its sizes in vision_config`,
    );
  }
  const fields = z.object(featureFields).safeParse({
    vision_config: vision,
    text_config: original,
    // There is no such token in the text. The vocabulary is padded, so its last row means nothing.
    image_token_id: original.vocab_size - 1,
    vision_feature_layer: -1,
    vision_feature_select_strategy: 'full',
    tie_word_embeddings: original.tie_word_embeddings,
  });
  if (!fields.success) throw new CheckpointError(`${folder}/config.json: ${z.prettifyError(fields.error)}`);
  return squaresOf(folder, await featureConfigOf(folder, fields.data), undefined);
}

function squaresOf(folder: string, config: FeatureConfig, squares: Squares | undefined): Architecture {
  if (squares) checkSquares(folder, config, squares);
  const { imageTokens: _, ...decoderConfig } = config;
  return {
    config: decoderConfig,
    visionGraph: (checkpoint) => buildVisionGraph(checkpoint, config),
    reader: async (vision, checkpoint) => {
      if (!checkpoint)
        throw new CheckpointError(
          `${folder}: exports of this architecture lack its image_newline; use a checkpoint with weights`,
        );
      const newline = await readFloats(checkpoint, 'image_newline');
      return squares ? gridReader(vision, config, newline, squares) : singleReader(vision, config, newline);
    },
  };
}

function checkSquares(
  folder: string,
  { vision: { image_size: side, patch_size: patch }, imageTokens }: FeatureConfig,
  { pinpoints }: Squares,
): void {
  const fail = (what: string): CheckpointError => new CheckpointError(`${folder}/config.json: ${what}`);
  if (pinpoints.some(([height, width]) => height % side !== 0 || width % side !== 0))
    throw fail(`image_grid_pinpoints must be multiples of the image_size ${side}`);
  if (imageTokens !== Math.floor(side / patch) ** 2)
    throw fail('vision_feature_select_strategy must leave one row for each patch of a square');
}

/** One square, and the newline behind it. */
function singleReader(vision: Session, config: FeatureConfig, newline: Float32Array): ImageReader {
  const layout = plainLayout(config.imageTokens + 1);
  const preprocess = (raster: Raster): Float32Array => pixelValues(raster, config);
  return {
    layout: () => layout,
    preprocess,
    encode: async (raster) => {
      const rows = await encodeSquare(vision, preprocess(raster), config.vision.image_size);
      const result = new Float32Array(rows.length + newline.length);
      result.set(rows);
      result.set(newline, rows.length);
      return result;
    },
  };
}

function gridReader(
  vision: Session,
  config: FeatureConfig,
  newline: Float32Array,
  { pinpoints, squaresMax }: Squares,
): ImageReader {
  const { image_size: side, patch_size: patch } = config.vision;
  const patches = Math.floor(side / patch);
  const gridOf = (size: ImageSize) =>
    featureGrid(size, bestPinpoint(size, pinpoints), { side, patches, squaresMax });
  const pixelsOf = (raster: Raster): Float32Array[] =>
    anyresSquares(raster, bestPinpoint(raster, pinpoints), side, config.preprocessor.filter).map((square) =>
      planes(square, config.preprocessor),
    );
  return {
    layout: (size) => plainLayout(packedRows(gridOf(size), patches)),
    preprocess: (raster) => joined(pixelsOf(raster)),
    encode: async (raster) => {
      const rows: Float32Array[] = [];
      // One by one: a batch of them would need the attention scores of all at once.
      for (const square of pixelsOf(raster)) rows.push(await encodeSquare(vision, square, side));
      return packFeatures(rows, gridOf(raster), patches, newline);
    },
  };
}

/** The parts behind one another. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
