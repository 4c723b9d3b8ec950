/** One thread of `cota generate`: writes the shards that it is told, one at a time. */
import { parentPort } from 'node:worker_threads';
import type { Task } from './generate.ts';
import { traceOf } from './programs.ts';
import { writeShard } from './shards.ts';

parentPort?.on('message', async ({ folder, seed, index, first, count, recipe }: Task) => {
  const traces = Array.from({ length: count }, (_, offset) => traceOf(seed, first + offset, recipe));
  await writeShard(folder, index, traces);
  parentPort?.postMessage('done');
});
