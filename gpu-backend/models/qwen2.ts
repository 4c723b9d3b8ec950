/**
 * The decoder of the Qwen2 and Llama families: keys and values of the past are separate read-only inputs,
 * and only the rows of the new tokens come back. Slots may have holes: see `*_bias`.
 */
import type { Checkpoint } from './checkpoint.ts';
import { GraphBuilder, MICROSOFT, type Value } from './onnx/graph.ts';
import { type Rotary, tokenRotary } from './rotary.ts';
import {
  attentionBias,
  type KeyValue,
  SEGMENTS,
  segmentAttention,
  segmentInputs,
} from './segment-attention.ts';
import type { TextConfig } from './text-config.ts';
import type { DecoderConfig } from './vision-language.ts';
import { Weights } from './weights.ts';

/**
 * ONNX bytes of the decoder.
 *
 * Inputs: `input_ids` [b, s] int64; `position_ids`: see tokenRotary; `features` [f, hidden] and `features_at` [f, 1] int64, rows
 * that stand in place of the embeddings of some tokens; `logits_at` [n] int64; places are those of the flattened
 * [b * s] tokens, and f and n may be 0. For every segment `{segment}_bias` [b, t] float32 (0 where a slot is seen, HIDDEN_SLOT
 * where not) and `{segment}.{layer}.key|value` [b or 1, kv heads, t, head size], keys rotated. New tokens see one
 * another causally, so what pads a row behind its last token is seen by nobody.
 * Outputs: `logits` [n, vocabulary]; `new.{layer}.key|value` [b, kv heads, s, head size].
 */
export function buildDecoderGraph(
  checkpoint: Checkpoint,
  config: DecoderConfig,
  { positions }: { readonly positions: number },
): Uint8Array {
  const graph = new GraphBuilder('decoder');
  const weights = new Weights(graph, checkpoint);
  const { text } = config;
  let x = embeddings(weights, text);
  const shared: LayerInputs = {
    weights,
    text,
    ...tokenRotary(graph, text, positions),
    bias: attentionBias(graph, text),
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
  readonly positionIds: Value;
  readonly rotary: Rotary;
  readonly bias: Value;
};

/** The rows of the tokens, [b, s, hidden], those of images from `features`: see buildDecoderGraph. */
export function embeddings(weights: Weights, text: TextConfig): Value {
  const { graph } = weights;
  const rows = embed(weights, text, graph.input('input_ids', 'int64', ['b', 's']));
  const flat = graph.node('Reshape', [rows, graph.ints([-1, text.hidden_size])]);
  const features = graph.input('features', 'float32', ['f', text.hidden_size]);
  const places = graph.input('features_at', 'int64', ['f', 1]);
  const placed = graph.node('ScatterND', [flat, places, features]);
  return graph.node('Reshape', [placed, graph.node('Shape', [rows])]);
}

/** Only the rows that are asked for are cast, so a table of half floats stays as it is stored. */
function embed(weights: Weights, text: TextConfig, ids: Value): Value {
  const { graph } = weights;
  const table = weights.stored('text.embed_tokens.weight', [text.vocab_size, text.hidden_size]);
  return graph.node('Cast', [graph.node('Gather', [table, ids])], { attributes: { to: { int: 1 } } });
}

/** Root-mean-square norm of `x` plus `residual`; the sum goes on as the next residual. */
export function normed(
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
  const { weights, text, bias } = inputs;
  const { graph } = weights;
  const [newKey, newValue] = [`new.${layer}.key`, `new.${layer}.value`];
  const query = queryKeyValue(inputs, x, layer, { key: newKey, value: newValue });
  for (const output of [newKey, newValue])
    graph.output(output, 'float32', ['b', text.num_key_value_heads, 's', text.headSize]);
  const past = SEGMENTS.map((segment) => segmentInputs(graph, text, segment, layer));
  const attended = segmentAttention(graph, text, query, [...past, { key: newKey, value: newValue }], bias);
  return outputProjection(weights, text, attended, layer);
}

/** The rotated query [b, heads, s, head size]; key and value of the new tokens get the names of `outputs`. */
export function queryKeyValue(
  {
    weights,
    text,
    positionIds,
    rotary,
  }: {
    readonly weights: Weights;
    readonly text: TextConfig;
    readonly positionIds: Value;
    readonly rotary: Rotary;
  },
  x: Value,
  layer: number,
  outputs: KeyValue,
): Value {
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
  const [unrotated] = graph.nodes('Split', [byHead, graph.ints([heads + groups, groups])], 2, {
    names: [`unrotated_${layer}`, outputs.value],
    attributes: { axis: { int: 1 } },
  });
  const rotated = graph.node('RotaryEmbedding', [unrotated as Value, positionIds, rotary.cos, rotary.sin], {
    domain: MICROSOFT,
    attributes: { interleaved: { int: 0 } },
  });
  const [query] = graph.nodes('Split', [rotated, graph.ints([heads, groups])], 2, {
    names: [`query_${layer}`, outputs.key],
    attributes: { axis: { int: 1 } },
  });
  return query as Value;
}

/** `x` [b, s, heads * head size] to [b, s, hidden]. */
export function outputProjection(weights: Weights, text: TextConfig, x: Value, layer: number): Value {
  const name = `text.layers.${layer}.self_attn.o_proj`;
  const bias = weights.has(`${name}.bias`);
  return weights.linear(x, [name], text.num_attention_heads * text.headSize, [text.hidden_size], bias);
}

export function mlpBlock(weights: Weights, text: TextConfig, x: Value, name: string): Value {
  const { graph } = weights;
  const { hidden_size: hidden, intermediate_size: inner } = text;
  const joined = weights.linear(
    x,
    [`${name}.mlp.gate_proj`, `${name}.mlp.up_proj`],
    hidden,
    [inner, inner],
    weights.has(`${name}.mlp.gate_proj.bias`),
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
  const bias = weights.has(`${name}.mlp.down_proj.bias`);
  return weights.linear(product, [`${name}.mlp.down_proj`], inner, [hidden], bias);
}

/** `x` [..., hidden] to logits over the vocabulary. */
export function languageHead(weights: Weights, { text, tiesEmbeddings }: DecoderConfig, x: Value): Value {
  // Tied embeddings may have a small copy of their own for the head.
  const isOwn = weights.has('head.weight') ? !tiesEmbeddings : weights.hasLinear('head');
  const head = isOwn ? 'head' : 'text.embed_tokens';
  return weights.linear(x, [head], text.hidden_size, [text.vocab_size], false);
}

function writeLogits(weights: Weights, config: DecoderConfig, x: Value): void {
  const { graph } = weights;
  const { text } = config;
  const places = graph.input('logits_at', 'int64', ['n']);
  const rows = graph.node('Reshape', [x, graph.ints([-1, text.hidden_size])]);
  const kept = graph.node('Gather', [rows, places]);
  graph.node('Identity', [languageHead(weights, config, kept)], { names: ['logits'] });
  graph.output('logits', 'float32', ['n', text.vocab_size]);
}
