/** Folders and traces that the tests of the CoTA programs share. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { traceOf } from '#training/cota/programs';
import { readTraces } from '#training/cota/shards';
import type { CotaTrace } from '#training/cota/trace';

export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'taco-cota-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The first trace of a seed that fits. */
export function traceWhere(fits: (trace: CotaTrace) => boolean, seed = 3): CotaTrace {
  for (let index = 0; index < 2_000; index++) {
    const trace = traceOf(seed, index);
    if (fits(trace)) return trace;
  }
  throw new Error('none of 2,000 traces fits');
}

export async function tracesOf(folder: string): Promise<CotaTrace[]> {
  const traces: CotaTrace[] = [];
  for await (const trace of readTraces(folder)) traces.push(trace);
  return traces;
}
