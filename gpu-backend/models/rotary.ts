/** Rotary embeddings: tables of angles, and rows of them by the place of each token. */
import type { GraphBuilder, Value } from './onnx/graph.ts';
import type { TextConfig } from './text-config.ts';

/** cos and sin, [positions or tokens, pairs]. */
export type Rotary = { readonly cos: Value; readonly sin: Value };

/** cos and sin [positions, pairs] in float32 arithmetic, as transformers computes them. */
export function rotaryTables(
  graph: GraphBuilder,
  positions: number,
  pairs: number,
  frequencyOf: (pair: number) => number,
): Rotary {
  const cos = new Float32Array(positions * pairs);
  const sin = new Float32Array(positions * pairs);
  for (let pair = 0; pair < pairs; pair++) {
    const frequency = frequencyOf(pair);
    for (let position = 0; position < positions; position++) {
      const angle = Math.fround(frequency * position);
      cos[position * pairs + pair] = Math.cos(angle);
      sin[position * pairs + pair] = Math.sin(angle);
    }
  }
  return { cos: graph.floats(cos, [positions, pairs]), sin: graph.floats(sin, [positions, pairs]) };
}

/** For each token its angles, [tokens, all pairs]: the pairs of each part by positions [tokens] of its own. */
export function gatherRotary(
  graph: GraphBuilder,
  parts: ReadonlyArray<{ readonly tables: Rotary; readonly positions: Value }>,
): Rotary {
  const gathered = (side: keyof Rotary): Value =>
    graph.node(
      'Concat',
      parts.map(({ tables, positions }) => graph.node('Gather', [tables[side], positions])),
      { attributes: { axis: { int: 1 } } },
    );
  return { cos: gathered('cos'), sin: gathered('sin') };
}

/** What the decoder turns its queries and keys by: a table, and which of its rows are whose. */
export type TokenRotary = { readonly rotary: Rotary; readonly positionIds: Value };

/**
 * Declares `position_ids`: [b, s], or [3, b, s] of time, row and column where the model's pairs are split
 * among the three.
 */
export function tokenRotary(graph: GraphBuilder, text: TextConfig, positions: number): TokenRotary {
  const frequencyOf = (pair: number): number =>
    text.scaleFrequency(Math.fround(1 / Math.fround(text.ropeTheta ** ((2 * pair) / text.headSize))));
  const { ropeSections: sections } = text;
  if (!sections) {
    const positionIds = graph.input('position_ids', 'int64', ['b', 's']);
    return { positionIds, rotary: rotaryTables(graph, positions, text.headSize / 2, frequencyOf) };
  }
  const places = graph.input('position_ids', 'int64', [3, 'b', 's']);
  const flat = graph.node('Reshape', [places, graph.ints([3, -1])]);
  let from = 0;
  const parts = sections.map((pairs, axis) => {
    const start = from;
    from += pairs;
    return {
      tables: rotaryTables(graph, positions, pairs, (pair) => frequencyOf(start + pair)),
      positions: graph.node('Gather', [flat, graph.ints([axis], [])]),
    };
  });
  // The angles are a table with one row for each token, so the tokens take its rows in order.
  const shape = graph.node('Shape', [places], { attributes: { start: { int: 1 } } });
  const count = graph.node('ReduceProd', [shape], { attributes: { keepdims: { int: 0 } } });
  const order = graph.node('Range', [graph.ints([0], []), count, graph.ints([1], [])]);
  return { rotary: gatherRotary(graph, parts), positionIds: graph.node('Reshape', [order, shape]) };
}
