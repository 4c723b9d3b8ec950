/** Keys and values of one token sequence in the memory of this process. */
import { type KvPool, newBuffers } from './kv-pool.ts';

/** Slots are added in blocks of this many tokens: those that are unused cost memory, and time in a pass of one row. */
export const SLOT_BLOCK = 64;

export type KvShape = { readonly layers: number; readonly heads: number; readonly headSize: number };

/** Key of layer 0, value of layer 0, key of layer 1 ... */
export type KvBuffers = readonly Float32Array[];

/** What many sequences begin with, computed once and never written again: [heads, length, head size] each. */
export type KvPrefix = { readonly length: number; readonly buffers: KvBuffers };

/** Where the rows of some new tokens lie in a graph's output: [heads, stride, head size] from `offset` on. */
export type NewRows = { readonly offset: number; readonly stride: number; readonly count: number };

/**
 * A prefix, if there is one, and slots of its own: [heads, capacity, head size] per layer and part, those
 * beyond `ownLength` unused.
 */
export class KvSequence {
  readonly shape: KvShape;
  readonly prefix: KvPrefix | undefined;
  /** Slots of its own. */
  capacity = 0;
  /** Leading own slots that a batch holds a copy of; see BatchSlab. */
  mirrored = 0;
  #length: number;
  #buffers: Float32Array[];
  readonly #pool: KvPool | undefined;
  /** Own slots that were ever written in these buffers. */
  #written = 0;

  /** `pool`: where its memory comes from, and where `free` gives it. */
  constructor(shape: KvShape, prefix?: KvPrefix, pool?: KvPool) {
    this.shape = shape;
    this.prefix = prefix;
    this.#pool = pool;
    this.#length = prefix?.length ?? 0;
    this.#buffers = newBuffers(shape, 0);
  }

  /** Tokens in all. */
  get length(): number {
    return this.#length;
  }

  /** Tokens behind the prefix. */
  get ownLength(): number {
    return this.#length - (this.prefix?.length ?? 0);
  }

  get buffers(): KvBuffers {
    return this.#buffers;
  }

  key(layer: number): Float32Array {
    return this.#buffers[layer * 2] as Float32Array;
  }

  value(layer: number): Float32Array {
    return this.#buffers[layer * 2 + 1] as Float32Array;
  }

  /** Makes room for `length` tokens in all. */
  reserve(length: number): void {
    const own = length - (this.prefix?.length ?? 0);
    if (own <= this.capacity) return;
    const capacity = Math.ceil(own / SLOT_BLOCK) * SLOT_BLOCK;
    const grown = this.#pool?.take(capacity) ?? newBuffers(this.shape, capacity);
    const written = { from: 0, to: this.ownLength };
    this.#buffers.forEach((buffer, index) => {
      copySlots(buffer, this.capacity, grown[index] as Float32Array, capacity, written, this.shape);
    });
    this.#pool?.give({ buffers: this.#buffers, capacity: this.capacity, written: this.#written });
    this.#buffers = grown;
    this.#written = this.ownLength;
    this.capacity = capacity;
  }

  /** Gives its memory back. Nobody may use the sequence, or tensors over its buffers, any more. */
  free(): void {
    this.#pool?.give({ buffers: this.#buffers, capacity: this.capacity, written: this.#written });
    this.#buffers = newBuffers(this.shape, 0);
    this.#length = this.prefix?.length ?? 0;
    this.#written = 0;
    this.capacity = 0;
    this.mirrored = 0;
  }

  /** Adds tokens whose rows are in `rows`, one array for each buffer. */
  append(rows: KvBuffers, { offset, stride, count }: NewRows): void {
    this.reserve(this.#length + count);
    const { heads, headSize } = this.shape;
    const own = this.ownLength;
    this.#buffers.forEach((buffer, index) => {
      const source = rows[index] as Float32Array;
      for (let head = 0; head < heads; head++) {
        const from = offset + head * stride * headSize;
        copyFloats(source, from, buffer, (head * this.capacity + own) * headSize, count * headSize);
      }
    });
    this.#length += count;
    this.#written = Math.max(this.#written, own + count);
  }

  /** Forgets what comes after the first `length` tokens, which must not cut the prefix. */
  truncate(length: number): void {
    if (length >= this.#length) return;
    if (length < (this.prefix?.length ?? 0)) throw new RangeError('a prefix cannot be cut');
    this.#length = length;
    this.mirrored = Math.min(this.mirrored, this.ownLength);
  }

  /** The first `length` tokens with memory of their own; a prefix that is not cut stays shared. */
  copy(length: number): KvSequence {
    const start = this.prefix?.length ?? 0;
    if (this.prefix && length < start) return this.#copyOfPrefix(this.prefix, length);
    const result = new KvSequence(this.shape, this.prefix, this.#pool);
    result.append(this.#buffers, { offset: 0, stride: this.capacity, count: length - start });
    return result;
  }

  #copyOfPrefix(prefix: KvPrefix, length: number): KvSequence {
    const result = new KvSequence(this.shape, undefined, this.#pool);
    result.append(prefix.buffers, { offset: 0, stride: prefix.length, count: length });
    return result;
  }

  /** The sequence as a prefix of others. It must have none itself. */
  freeze(): KvPrefix {
    if (this.prefix) throw new RangeError('a prefix cannot have a prefix');
    const { heads, headSize } = this.shape;
    const length = this.#length;
    const buffers = this.#buffers.map((buffer) => {
      const exact = new Float32Array(heads * length * headSize);
      copySlots(buffer, this.capacity, exact, length, { from: 0, to: length }, this.shape);
      return exact;
    });
    return { length, buffers };
  }
}

/** Copies slots `from` to `to` of every head. */
export function copySlots(
  source: Float32Array,
  sourceCapacity: number,
  target: Float32Array,
  targetCapacity: number,
  { from, to }: { readonly from: number; readonly to: number },
  { heads, headSize }: KvShape,
): void {
  for (let head = 0; head < heads; head++) {
    const start = head * sourceCapacity;
    const at = (head * targetCapacity + from) * headSize;
    copyFloats(source, (start + from) * headSize, target, at, (to - from) * headSize);
  }
}

/** Below this many numbers a loop is faster than a view and `set`: most copies are the rows of a token or two. */
const VIEW_MIN = 128;

function copyFloats(
  source: Float32Array,
  from: number,
  target: Float32Array,
  at: number,
  count: number,
): void {
  if (count >= VIEW_MIN) return target.set(source.subarray(from, from + count), at);
  for (let index = 0; index < count; index++) target[at + index] = source[from + index] as number;
}
