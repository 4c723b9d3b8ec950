/**
 * Memory of sequences that are over, for those that begin. New memory for every step would be a gigabyte in a few seconds
 * of full load, and collecting it stops the thread for longer than a pass takes.
 */
import { KV_SPARE_BYTES_MAX } from '#shared/limits';
import type { KvShape } from './kv-sequence.ts';

/** Buffers of [heads, capacity, head size] whose first `written` slots of every head may hold something. */
type Used = { readonly buffers: Float32Array[]; readonly capacity: number; readonly written: number };

export class KvPool {
  readonly #shape: KvShape;
  readonly #bytesMax: number;
  /** By the slots of each buffer. */
  readonly #spare = new Map<number, Used[]>();
  #bytes = 0;

  constructor(shape: KvShape, bytesMax = KV_SPARE_BYTES_MAX) {
    this.#shape = shape;
    this.#bytesMax = bytesMax;
  }

  /** Bytes that nobody uses. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Zeroed buffers of [heads, capacity, head size], one for each layer and part. */
  take(capacity: number): Float32Array[] {
    const used = this.#spare.get(capacity)?.pop();
    if (!used) return newBuffers(this.#shape, capacity);
    this.#bytes -= bytesOf(used);
    // What is left there is another tenant's; it is hidden anyway, but nothing hides a value that is not finite.
    this.#clear(used);
    return used.buffers;
  }

  /** Takes buffers back that nobody reads or writes any more. Those that would be too much are left to the collector. */
  give(used: Used): void {
    const bytes = bytesOf(used);
    if (bytes === 0 || this.#bytes + bytes > this.#bytesMax) return;
    this.#bytes += bytes;
    const spare = this.#spare.get(used.capacity) ?? [];
    this.#spare.set(used.capacity, spare);
    spare.push(used);
  }

  #clear({ buffers, capacity, written }: Used): void {
    const { heads, headSize } = this.#shape;
    for (const buffer of buffers)
      for (let head = 0; head < heads; head++)
        buffer.fill(0, head * capacity * headSize, (head * capacity + written) * headSize);
  }
}

/** Zeroed buffers of [heads, capacity, head size], one for each layer and part. */
export function newBuffers({ layers, heads, headSize }: KvShape, capacity: number): Float32Array[] {
  return Array.from({ length: layers * 2 }, () => new Float32Array(heads * capacity * headSize));
}

const bytesOf = ({ buffers }: Used): number => buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
