/**
 * LLaVA: a CLIP or SigLIP tower, two linear layers, and a Llama or Qwen2 decoder. Mantis and the planner of TACO
 * on Llama 3 are LLaVA, too.
 */
import { type Session, Tensor } from '#backend/engine/runtime';
import type { Raster } from '../images/raster.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type FeatureConfig, type LlavaConfig, readLlavaConfig } from './llava-config.ts';
import { GraphBuilder } from './onnx/graph.ts';
import { openWeights } from './open-weights.ts';
import { pixelValues } from './pixels.ts';
import {
  type Architecture,
  type ImageReader,
  type OpenOptions,
  plainLayout,
  type VisionLanguageModel,
} from './vision-language.ts';
import { activate, encodePixels } from './vision-tower.ts';
import { Weights } from './weights.ts';

export type LlavaModel = VisionLanguageModel<LlavaConfig>;

/** Reads the configuration in `folder`. Throws CheckpointError where it cannot be served. */
export async function readLlava(folder: string): Promise<Architecture<LlavaConfig>> {
  const config = await readLlavaConfig(folder);
  return {
    config,
    visionGraph: (checkpoint) => buildVisionGraph(checkpoint, config),
    reader: (vision) => squareReader(vision, config),
  };
}

/** Opens the checkpoint in `folder` on `device`. Throws CheckpointError where it cannot be served. */
export async function openLlava(folder: string, options: OpenOptions): Promise<LlavaModel> {
  return await openWeights(folder, await readLlava(folder), options);
}

function squareReader(vision: Session, config: LlavaConfig): ImageReader {
  const layout = plainLayout(config.imageTokens);
  const preprocess = (raster: Raster): Float32Array => pixelValues(raster, config);
  return {
    layout: () => layout,
    preprocess,
    encode: (raster) => encodeSquare(vision, preprocess(raster), config.vision.image_size),
  };
}

/** The rows of one square of pixels. */
export async function encodeSquare(
  vision: Session,
  pixels: Float32Array,
  side: number,
): Promise<Float32Array> {
  const { image_features: features } = await vision.run({
    pixel_values: new Tensor('float32', pixels, [1, 3, side, side]),
  });
  return features?.data as Float32Array;
}

/**
 * ONNX bytes of: `pixel_values` [n, 3, size, size] float32 → `image_features` [n, tokens, text hidden size].
 * As in transformers, the features are the output of an encoder layer, so the tower's final norm has no part in it.
 */
export function buildVisionGraph(checkpoint: Checkpoint, config: FeatureConfig): Uint8Array {
  const graph = new GraphBuilder('vision');
  const weights = new Weights(graph, checkpoint);
  const { vision, text } = config;
  const pixels = graph.input('pixel_values', 'float32', ['n', 3, vision.image_size, vision.image_size]);
  let x = encodePixels(weights, pixels, vision, config.visionLayers);
  if (config.dropsFirstRow) {
    x = graph.node('Slice', [x, graph.ints([1]), graph.ints([Number.MAX_SAFE_INTEGER]), graph.ints([1])]);
  }
  const bias = config.projectorBias;
  x = weights.linear(x, ['projector.linear_1'], vision.hidden_size, [text.hidden_size], bias);
  x = activate(graph, x, config.projectorActivation);
  x = weights.linear(x, ['projector.linear_2'], text.hidden_size, [text.hidden_size], bias);
  graph.node('Identity', [x], { names: ['image_features'] });
  graph.output('image_features', 'float32', ['n', config.imageTokens, text.hidden_size]);
  return graph.finish();
}
