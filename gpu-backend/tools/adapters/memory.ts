/** Memory for the inputs of graphs that is used again: a fresh megabyte takes longer to come than to be written. */

/** Runs `use` with so many floats, which hold whatever the last user left there and are its own until it ends. */
export type Lend = <Result>(
  length: number,
  use: (floats: Float32Array) => Promise<Result>,
) => Promise<Result>;

/** So many of one length are kept: more are only needed where more calls run at once. */
const KEPT_MAX = 4;

/** Kept by length: for a user that takes a few lengths only. */
export function openMemory(): Lend {
  const kept = new Map<number, Float32Array[]>();
  return async (length, use) => {
    const free = kept.get(length) ?? [];
    kept.set(length, free);
    const floats = free.pop() ?? new Float32Array(length);
    try {
      return await use(floats);
    } finally {
      if (free.length < KEPT_MAX) free.push(floats);
    }
  };
}
