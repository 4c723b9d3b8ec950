/**
 * Copies of the sequences that are decoded together, laid out as one batch. The sequences themselves stay
 * the truth: before a pass each row is given what its sequence has more than the copy, so rows may join,
 * leave, be cut back or sit a pass out at any time.
 */
import { copySlots, type KvBuffers, type KvSequence, type KvShape } from './kv-sequence.ts';

/** Slots of a row are a multiple of this: every row pays in each pass for the slots of the longest. */
const ROW_BLOCK = 64;

export class BatchSlab {
  readonly #shape: KvShape;
  /** [row capacity, heads, capacity, head size]. */
  #buffers: Float32Array[];
  #rows: KvSequence[] = [];
  #rowCapacity = 0;
  #capacity = 0;

  constructor(shape: KvShape) {
    this.#shape = shape;
    this.#buffers = Array.from({ length: shape.layers * 2 }, () => new Float32Array(0));
  }

  /** Slots of every row. */
  get capacity(): number {
    return this.#capacity;
  }

  /** The sequences in the order of their rows. */
  get rows(): readonly KvSequence[] {
    return this.#rows;
  }

  /** Takes the sequences in, makes their rows complete, and gives the range of rows that holds them all. */
  gather(sequences: readonly KvSequence[]): { readonly from: number; readonly to: number } {
    for (const sequence of sequences) if (!this.#rows.includes(sequence)) this.#join(sequence);
    this.#fit(Math.max(...this.#rows.map((sequence) => sequence.ownLength)));
    for (const sequence of sequences) this.#mirror(sequence);
    const places = sequences.map((sequence) => this.#rows.indexOf(sequence));
    return { from: Math.min(...places), to: Math.max(...places) + 1 };
  }

  /** Lets a sequence go that is not decoded any more; the last row takes its place. */
  release(sequence: KvSequence): void {
    const place = this.#rows.indexOf(sequence);
    if (place === -1) return;
    sequence.mirrored = 0;
    const last = this.#rows.pop() as KvSequence;
    if (last !== sequence) {
      this.#rows[place] = last;
      last.mirrored = 0;
    }
  }

  /** The rows `from` to `to` of one buffer: a view, no copy. */
  view(buffer: number, { from, to }: { readonly from: number; readonly to: number }): Float32Array {
    const row = this.#rowSize();
    return (this.#buffers[buffer] as Float32Array).subarray(from * row, to * row);
  }

  #rowSize(): number {
    return this.#shape.heads * this.#capacity * this.#shape.headSize;
  }

  #join(sequence: KvSequence): void {
    sequence.mirrored = 0;
    this.#rows.push(sequence);
    if (this.#rows.length > this.#rowCapacity)
      this.#resize(Math.max(2, this.#rowCapacity * 2), this.#capacity);
  }

  /** Grows to `slots`, and shrinks once half of the memory would do. */
  #fit(slots: number): void {
    const capacity = Math.ceil(slots / ROW_BLOCK) * ROW_BLOCK;
    if (capacity > this.#capacity || capacity <= this.#capacity / 2)
      this.#resize(this.#rowCapacity, capacity);
  }

  #resize(rows: number, capacity: number): void {
    this.#rowCapacity = rows;
    this.#capacity = capacity;
    const size = rows * this.#rowSize();
    this.#buffers = this.#buffers.map(() => new Float32Array(size));
    for (const sequence of this.#rows) sequence.mirrored = 0;
  }

  #mirror(sequence: KvSequence): void {
    const place = this.#rows.indexOf(sequence);
    const range = { from: sequence.mirrored, to: sequence.ownLength };
    if (range.from === range.to) return;
    const source: KvBuffers = sequence.buffers;
    this.#buffers.forEach((_, index) => {
      const row = this.view(index, { from: place, to: place + 1 });
      copySlots(source[index] as Float32Array, sequence.capacity, row, this.#capacity, range, this.#shape);
    });
    sequence.mirrored = sequence.ownLength;
  }
}
