/**
 * Keys and values of token sequences, kept between steps. A sequence is found by what it stands for,
 * its token ids and image digests, so a wrong hit cannot happen; a miss only costs time. What is evicted needs no
 * list of its tokens: every step brings its whole conversation, and is read again where nothing is left of it.
 */
import { KvPool } from './kv-pool.ts';
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

type Entry = {
  readonly owner: string;
  readonly tenant: string;
  readonly cells: Cells;
  readonly sequence: KvSequence;
};
type Shared = { readonly ids: readonly number[]; readonly prefix: KvPrefix };

/** Prefixes, each the beginning of every run with one list of actions: few differ at a time. */
const PREFIXES_MAX = 16;

/**
 * Parked sequences and shared prefixes, least recently used first, at most `tokensMax` slots of each kind and of one
 * tenant at most `tenantTokensMax`. A tenant never finds what another has parked: the time that it saves would tell
 * that somebody asked the same. Shared prefixes hold nothing of a tenant.
 */
export class KvStore {
  /** Sequences that had to go before their run came back for them, or never would have. */
  evictions = 0;
  readonly #layout: CellLayout;
  readonly #shape: KvShape;
  readonly #tokensMax: number;
  readonly #tenantTokensMax: number;
  readonly #pool: KvPool;
  #entries: Entry[] = [];
  #prefixes: Shared[] = [];

  constructor(shape: KvShape, layout: CellLayout, tokensMax: number, tenantTokensMax = tokensMax) {
    this.#shape = shape;
    this.#pool = new KvPool(shape);
    this.#layout = layout;
    this.#tokensMax = tokensMax;
    this.#tenantTokensMax = tenantTokensMax;
  }

  /** Slots of parked sequences. */
  get tokens(): number {
    return slotsOf(this.#entries);
  }

  /**
   * A sequence that holds the longest known prefix of `cells`, and is the caller's alone. At least the
   * last cell is left to compute, because its logits are wanted. The owner's own sequence is taken out
   * of the store; from another's of the tenant, the common part is copied; a shared prefix is only referred to.
   */
  acquire(owner: string, cells: Cells, tenant = ''): KvSequence {
    const isOwn = (entry: Entry): boolean => entry.owner === owner && entry.tenant === tenant;
    const { best, length: shared } = this.#longest(isOwn, cells, tenant);
    const length = Math.min(shared, cells.ids.length - 1);
    const prefix = this.#prefixOf(cells.ids);
    if (prefix && prefix.length >= length) {
      this.#drop(isOwn);
      return new KvSequence(this.#shape, prefix, this.#pool);
    }
    if (!best) return new KvSequence(this.#shape, undefined, this.#pool);
    // Of its tenant the most recently used, unless it leaves the store.
    this.#entries = this.#entries.filter((entry) => entry !== best);
    if (isOwn(best) && length >= (best.sequence.prefix?.length ?? 0)) {
      this.#drop(isOwn);
      best.sequence.truncate(length);
      return best.sequence;
    }
    const copy = best.sequence.copy(length);
    this.#entries.push(best);
    this.#drop(isOwn);
    return copy;
  }

  /** Keeps `sequence`, which holds the first cells of `cells`, in place of what the owner had parked before. */
  park(owner: string, cells: Cells, sequence: KvSequence, tenant = ''): void {
    if (sequence.length === 0) return sequence.free();
    this.#drop((entry) => entry.owner === owner && entry.tenant === tenant);
    this.#entries.push({ owner, tenant, cells, sequence });
    while (this.tokensOf(tenant) > this.#tenantTokensMax) this.#evictOf(tenant);
    while (this.tokens > this.#tokensMax) this.#evictOf(this.#heaviest());
  }

  /** How full it is, 0 to 1. */
  get fill(): number {
    return this.tokens / this.#tokensMax;
  }

  /** Slots of what a tenant has parked. */
  tokensOf(tenant: string): number {
    return slotsOf(this.#entries.filter((entry) => entry.tenant === tenant));
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

  /** What is parked is nobody else's, so its memory can go to another at once. */
  #drop(isOver: (entry: Entry) => boolean): void {
    const over = this.#entries.filter(isOver);
    if (over.length === 0) return;
    this.#entries = this.#entries.filter((entry) => !isOver(entry));
    for (const { sequence } of over) sequence.free();
  }

  #evictOf(tenant: string): void {
    const oldest = this.#entries.findIndex((entry) => entry.tenant === tenant);
    const [evicted] = this.#entries.splice(oldest, 1);
    evicted?.sequence.free();
    this.evictions++;
  }

  /** The tenant that holds most: a flood evicts its own. */
  #heaviest(): string {
    const held = new Map<string, number>();
    for (const { tenant, sequence } of this.#entries)
      held.set(tenant, (held.get(tenant) ?? 0) + sequence.capacity);
    return [...held].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  }

  #longest(
    isOwn: (entry: Entry) => boolean,
    cells: Cells,
    tenant: string,
  ): { readonly best: Entry | undefined; readonly length: number } {
    let best: Entry | undefined;
    let shared = 0;
    for (const entry of this.#entries) {
      if (entry.tenant !== tenant) continue;
      // Most begin alike and go on otherwise: one that does so no later than the best cannot be longer.
      if (shared > 0 && entry.cells.ids[shared] !== cells.ids[shared] && !isOwn(entry)) continue;
      const length = Math.min(commonPrefix(entry.cells, cells, this.#layout), entry.sequence.length);
      // Of equals the later one, which is the owner's own if there is one.
      if (length > 0 && (length > shared || (length === shared && isOwn(entry)))) {
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

function slotsOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { sequence }) => sum + sequence.capacity, 0);
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
