/** What the three similarity tools share: cosines, the best of them, and two digits. */

import { roundTo2 } from '#backend/tools/boxes';

/** The dot product of two unit vectors, -1..1. Throws where a model gives something else. */
export function cosine(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length)
    throw new Error(`expected vectors of one length, got ${a.length} and ${b.length}`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  if (!Number.isFinite(sum)) throw new Error('expected finite vectors of a similarity model');
  return sum;
}

/** The first of the largest is the best, before they are rounded. Takes at least one. */
export function ranked<Entry>(entries: readonly Entry[], similarities: readonly number[]) {
  const index = similarities.indexOf(Math.max(...similarities));
  return {
    similarity: similarities.map((value) => Math.min(1, Math.max(-1, roundTo2(value)))),
    index,
    entry: entries[index] as Entry,
  };
}

/** One after another: each has the model's threads to itself. */
export async function each<Entry, Result>(
  entries: readonly Entry[],
  of: (entry: Entry) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const entry of entries) results.push(await of(entry));
  return results;
}
