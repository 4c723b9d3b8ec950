/**
 * Memory for what the graph gives, used again and again. Made anew for each pass it is hundreds of megabytes a second under
 * load, outside of the heap, and the garbage collector has to stop the thread to find out that it is free.
 */
import type { KvSequence } from './kv-sequence.ts';

/** Blocks come in powers of two from this many values on, so that few sizes are kept. */
const BLOCK_MIN = 2 ** 15;

type Block = { readonly values: Float32Array; holders: number };

export class OutputMemory {
  /** Blocks that nobody holds, by their size. */
  readonly #free = new Map<number, Block[]>();
  readonly #held = new WeakMap<KvSequence, Block>();
  #passing = new Float32Array(0);

  /** Room for what is copied at once: the next call gives the same. */
  passing(length: number): Float32Array {
    if (this.#passing.length < length) this.#passing = new Float32Array(sizeFor(length));
    return this.#passing;
  }

  /** Room that is left alone until each of the sequences has let it go, or is lent other room. */
  lend(length: number, sequences: readonly KvSequence[]): Float32Array {
    for (const sequence of sequences) this.letGo(sequence);
    const size = sizeFor(length);
    const block = this.#free.get(size)?.pop() ?? { values: new Float32Array(size), holders: 0 };
    block.holders = sequences.length;
    for (const sequence of sequences) this.#held.set(sequence, block);
    return block.values;
  }

  letGo(sequence: KvSequence): void {
    const block = this.#held.get(sequence);
    if (!block) return;
    this.#held.delete(sequence);
    block.holders--;
    if (block.holders > 0) return;
    const free = this.#free.get(block.values.length) ?? [];
    free.push(block);
    this.#free.set(block.values.length, free);
  }
}

function sizeFor(length: number): number {
  return Math.max(BLOCK_MIN, 2 ** Math.ceil(Math.log2(Math.max(1, length))));
}
