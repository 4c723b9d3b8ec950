/**
 * Attention over segments: the keys and values of the past lie in one or more tensors that are only read,
 * those of the new tokens in another, and one softmax goes over the scores of all. Nothing is joined or copied.
 */
import { type GraphBuilder, MICROSOFT, type Value } from './onnx/graph.ts';
import type { TextConfig } from './text-config.ts';

/** Added to the score of a slot that must not be seen. Finite, so that no row of scores becomes NaN. */
export const HIDDEN_SLOT = -1e30;

/** `shared` has one row for the whole batch, `past` one per request. Either may have no slots. */
export const SEGMENTS = ['shared', 'past'] as const;
export type Segment = (typeof SEGMENTS)[number];

export type KeyValue = { readonly key: Value; readonly value: Value };

export function segmentInputs(
  graph: GraphBuilder,
  text: TextConfig,
  segment: Segment,
  layer: number,
): KeyValue {
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
export function segmentAttention(
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

/** What is added to all scores, [b, 1, heads per kv head * s, all slots]: hidden slots, then the causal triangle. */
export function attentionBias(graph: GraphBuilder, text: TextConfig): Value {
  const perGroup = text.num_attention_heads / text.num_key_value_heads;
  const zero = graph.ints([0], []);
  const one = graph.ints([1], []);
  const dimension = (index: number): Value =>
    graph.node('Shape', ['input_ids'], { attributes: { start: { int: index }, end: { int: index + 1 } } });
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
  const slots = SEGMENTS.map((segment) => {
    const bias = graph.input(`${segment}_bias`, 'float32', ['b', `${segment}_slots`]);
    return graph.node('Expand', [graph.node('Unsqueeze', [bias, graph.ints([1, 2])]), shape]);
  });
  return graph.node('Concat', [...slots, causal], { attributes: { axis: { int: 3 } } });
}
