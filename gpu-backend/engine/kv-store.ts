/**
 * Keys and values of token sequences, kept between steps. A sequence is found by what it stands for,
 * its token ids and image digests, so a wrong hit cannot happen; a miss only costs time.
 */
import { type KvPrefix, KvSequence, type KvShape } from './kv-sequence.ts';

/** What the cells of a sequence stand for. */
export type Cells = {
  readonly ids: readonly number[];
  /** One digest for each image, in order. */
  readonly images: readonly string[];
  /** Image tokens of each image, where they differ. */
  readonly layouts?: ReadonlyArray<{ readonly rows: number }>;
};

/** How image tokens are laid out: an image is `imageTokens` cells of `imageToken`, unless `Cells` say otherwise. */
export type CellLayout = { readonly imageToken: number; readonly imageTokens?: number | undefined };

type Entry = { readonly owner: string; readonly cells: Cells; readonly sequence: KvSequence };
type Shared = { readonly ids: readonly number[]; readonly prefix: KvPrefix };

/** Prefixes, each the beginning of every run with one list of actions: few differ at a time. */
const PREFIXES_MAX = 16;

/** Parked sequences and shared prefixes, least recently used first, at most `tokensMax` slots of each kind. */
export class KvStore {
  readonly #layout: CellLayout;
  readonly #shape: KvShape;
  readonly #tokensMax: number;
  #entries: Entry[] = [];
  #prefixes: Shared[] = [];

  constructor(shape: KvShape, layout: CellLayout, tokensMax: number) {
    this.#shape = shape;
    this.#layout = layout;
    this.#tokensMax = tokensMax;
  }

  /** Slots of parked sequences. */
  get tokens(): number {
    return this.#entries.reduce((sum, { sequence }) => sum + sequence.capacity, 0);
  }

  /**
   * A sequence that holds the longest known prefix of `cells`, and is the caller's alone. At least the
   * last cell is left to compute, because its logits are wanted. The owner's own sequence is taken out
   * of the store; from another's, the common part is copied; a shared prefix is only referred to.
   */
  acquire(owner: string, cells: Cells): KvSequence {
    const { best, length: shared } = this.#longest(owner, cells);
    const length = Math.min(shared, cells.ids.length - 1);
    const prefix = this.#prefixOf(cells.ids);
    if (prefix && prefix.length >= length) {
      this.#entries = this.#entries.filter((entry) => entry.owner !== owner);
      return new KvSequence(this.#shape, prefix);
    }
    if (!best) return new KvSequence(this.#shape);
    this.#entries = this.#entries.filter((entry) => entry !== best && entry.owner !== owner);
    if (best.owner === owner && length >= (best.sequence.prefix?.length ?? 0)) {
      best.sequence.truncate(length);
      return best.sequence;
    }
    if (best.owner !== owner) this.#entries.push(best);
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

  /** Whether these ids are a known prefix, all of them. */
  hasPrefix(ids: readonly number[]): boolean {
    return this.#prefixes.some((known) => isSame(known.ids, ids));
  }

  /** Makes what `sequence` holds the beginning of every sequence whose ids begin so. */
  share(ids: readonly number[], sequence: KvSequence): void {
    this.#prefixes.push({ ids, prefix: sequence.freeze() });
    const tokens = (): number => this.#prefixes.reduce((sum, { prefix }) => sum + prefix.length, 0);
    while (this.#prefixes.length > PREFIXES_MAX || tokens() > this.#tokensMax) this.#prefixes.shift();
  }

  #longest(owner: string, cells: Cells): { readonly best: Entry | undefined; readonly length: number } {
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
    return { best, length: shared };
  }

  /** The longest prefix that `ids` begin with and go on from; it becomes the most recently used. */
  #prefixOf(ids: readonly number[]): KvPrefix | undefined {
    let found: Shared | undefined;
    for (const known of this.#prefixes) {
      const isLonger = known.ids.length > (found?.ids.length ?? 0);
      if (isLonger && known.ids.length < ids.length && isSame(known.ids, ids.slice(0, known.ids.length)))
        found = known;
    }
    if (found) this.#prefixes = [...this.#prefixes.filter((known) => known !== found), found];
    return found?.prefix;
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

/** Cells that two sequences share from the start on; an image counts as far as both show the same one. */
export function commonPrefix(a: Cells, b: Cells, { imageToken, imageTokens = 1 }: CellLayout): number {
  const length = Math.min(a.ids.length, b.ids.length);
  let cells = 0;
  let image = 0;
  /** Cells that the image has left. */
  let left = 0;
  while (cells < length && a.ids[cells] === b.ids[cells]) {
    if (a.ids[cells] === imageToken) {
      if (left === 0) {
        if (a.images[image] !== b.images[image]) break;
        left = a.layouts?.[image]?.rows ?? imageTokens;
        image++;
      }
      left--;
    }
    cells++;
  }
  return cells;
}
