/**
 * The usual export of a decoder, as transformers.js runs it: keys and values of the whole past go in, are
 * joined with the new ones, repeated for every query head, and come back whole. The rest of the graph is
 * our own, with its joined weights and fused operators, which a plain export lacks: a strong opponent.
 */
import type { Checkpoint } from '#backend/models/checkpoint';
import type { LlavaConfig } from '#backend/models/llava-config';
import { GraphBuilder, MICROSOFT, type Value } from '#backend/models/onnx/graph';
import {
  embeddings,
  languageHead,
  mlpBlock,
  normed,
  outputProjection,
  queryKeyValue,
} from '#backend/models/qwen2';
import { tokenRotary } from '#backend/models/rotary';
import { HIDDEN_SLOT } from '#backend/models/segment-attention';
import type { TextConfig } from '#backend/models/text-config';
import { Weights } from '#backend/models/weights';

/**
 * Inputs: `input_ids`, `features`, `features_at` and `position_ids` as in our own graph; `past_key_values.{layer}.key|value`
 * [b, kv heads, p, head size]. Outputs: `logits` [b, 1, vocabulary] of the last token, as transformers.js
 * asks for; `present.{layer}.key|value` [b, kv heads, p + s, head size]. With `embedded` the graph begins with
 * `inputs_embeds` [b, s, hidden] instead of ids and features.
 */
export function buildConcatGraph(
  checkpoint: Checkpoint,
  config: LlavaConfig,
  positions: number,
  { embedded = false } = {},
): Uint8Array {
  const graph = new GraphBuilder('concat-decoder');
  const weights = new Weights(graph, checkpoint);
  const { text } = config;
  let x = embedded
    ? graph.input('inputs_embeds', 'float32', ['b', 's', text.hidden_size])
    : embeddings(weights, text);
  const inputs = { weights, text, ...tokenRotary(graph, text, positions) };
  let bias: Value | undefined;
  let residual: Value | undefined;
  for (let layer = 0; layer < text.num_hidden_layers; layer++) {
    const name = `text.layers.${layer}`;
    const attention = normed(weights, text, x, residual, `${name}.input_layernorm.weight`);
    const own = { key: `own.${layer}.key`, value: `own.${layer}.value` };
    const query = queryKeyValue(inputs, attention.output, layer, own);
    const key = present(graph, text, layer, 'key', own.key);
    const value = present(graph, text, layer, 'value', own.value);
    bias ??= causalBias(graph, key);
    const attended = attend(graph, text, query, { key, value, bias });
    const projected = outputProjection(weights, text, attended, layer);
    const mlp = normed(weights, text, projected, attention.sum, `${name}.post_attention_layernorm.weight`);
    x = mlpBlock(weights, text, mlp.output, name);
    residual = mlp.sum;
  }
  const last = normed(weights, text, x, residual, 'text.norm.weight').output;
  const kept = graph.node('Slice', [
    last,
    graph.ints([-1]),
    graph.ints([Number.MAX_SAFE_INTEGER]),
    graph.ints([1]),
  ]);
  graph.node('Identity', [languageHead(weights, config, kept)], { names: ['logits'] });
  graph.output('logits', 'float32', ['b', 1, text.vocab_size]);
  return graph.finish();
}

function present(graph: GraphBuilder, text: TextConfig, layer: number, part: string, own: Value): Value {
  const shape = ['b', text.num_key_value_heads, 'p', text.headSize];
  const past = graph.input(`past_key_values.${layer}.${part}`, 'float32', shape);
  const name = `present.${layer}.${part}`;
  graph.node('Concat', [past, own], { names: [name], attributes: { axis: { int: 2 } } });
  graph.output(name, 'float32', ['b', text.num_key_value_heads, 'p_and_s', text.headSize]);
  return name;
}

/** [s, p + s]: token i sees the past and the new tokens up to itself. */
function causalBias(graph: GraphBuilder, key: Value): Value {
  const size = (value: Value, at: number): Value =>
    graph.node('Squeeze', [
      graph.node('Shape', [value], { attributes: { start: { int: at }, end: { int: at + 1 } } }),
    ]);
  const [zero, one] = [graph.ints([0], []), graph.ints([1], [])];
  const all = size(key, 2);
  const past = graph.node('Sub', [all, size('position_ids', 1)]);
  const columns = graph.node('Range', [zero, all, one]);
  const rows = graph.node('Unsqueeze', [graph.node('Range', [past, all, one]), graph.ints([1])]);
  const seen = graph.node('LessOrEqual', [columns, rows]);
  return graph.node('Where', [seen, graph.float(0), graph.float(HIDDEN_SLOT)]);
}

function attend(
  graph: GraphBuilder,
  text: TextConfig,
  query: Value,
  { key, value, bias }: { readonly key: Value; readonly value: Value; readonly bias: Value },
): Value {
  const { num_attention_heads: heads, num_key_value_heads: groups, headSize } = text;
  const repeated = (states: Value): Value => {
    if (heads === groups) return states;
    const spread = graph.node('Unsqueeze', [states, graph.ints([2])]);
    const wide = graph.node('Expand', [spread, graph.ints([1, 1, heads / groups, 1, 1])]);
    return graph.node('Reshape', [wide, graph.ints([0, heads, -1, headSize])]);
  };
  const scores = graph.node('FusedMatMul', [query, repeated(key)], {
    domain: MICROSOFT,
    attributes: { transB: { int: 1 }, alpha: { float: 1 / Math.sqrt(headSize) } },
  });
  const weights = graph.node('Softmax', [graph.node('Add', [scores, bias])], {
    attributes: { axis: { int: -1 } },
  });
  const byHead = graph.node('MatMul', [weights, repeated(value)]);
  const byToken = graph.node('Transpose', [byHead], { attributes: { perm: { ints: [0, 2, 1, 3] } } });
  return graph.node('Reshape', [byToken, graph.ints([0, 0, heads * headSize])]);
}

/** `input_ids` [b, s] to `inputs_embeds` [b, s, hidden], a graph of its own in the usual export. */
export function buildEmbeddingGraph(checkpoint: Checkpoint, { text }: LlavaConfig): Uint8Array {
  const graph = new GraphBuilder('embed-tokens');
  const table = new Weights(graph, checkpoint).float('text.embed_tokens.weight', [
    text.vocab_size,
    text.hidden_size,
  ]);
  graph.node('Gather', [table, graph.input('input_ids', 'int64', ['b', 's'])], { names: ['inputs_embeds'] });
  graph.output('inputs_embeds', 'float32', ['b', 's', text.hidden_size]);
  return graph.finish();
}
