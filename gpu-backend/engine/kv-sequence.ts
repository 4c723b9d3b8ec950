/** Keys and values of one token sequence in the memory of this process. */

/** Slots are added in blocks of this many tokens. */
export const SLOT_BLOCK = 256;

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

  constructor(shape: KvShape, prefix?: KvPrefix) {
    this.shape = shape;
    this.prefix = prefix;
    this.#length = prefix?.length ?? 0;
    this.#buffers = Array.from({ length: shape.layers * 2 }, () => new Float32Array(0));
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
    this.#buffers = this.#buffers.map((buffer) => {
      const grown = new Float32Array(this.shape.heads * capacity * this.shape.headSize);
      copySlots(buffer, this.capacity, grown, capacity, { from: 0, to: this.ownLength }, this.shape);
      return grown;
    });
    this.capacity = capacity;
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
        buffer.set(source.subarray(from, from + count * headSize), (head * this.capacity + own) * headSize);
      }
    });
    this.#length += count;
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
    if (this.prefix && length < start) return copyOfPrefix(this.shape, this.prefix, length);
    const result = new KvSequence(this.shape, this.prefix);
    result.append(this.#buffers, { offset: 0, stride: this.capacity, count: length - start });
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
    target.set(
      source.subarray((start + from) * headSize, (start + to) * headSize),
      (head * targetCapacity + from) * headSize,
    );
  }
}

function copyOfPrefix(shape: KvShape, prefix: KvPrefix, length: number): KvSequence {
  const result = new KvSequence(shape);
  result.append(prefix.buffers, { offset: 0, stride: prefix.length, count: length });
  return result;
}
