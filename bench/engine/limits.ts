/** What this machine can do at most on one thread, measured by the runtime that all graphs run on. */
import { openSession, Tensor } from '#backend/engine/runtime';
import { GraphBuilder } from '#backend/models/onnx/graph';
import type { Workload } from './synthetic-run.ts';

export type Limits = { readonly flopsPerSecond: number; readonly bytesPerSecond: number };

export type ModelSize = {
  /** Weights of the layers, that every token is multiplied with, and of the head, only where a token is written. */
  readonly weights: number;
  readonly head: number;
  readonly layers: number;
  readonly hidden: number;
  /** Of keys and values, for one token. */
  readonly tokenBytes: number;
};

const SIDE = 2_048;
const ROWS = 512;
const REPEATS = 5;

/** Arithmetic by a large product, memory by the product of one row with 128 MB of weights. */
export async function measuredLimits(): Promise<Limits> {
  const graph = new GraphBuilder('product');
  graph.node('MatMul', [graph.input('x', 'float32', ['m', 'k']), graph.input('w', 'float32', ['k', 'n'])], {
    names: ['y'],
  });
  graph.output('y', 'float32', ['m', 'n']);
  const session = await openSession(graph.finish(), { device: 'cpu', threads: 1 });
  const seconds = async (rows: number, side: number): Promise<number> => {
    const matrix = (m: number, n: number) => new Tensor('float32', new Float32Array(m * n).fill(0.5), [m, n]);
    const feeds = { x: matrix(rows, side), w: matrix(side, side) };
    const times: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const before = process.cpuUsage();
      await session.run(feeds);
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1e6);
    }
    return Math.min(...times);
  };
  const flopsPerSecond = (2 * ROWS * SIDE * SIDE) / (await seconds(ROWS, SIDE));
  const wide = SIDE * 3;
  const bytesPerSecond = (wide * wide * 4) / (await seconds(1, wide));
  await session.release();
  return { flopsPerSecond, bytesPerSecond };
}

/**
 * CPU ms that a run needs at least: every new token's products, and for every pass that writes a token the weights and
 * the keys and values read once, the weights by all `concurrency` rows together. Encoding comes on top.
 */
export function leastMs(
  workload: Workload,
  images: number,
  size: ModelSize,
  limits: Limits,
  concurrency: number,
): number {
  const { system, request, observation, written, steps } = workload;
  const fresh = images + request + (steps - 1) * (observation + 1);
  const decoded = steps * (written - 1);
  const length = system + fresh / 2 + decoded / 2;
  const products = (tokens: number, head: number): number =>
    (tokens * (2 * (size.weights + head) + 4 * size.hidden * length * size.layers)) / limits.flopsPerSecond;
  const bytes = ((size.weights + size.head) * 4) / concurrency + size.tokenBytes * length;
  const read = (decoded * bytes) / limits.bytesPerSecond;
  return 1000 * (products(fresh, 0) + Math.max(read, products(decoded, size.head)));
}
