/** The vision tower of Qwen2-VL: patches with rotary places, merged two by two into rows of the decoder. */
import * as z from 'zod';
import type { Checkpoint } from './checkpoint.ts';
import { GraphBuilder, MICROSOFT, type Value } from './onnx/graph.ts';
import { gatherRotary, rotaryTables } from './rotary.ts';
import { configSize } from './text-config.ts';
import { activate, layerNorm } from './vision-tower.ts';
import { Weights } from './weights.ts';

export const qwen2Tower = z.object({
  depth: configSize.default(32),
  embed_dim: configSize.default(1280),
  hidden_act: z.literal('quick_gelu').default('quick_gelu'),
  mlp_ratio: configSize.default(4),
  num_heads: configSize.default(16),
  patch_size: configSize.default(14),
  spatial_merge_size: configSize.default(2),
  temporal_patch_size: configSize.default(2),
});
export type Qwen2Tower = z.output<typeof qwen2Tower>;

const EPSILON = 1e-6;
const THETA = 10_000;
/** Patches along one side of an image at most: 14 pixels each, so 28,672 pixels. */
const SIDE_PATCHES_MAX = 2048;

/**
 * ONNX bytes of: `pixel_values` [p, 3 * frames * patch * patch] float32 and `places` [p, 2] int64, the row and
 * column of each patch, in the order in which they are merged → `image_features` [p / merge², width].
 */
export function buildQwen2Tower(checkpoint: Checkpoint, tower: Qwen2Tower, width: number): Uint8Array {
  const graph = new GraphBuilder('vision');
  const weights = new Weights(graph, checkpoint);
  const { embed_dim: embed, spatial_merge_size: merge } = tower;
  const rotary = placeRotary(graph, embed / tower.num_heads);
  let x = graph.node('Unsqueeze', [patchEmbeddings(weights, tower), graph.ints([0])]);
  for (let index = 0; index < tower.depth; index++) x = block(weights, tower, x, index, rotary);
  const merged = embed * merge ** 2;
  x = norm(weights, x, 'visual.merger.ln_q', embed);
  x = graph.node('Reshape', [x, graph.ints([-1, merged])]);
  x = weights.linear(x, ['visual.merger.mlp.0'], merged, [merged], true);
  x = weights.linear(activate(graph, x, 'gelu'), ['visual.merger.mlp.2'], merged, [width], true);
  graph.node('Identity', [x], { names: ['image_features'] });
  graph.output('image_features', 'float32', ['rows', width]);
  return graph.finish();
}

function norm(weights: Weights, x: Value, name: string, width: number): Value {
  return layerNorm(weights, x, name, { hidden_size: width, layer_norm_eps: EPSILON });
}

function patchEmbeddings(weights: Weights, tower: Qwen2Tower): Value {
  const { graph } = weights;
  const { embed_dim: embed, patch_size: patch, temporal_patch_size: frames } = tower;
  const values = 3 * frames * patch * patch;
  const pixels = graph.input('pixel_values', 'float32', ['p', values]);
  const kernel = weights.float('visual.patch_embed.proj.weight', [embed, 3, frames, patch, patch]);
  return graph.node('FusedMatMul', [pixels, graph.node('Reshape', [kernel, graph.ints([embed, values])])], {
    domain: MICROSOFT,
    attributes: { transB: { int: 1 } },
  });
}

type Rotary = { readonly cos: Value; readonly sin: Value; readonly order: Value };

/** The first half of a head's pairs turns by the row of a patch, the second by its column. */
function placeRotary(graph: GraphBuilder, headSize: number): Rotary {
  const places = graph.input('places', 'int64', ['p', 2]);
  const axis = (index: number): Value =>
    graph.node('Gather', [places, graph.ints([index], [])], {
      attributes: { axis: { int: 1 } },
    });
  const quarter = headSize / 4;
  const tables = rotaryTables(graph, SIDE_PATCHES_MAX, quarter, (pair) =>
    Math.fround(1 / Math.fround(THETA ** (pair / quarter))),
  );
  const parts = [0, 1].map((index) => ({ tables, positions: axis(index) }));
  const count = graph.node('Squeeze', [
    graph.node('Shape', [places], { attributes: { start: { int: 0 }, end: { int: 1 } } }),
  ]);
  const order = graph.node('Range', [graph.ints([0], []), count, graph.ints([1], [])]);
  return { ...gatherRotary(graph, parts), order: graph.node('Unsqueeze', [order, graph.ints([0])]) };
}

function block(weights: Weights, tower: Qwen2Tower, x: Value, index: number, rotary: Rotary): Value {
  const { graph } = weights;
  const { embed_dim: embed, num_heads: heads, mlp_ratio: ratio } = tower;
  const name = `visual.blocks.${index}`;
  const joined = weights.linear(
    norm(weights, x, `${name}.norm1`, embed),
    [`${name}.attn.qkv`],
    embed,
    [3 * embed],
    true,
  );
  const [query, key, value] = graph.nodes('Split', [joined, graph.ints([embed, embed, embed])], 3, {
    attributes: { axis: { int: 2 } },
  }) as [Value, Value, Value];
  const turned = (input: Value): Value =>
    graph.node('RotaryEmbedding', [input, rotary.order, rotary.cos, rotary.sin], {
      domain: MICROSOFT,
      attributes: { interleaved: { int: 0 }, num_heads: { int: heads } },
    });
  const attended = graph.node('MultiHeadAttention', [turned(query), turned(key), value], {
    domain: MICROSOFT,
    attributes: { num_heads: { int: heads } },
  });
  const first = graph.node('Add', [x, weights.linear(attended, [`${name}.attn.proj`], embed, [embed], true)]);
  const normed = norm(weights, first, `${name}.norm2`, embed);
  const wide = weights.linear(normed, [`${name}.mlp.fc1`], embed, [embed * ratio], true);
  const narrow = weights.linear(
    activate(graph, wide, tower.hidden_act),
    [`${name}.mlp.fc2`],
    embed * ratio,
    [embed],
    true,
  );
  return graph.node('Add', [first, narrow]);
}
