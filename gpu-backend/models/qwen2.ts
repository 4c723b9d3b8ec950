/**
 * The decoder of the Qwen2 and Llama families with segment attention: keys and values of the past are
 * separate read-only inputs (one or more segments), and only the rows of the new tokens come back.
 * Nothing of the past is copied in the graph, and slots may have holes: see `*_bias`.
 */
import type { Checkpoint } from './checkpoint.ts';
import type { LlavaConfig, TextConfig } from './llava-config.ts';
import { GraphBuilder, MICROSOFT, type Value } from './onnx/graph.ts';
import { Weights } from './weights.ts';

/** Added to the score of a slot that must not be seen. Finite, so that no row of scores becomes NaN. */
export const HIDDEN_SLOT = -1e30;

/** `shared` has one row for the whole batch, `past` one per request. */
export type Segment = 'shared' | 'past';

/** ONNX bytes of: `input_ids` [b, s] int64 → `inputs_embeds` [b, s, hidden]. */
export function buildEmbeddingGraph(checkpoint: Checkpoint, { text }: LlavaConfig): Uint8Array {
  const graph = new GraphBuilder('embedding');
  const weights = new Weights(graph, checkpoint);
  const ids = graph.input('input_ids', 'int64', ['b', 's']);
  const table = weights.stored('text.embed_tokens.weight', [text.vocab_size, text.hidden_size]);
  const rows = graph.node('Gather', [table, ids]);
  graph.node('Cast', [rows], { names: ['inputs_embeds'], attributes: { to: { int: 1 } } });
  graph.output('inputs_embeds', 'float32', ['b', 's', text.hidden_size]);
  return graph.finish();
}

/**
 * ONNX bytes of the decoder.
 *
 * Inputs: `inputs_embeds` [b, s, hidden]; `position_ids` [b, s] int64; `num_logits_to_keep` int64 scalar;
 * for every segment `{segment}_bias` [b, t] float32 (0 where a slot is seen, HIDDEN_SLOT where not) and
 * `{segment}.{layer}.key|value` [b or 1, kv heads, t, head size], keys rotated. New tokens see one another causally.
 * Outputs: `logits` [b, num_logits_to_keep, vocabulary]; `new.{layer}.key|value` [b, kv heads, s, head size].
 */
export function buildDecoderGraph(
  checkpoint: Checkpoint,
  config: LlavaConfig,
  { segments = ['past'], positions }: { readonly segments?: readonly Segment[]; readonly positions: number },
): Uint8Array {
  const graph = new GraphBuilder('decoder');
  const weights = new Weights(graph, checkpoint);
  const { text } = config;
  let x: Value = graph.input('inputs_embeds', 'float32', ['b', 's', text.hidden_size]);
  const shared: LayerInputs = {
    weights,
    text,
    segments,
    positionIds: graph.input('position_ids', 'int64', ['b', 's']),
    rotary: rotaryTables(graph, text, positions),
    bias: attentionBias(graph, text, segments),
  };
  let residual: Value | undefined;
  for (let layer = 0; layer < text.num_hidden_layers; layer++) {
    const name = `text.layers.${layer}`;
    const attention = normed(weights, text, x, residual, `${name}.input_layernorm.weight`);
    const attended = attentionBlock(shared, attention.output, layer);
    const mlp = normed(weights, text, attended, attention.sum, `${name}.post_attention_layernorm.weight`);
    x = mlpBlock(weights, text, mlp.output, name);
    residual = mlp.sum;
  }
  const last = normed(weights, text, x, residual, 'text.norm.weight').output;
  writeLogits(weights, config, last);
  return graph.finish();
}

type LayerInputs = {
  readonly weights: Weights;
  readonly text: TextConfig;
  readonly segments: readonly Segment[];
  readonly positionIds: Value;
  readonly rotary: { readonly cos: Value; readonly sin: Value };
  readonly bias: Value;
};

/** Root-mean-square norm of `x` plus `residual`; the sum goes on as the next residual. */
function normed(
  weights: Weights,
  text: TextConfig,
  x: Value,
  residual: Value | undefined,
  name: string,
): { output: Value; sum: Value } {
  const { graph } = weights;
  const scale = weights.float(name, [text.hidden_size]);
  const attributes = { epsilon: { float: text.rms_norm_eps } };
  if (residual === undefined) {
    const output = graph.node('SimplifiedLayerNormalization', [x, scale], {
      attributes: { ...attributes, axis: { int: -1 } },
    });
    return { output, sum: x };
  }
  const [output, , , sum] = graph.nodes('SkipSimplifiedLayerNormalization', [x, residual, scale], 4, {
    domain: MICROSOFT,
    unused: [1, 2],
    attributes,
  });
  return { output: output as Value, sum: sum as Value };
}

function attentionBlock(inputs: LayerInputs, x: Value, layer: number): Value {
  const { weights, text, segments, positionIds, rotary, bias } = inputs;
  const { graph } = weights;
  const { num_attention_heads: heads, num_key_value_heads: groups, headSize, hidden_size: hidden } = text;
  const name = `text.layers.${layer}.self_attn`;
  const joined = weights.linear(
    x,
    [`${name}.q_proj`, `${name}.k_proj`, `${name}.v_proj`],
    hidden,
    [heads * headSize, groups * headSize, groups * headSize],
    weights.has(`${name}.q_proj.bias`),
  );
  const split = graph.node('Reshape', [joined, graph.ints([0, 0, heads + 2 * groups, headSize])]);
  const byHead = graph.node('Transpose', [split], { attributes: { perm: { ints: [0, 2, 1, 3] } } });
  const newValue = `new.${layer}.value`;
  const [unrotated] = graph.nodes('Split', [byHead, graph.ints([heads + groups, groups])], 2, {
    names: [`unrotated_${layer}`, newValue],
    attributes: { axis: { int: 1 } },
  });
  const rotated = graph.node('RotaryEmbedding', [unrotated as Value, positionIds, rotary.cos, rotary.sin], {
    domain: MICROSOFT,
    attributes: { interleaved: { int: 0 } },
  });
  const newKey = `new.${layer}.key`;
  const [query] = graph.nodes('Split', [rotated, graph.ints([heads, groups])], 2, {
    names: [`query_${layer}`, newKey],
    attributes: { axis: { int: 1 } },
  });
  for (const output of [newKey, newValue]) graph.output(output, 'float32', ['b', groups, 's', headSize]);
  const past = segments.map((segment) => segmentInputs(graph, text, segment, layer));
  const attended = segmentAttention(
    graph,
    text,
    query as Value,
    [...past, { key: newKey, value: newValue }],
    bias,
  );
  return weights.linear(attended, [`${name}.o_proj`], heads * headSize, [hidden], false);
}

type KeyValue = { readonly key: Value; readonly value: Value };

function segmentInputs(graph: GraphBuilder, text: TextConfig, segment: Segment, layer: number): KeyValue {
  const rows = segment === 'shared' ? 1 : 'b';
  const shape = [rows, text.num_key_value_heads, `${segment}_slots`, text.headSize];
  return {
    key: graph.input(`${segment}.${layer}.key`, 'float32', shape),
    value: graph.input(`${segment}.${layer}.value`, 'float32', shape),
  };
}

/**
 * Softmax over the scores of all segments at once. The query heads that share one key-value head are
 * rows of one product, [b, kv heads, (heads per kv head) * s, head size], so keys are never repeated.
 */
function segmentAttention(
  graph: GraphBuilder,
  text: TextConfig,
  query: Value,
  segments: readonly KeyValue[],
  bias: Value,
): Value {
  const { num_attention_heads: heads, num_key_value_heads: groups, headSize } = text;
  const grouped = graph.node('Reshape', [query, graph.ints([0, groups, -1, headSize])]);
  const scores = segments.map(({ key }) =>
    graph.node('FusedMatMul', [grouped, key], {
      domain: MICROSOFT,
      attributes: { transB: { int: 1 }, alpha: { float: 1 / Math.sqrt(headSize) } },
    }),
  );
  const all = graph.node('Concat', scores, { attributes: { axis: { int: 3 } } });
  const weights = graph.node('Softmax', [graph.node('Add', [all, bias])], {
    attributes: { axis: { int: -1 } },
  });
  const lengths = segments.map(({ key }) =>
    graph.node('Shape', [key], { attributes: { start: { int: 2 }, end: { int: 3 } } }),
  );
  const parts = graph.nodes(
    'Split',
    [weights, graph.node('Concat', lengths, { attributes: { axis: { int: 0 } } })],
    segments.length,
    { attributes: { axis: { int: 3 } } },
  );
  const sums = segments.map(({ value }, index) => graph.node('MatMul', [parts[index] as Value, value]));
  const total = sums.reduce((sum, part) => graph.node('Add', [sum, part]));
  const byHead = graph.node('Reshape', [total, graph.ints([0, heads, -1, headSize])]);
  const byToken = graph.node('Transpose', [byHead], { attributes: { perm: { ints: [0, 2, 1, 3] } } });
  return graph.node('Reshape', [byToken, graph.ints([0, 0, heads * headSize])]);
}

function mlpBlock(weights: Weights, text: TextConfig, x: Value, name: string): Value {
  const { graph } = weights;
  const { hidden_size: hidden, intermediate_size: inner } = text;
  const joined = weights.linear(
    x,
    [`${name}.mlp.gate_proj`, `${name}.mlp.up_proj`],
    hidden,
    [inner, inner],
    false,
  );
  const [gate, up] = graph.nodes('Split', [joined, graph.ints([inner, inner])], 2, {
    attributes: { axis: { int: -1 } },
  });
  // x * sigmoid(x), which is SiLU.
  const open = graph.node('QuickGelu', [gate as Value], {
    domain: MICROSOFT,
    attributes: { alpha: { float: 1 } },
  });
  const product = graph.node('Mul', [open, up as Value]);
  return weights.linear(product, [`${name}.mlp.down_proj`], inner, [hidden], false);
}

function writeLogits(weights: Weights, { text, tiesEmbeddings }: LlavaConfig, x: Value): void {
  const { graph } = weights;
  const keep = graph.input('num_logits_to_keep', 'int64', []);
  const start = graph.node('Unsqueeze', [graph.node('Neg', [keep]), graph.ints([0])]);
  const kept = graph.node('Slice', [x, start, graph.ints([Number.MAX_SAFE_INTEGER]), graph.ints([1])]);
  const head = !tiesEmbeddings && weights.has('head.weight') ? 'head' : 'text.embed_tokens';
  const logits = weights.linear(kept, [head], text.hidden_size, [text.vocab_size], false);
  graph.node('Identity', [logits], { names: ['logits'] });
  graph.output('logits', 'float32', ['b', 'kept', text.vocab_size]);
}

/** What is added to all scores, [b, 1, heads per kv head * s, all slots]: hidden slots, then the causal triangle. */
function attentionBias(graph: GraphBuilder, text: TextConfig, segments: readonly Segment[]): Value {
  const perGroup = text.num_attention_heads / text.num_key_value_heads;
  const zero = graph.ints([0], []);
  const one = graph.ints([1], []);
  const dimension = (index: number): Value =>
    graph.node('Shape', ['position_ids'], { attributes: { start: { int: index }, end: { int: index + 1 } } });
  const batch = dimension(0);
  const length = graph.node('Squeeze', [dimension(1)]);
  const order = graph.node('Range', [zero, length, one]);
  const seen = graph.node('LessOrEqual', [order, graph.node('Unsqueeze', [order, graph.ints([1])])]);
  const triangle = graph.node('Where', [seen, graph.float(0), graph.float(HIDDEN_SLOT)]);
  const rows = graph.node('Mul', [dimension(1), graph.ints([perGroup])]);
  const tiled = graph.node('Tile', [triangle, graph.ints([perGroup, 1])]);
  const ones = graph.node('Concat', [batch, graph.ints([1, 1, 1])], { attributes: { axis: { int: 0 } } });
  const causal = graph.node('Expand', [tiled, ones]);
  const shape = graph.node('Concat', [graph.ints([1, 1]), rows, graph.ints([1])], {
    attributes: { axis: { int: 0 } },
  });
  const slots = segments.map((segment) => {
    const bias = graph.input(`${segment}_bias`, 'float32', ['b', `${segment}_slots`]);
    return graph.node('Expand', [graph.node('Unsqueeze', [bias, graph.ints([1, 2])]), shape]);
  });
  return graph.node('Concat', [...slots, causal], { attributes: { axis: { int: 3 } } });
}

/** cos and sin [positions, head size / 2] in float32 arithmetic, as transformers computes them. */
function rotaryTables(
  graph: GraphBuilder,
  { headSize, ropeTheta }: TextConfig,
  positions: number,
): { cos: Value; sin: Value } {
  const half = headSize / 2;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let index = 0; index < half; index++) {
    const frequency = Math.fround(1 / Math.fround(ropeTheta ** ((2 * index) / headSize)));
    for (let position = 0; position < positions; position++) {
      const angle = Math.fround(frequency * position);
      cos[position * half + index] = Math.cos(angle);
      sin[position * half + index] = Math.sin(angle);
    }
  }
  return { cos: graph.floats(cos, [positions, half]), sin: graph.floats(sin, [positions, half]) };
}
