/** The SigLIP vision tower with LLaVA's projector: pixels to rows that the decoder reads. */
import type { Checkpoint } from './checkpoint.ts';
import type { LlavaConfig, VisionConfig } from './llava-config.ts';
import { GraphBuilder, MICROSOFT, type Value } from './onnx/graph.ts';
import { Weights } from './weights.ts';

const approximations = { gelu: 'none', gelu_pytorch_tanh: 'tanh' } as const;

/**
 * ONNX bytes of: `pixel_values` [n, 3, size, size] float32 → `image_features` [n, tokens, text hidden size].
 * As in transformers, the features are the output of an encoder layer, so the tower's final norm has no part in it.
 */
export function buildVisionGraph(checkpoint: Checkpoint, config: LlavaConfig): Uint8Array {
  const graph = new GraphBuilder('vision');
  const weights = new Weights(graph, checkpoint);
  const { vision, text } = config;
  const pixels = graph.input('pixel_values', 'float32', ['n', 3, vision.image_size, vision.image_size]);
  let x = patchEmbeddings(weights, pixels, vision);
  for (let layer = 0; layer < config.visionLayers; layer++) x = encoderLayer(weights, x, vision, layer);
  if (config.dropsFirstPatch) {
    x = graph.node('Slice', [x, graph.ints([1]), graph.ints([Number.MAX_SAFE_INTEGER]), graph.ints([1])]);
  }
  const bias = config.projectorBias;
  x = weights.linear(x, ['projector.linear_1'], vision.hidden_size, [text.hidden_size], bias);
  x = gelu(graph, x, config.projectorActivation);
  x = weights.linear(x, ['projector.linear_2'], text.hidden_size, [text.hidden_size], bias);
  graph.node('Identity', [x], { names: ['image_features'] });
  graph.output('image_features', 'float32', ['n', config.imageTokens, text.hidden_size]);
  return graph.finish();
}

function patchEmbeddings(weights: Weights, pixels: Value, vision: VisionConfig): Value {
  const { graph } = weights;
  const { hidden_size: hidden, patch_size: patch } = vision;
  const patches = Math.floor(vision.image_size / patch) ** 2;
  const grid = graph.node(
    'Conv',
    [
      pixels,
      weights.float('vision.embeddings.patch_embedding.weight', [hidden, 3, patch, patch]),
      weights.float('vision.embeddings.patch_embedding.bias', [hidden]),
    ],
    { attributes: { kernel_shape: { ints: [patch, patch] }, strides: { ints: [patch, patch] } } },
  );
  const rows = graph.node('Reshape', [grid, graph.ints([0, hidden, patches])]);
  const tokens = graph.node('Transpose', [rows], { attributes: { perm: { ints: [0, 2, 1] } } });
  return graph.node('Add', [
    tokens,
    weights.float('vision.embeddings.position_embedding.weight', [patches, hidden]),
  ]);
}

function encoderLayer(weights: Weights, x: Value, vision: VisionConfig, layer: number): Value {
  const { graph } = weights;
  const name = `vision.encoder.layers.${layer}`;
  const { hidden_size: hidden, intermediate_size: inner } = vision;
  const normed = layerNorm(weights, x, `${name}.layer_norm1`, vision);
  const project = (input: Value, part: string): Value =>
    weights.linear(input, [`${name}.self_attn.${part}_proj`], hidden, [hidden], true);
  const attended = graph.node(
    'MultiHeadAttention',
    [project(normed, 'q'), project(normed, 'k'), project(normed, 'v')],
    { domain: MICROSOFT, attributes: { num_heads: { int: vision.num_attention_heads } } },
  );
  const first = graph.node('Add', [x, project(attended, 'out')]);
  const normedAgain = layerNorm(weights, first, `${name}.layer_norm2`, vision);
  const wide = gelu(
    graph,
    weights.linear(normedAgain, [`${name}.mlp.fc1`], hidden, [inner], true),
    vision.hidden_act,
  );
  return graph.node('Add', [first, weights.linear(wide, [`${name}.mlp.fc2`], inner, [hidden], true)]);
}

function layerNorm(weights: Weights, x: Value, name: string, vision: VisionConfig): Value {
  const shape = [vision.hidden_size];
  return weights.graph.node(
    'LayerNormalization',
    [x, weights.float(`${name}.weight`, shape), weights.float(`${name}.bias`, shape)],
    { attributes: { axis: { int: -1 }, epsilon: { float: vision.layer_norm_eps } } },
  );
}

function gelu(graph: GraphBuilder, x: Value, activation: keyof typeof approximations): Value {
  return graph.node('Gelu', [x], { attributes: { approximate: { string: approximations[activation] } } });
}
