/** The vision towers of CLIP, SigLIP and Idefics3, which differ by little: pixels to the rows of an encoder. */
import * as z from 'zod';
import { type GraphBuilder, MICROSOFT, type Value } from './onnx/graph.ts';
import { processorDefaults } from './preprocessor-config.ts';
import { configSize } from './text-config.ts';
import type { Weights } from './weights.ts';

type TowerFamily = {
  /** A learnt row before those of the patches, and a norm before the first layer. */
  readonly hasClassToken: boolean;
  readonly processor: (typeof processorDefaults)[keyof typeof processorDefaults];
  /** What transformers leaves out of config.json, because it is the default of the class. */
  readonly defaults: Readonly<Record<string, unknown>>;
};

const sizes = {
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  image_size: 224,
};
const siglip = {
  hasClassToken: false,
  processor: processorDefaults.siglip,
  defaults: { ...sizes, patch_size: 16, layer_norm_eps: 1e-6, hidden_act: 'gelu_pytorch_tanh' },
} as const satisfies TowerFamily;
const idefics3 = {
  hasClassToken: false,
  processor: processorDefaults.idefics3,
  defaults: {
    hidden_size: 1152,
    intermediate_size: 3072,
    num_hidden_layers: 12,
    num_attention_heads: 16,
    image_size: 224,
    patch_size: 32,
    layer_norm_eps: 1e-6,
    hidden_act: 'gelu_pytorch_tanh',
  },
} as const satisfies TowerFamily;

/** By `model_type` of the vision configuration. */
export const towers = {
  siglip_vision_model: siglip,
  clip_vision_model: {
    hasClassToken: true,
    processor: processorDefaults.clip,
    defaults: { ...sizes, patch_size: 32, layer_norm_eps: 1e-5, hidden_act: 'quick_gelu' },
  },
  idefics3_vision: idefics3,
  smolvlm_vision: idefics3,
} as const satisfies Record<string, TowerFamily>;
export type TowerName = keyof typeof towers;

type Activation = 'gelu' | 'gelu_pytorch_tanh' | 'quick_gelu';

const activations: Readonly<Record<Activation, (graph: GraphBuilder, x: Value) => Value>> = {
  gelu: (graph, x) => graph.node('Gelu', [x], { attributes: { approximate: { string: 'none' } } }),
  gelu_pytorch_tanh: (graph, x) =>
    graph.node('Gelu', [x], { attributes: { approximate: { string: 'tanh' } } }),
  quick_gelu: (graph, x) =>
    graph.node('QuickGelu', [x], { domain: MICROSOFT, attributes: { alpha: { float: 1.702 } } }),
};

export function activate(graph: GraphBuilder, x: Value, activation: Activation): Value {
  return activations[activation](graph, x);
}

export const visionConfig = z.preprocess(
  withDefaults,
  z.object({
    model_type: z.enum(Object.keys(towers) as [TowerName]),
    hidden_size: configSize,
    intermediate_size: configSize,
    num_hidden_layers: configSize,
    num_attention_heads: configSize,
    num_channels: z.literal(3).default(3),
    image_size: configSize,
    patch_size: configSize,
    layer_norm_eps: z.number().positive(),
    hidden_act: z.enum(Object.keys(activations) as [Activation]),
  }),
);
export type VisionConfig = z.output<typeof visionConfig>;

function withDefaults(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('model_type' in value)) return value;
  const name = String(value.model_type);
  return Object.hasOwn(towers, name) ? { ...towers[name as TowerName].defaults, ...value } : value;
}

/** Rows of `pixels` [n, 3, size, size] after `layers` layers: [n, rows, hidden], without the tower's last norm. */
export function encodePixels(weights: Weights, pixels: Value, vision: VisionConfig, layers: number): Value {
  let x = patchEmbeddings(weights, pixels, vision);
  for (let layer = 0; layer < layers; layer++) x = encoderLayer(weights, x, vision, layer);
  return x;
}

function patchEmbeddings(weights: Weights, pixels: Value, vision: VisionConfig): Value {
  const { graph } = weights;
  const { hidden_size: hidden, patch_size: patch } = vision;
  const patches = Math.floor(vision.image_size / patch) ** 2;
  const name = 'vision.embeddings';
  const kernel = [weights.float(`${name}.patch_embedding.weight`, [hidden, 3, patch, patch])];
  if (weights.has(`${name}.patch_embedding.bias`))
    kernel.push(weights.float(`${name}.patch_embedding.bias`, [hidden]));
  const grid = graph.node('Conv', [pixels, ...kernel], {
    attributes: { kernel_shape: { ints: [patch, patch] }, strides: { ints: [patch, patch] } },
  });
  const rows = graph.node('Reshape', [grid, graph.ints([0, hidden, patches])]);
  const tokens = graph.node('Transpose', [rows], { attributes: { perm: { ints: [0, 2, 1] } } });
  const positions = (count: number): Value =>
    weights.float(`${name}.position_embedding.weight`, [count, hidden]);
  if (!towers[vision.model_type].hasClassToken) return graph.node('Add', [tokens, positions(patches)]);
  const all = graph.node('Concat', [classRows(weights, tokens, hidden), tokens], {
    attributes: { axis: { int: 1 } },
  });
  // The misspelling is CLIP's.
  return layerNorm(weights, graph.node('Add', [all, positions(patches + 1)]), 'vision.pre_layrnorm', vision);
}

/** The learnt class row, once for each image of `tokens`: [n, 1, hidden]. */
function classRows(weights: Weights, tokens: Value, hidden: number): Value {
  const { graph } = weights;
  const count = graph.node('Shape', [tokens], { attributes: { start: { int: 0 }, end: { int: 1 } } });
  const shape = graph.node('Concat', [count, graph.ints([1, hidden])], { attributes: { axis: { int: 0 } } });
  return graph.node('Expand', [weights.float('vision.embeddings.class_embedding', [hidden]), shape]);
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
  const wide = activate(
    graph,
    weights.linear(normedAgain, [`${name}.mlp.fc1`], hidden, [inner], true),
    vision.hidden_act,
  );
  return graph.node('Add', [first, weights.linear(wide, [`${name}.mlp.fc2`], inner, [hidden], true)]);
}

export function layerNorm(
  weights: Weights,
  x: Value,
  name: string,
  { hidden_size: width, layer_norm_eps: epsilon }: Pick<VisionConfig, 'hidden_size' | 'layer_norm_eps'>,
): Value {
  return weights.graph.node(
    'LayerNormalization',
    [x, weights.float(`${name}.weight`, [width]), weights.float(`${name}.bias`, [width])],
    { attributes: { axis: { int: -1 }, epsilon: { float: epsilon } } },
  );
}
