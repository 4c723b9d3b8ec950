/**
 * Keys and values of token sequences, kept between steps. A sequence is found by what it stands for,
 * its token ids and image digests, so a wrong hit cannot happen; a miss only costs time.
 */

/** Slots are added in blocks of this many tokens. */
export const SLOT_BLOCK = 256;

export type KvShape = { readonly layers: number; readonly heads: number; readonly headSize: number };

/** What the cells of a sequence stand for. */
export type Cells = {
  readonly ids: readonly number[];
  /** One digest for each image, in order. */
  readonly images: readonly string[];
};

/** How image tokens are laid out: every image is `imageTokens` cells of `imageToken`. */
export type CellLayout = { readonly imageToken: number; readonly imageTokens: number };

/** Keys and values of one sequence: [heads, capacity, head size] per layer, rows beyond `length` unused. */
export class KvSequence {
  readonly shape: KvShape;
  length = 0;
  capacity = 0;
  /** Key of layer 0, value of layer 0, key of layer 1 ... */
  readonly #buffers: Float32Array[];

  constructor(shape: KvShape) {
    this.shape = shape;
    this.#buffers = Array.from({ length: shape.layers * 2 }, () => new Float32Array(0));
  }

  key(layer: number): Float32Array {
    return this.#buffers[layer * 2] as Float32Array;
  }

  value(layer: number): Float32Array {
    return this.#buffers[layer * 2 + 1] as Float32Array;
  }

  /** Makes room for `length` tokens in all. */
  reserve(length: number): void {
    if (length <= this.capacity) return;
    const capacity = Math.ceil(length / SLOT_BLOCK) * SLOT_BLOCK;
    const { heads, headSize } = this.shape;
    this.#buffers.forEach((buffer, index) => {
      const grown = new Float32Array(heads * capacity * headSize);
      copyRows(buffer, this.capacity, grown, capacity, this.length, this.shape);
      this.#buffers[index] = grown;
    });
    this.capacity = capacity;
  }

  /** Writes `count` rows of every head behind the last token of `buffer`; `advance` makes them count. */
  write(buffer: Float32Array, rows: Float32Array, count: number): void {
    const { heads, headSize } = this.shape;
    for (let head = 0; head < heads; head++) {
      const from = head * count * headSize;
      buffer.set(
        rows.subarray(from, from + count * headSize),
        (head * this.capacity + this.length) * headSize,
      );
    }
  }

  advance(count: number): void {
    this.length += count;
  }

  /** A copy of the first `length` tokens. */
  copy(length: number): KvSequence {
    const result = new KvSequence(this.shape);
    result.reserve(length);
    this.#buffers.forEach((buffer, index) => {
      copyRows(
        buffer,
        this.capacity,
        result.#buffers[index] as Float32Array,
        result.capacity,
        length,
        this.shape,
      );
    });
    result.length = length;
    return result;
  }
}

function copyRows(
  from: Float32Array,
  fromCapacity: number,
  to: Float32Array,
  toCapacity: number,
  length: number,
  { heads, headSize }: KvShape,
): void {
  for (let head = 0; head < heads; head++) {
    const start = head * fromCapacity * headSize;
    to.set(from.subarray(start, start + length * headSize), head * toCapacity * headSize);
  }
}

type Entry = { readonly owner: string; readonly cells: Cells; readonly sequence: KvSequence };

/** Parked sequences, least recently used first, at most `tokensMax` slots in all. */
export class KvStore {
  readonly #layout: CellLayout;
  readonly #shape: KvShape;
  readonly #tokensMax: number;
  #entries: Entry[] = [];

  constructor(shape: KvShape, layout: CellLayout, tokensMax: number) {
    this.#shape = shape;
    this.#layout = layout;
    this.#tokensMax = tokensMax;
  }

  /** Slots in use. */
  get tokens(): number {
    return this.#entries.reduce((sum, { sequence }) => sum + sequence.capacity, 0);
  }

  /**
   * A sequence that holds the longest known prefix of `cells`, and is the caller's alone. At least the
   * last cell is left to compute, because its logits are wanted. The owner's own sequence is taken out
   * of the store; from another's, the common part is copied.
   */
  acquire(owner: string, cells: Cells): KvSequence {
    let best: Entry | undefined;
    let shared = 0;
    for (const entry of this.#entries) {
      const length = Math.min(commonPrefix(entry.cells, cells, this.#layout), entry.sequence.length);
      // Of equals the later one, which is the owner's own if there is one.
      if (length > 0 && (length > shared || (length === shared && entry.owner === owner))) {
        best = entry;
        shared = length;
      }
    }
    if (!best) return new KvSequence(this.#shape);
    const length = Math.min(shared, cells.ids.length - 1);
    this.#entries = this.#entries.filter((entry) => entry !== best && entry.owner !== owner);
    if (best.owner === owner) {
      best.sequence.length = length;
      return best.sequence;
    }
    this.#entries.push(best);
    return best.sequence.copy(length);
  }

  /** Keeps `sequence`, which holds the first cells of `cells`, in place of what the owner had parked before. */
  park(owner: string, cells: Cells, sequence: KvSequence): void {
    if (sequence.length === 0) return;
    this.#entries = this.#entries.filter((entry) => entry.owner !== owner);
    this.#entries.push({ owner, cells, sequence });
    while (this.tokens > this.#tokensMax) this.#entries.shift();
  }

  has(owner: string): boolean {
    return this.#entries.some((entry) => entry.owner === owner);
  }
}

/** Cells that two sequences share from the start on; an image counts as far as both show the same one. */
export function commonPrefix(a: Cells, b: Cells, { imageToken, imageTokens }: CellLayout): number {
  const length = Math.min(a.ids.length, b.ids.length);
  let cells = 0;
  let imageCells = 0;
  while (cells < length && a.ids[cells] === b.ids[cells]) {
    if (a.ids[cells] === imageToken) {
      const image = Math.floor(imageCells / imageTokens);
      if (imageCells % imageTokens === 0 && a.images[image] !== b.images[image]) break;
      imageCells++;
    }
    cells++;
  }
  return cells;
}
