/**
 * Drafts: what probably comes next in a turn is proposed, and one pass verifies it. Nothing that is proposed is
 * believed, so the turn is the one that plain decoding writes. An agent's turn often repeats what it has read (prompt
 * look-up decoding, Saxena 2023), and runs are worded alike: that is looked up in tables of n-grams (ngram-table.ts).
 *
 * A draft that is taken makes a turn faster, so what one tenant's turns taught must not help another: the time would
 * tell what was written. Every tenant has a table of its own; the common one is made of turns that are public.
 */
import { DRAFT_TABLE_ENTRIES_MAX, DRAFT_TABLES_MAX } from '#shared/limits';
import { type Found, NgramTable, nothingFound } from './ngram-table.ts';
import type { PassCosts } from './pass-costs.ts';

/** Longer matches are better evidence, so they are looked for first. */
const MATCH_TOKENS_MAX = 3;
const MATCH_TOKENS_MIN = 2;
const DRAFT_TOKENS_MAX = 8;
/** Tokens of the prompt that a turn's first n-grams reach back to. */
const PROMPT_TOKENS = 3;
/** Weight of the newest verification in the acceptance rate. */
const NEWEST_WEIGHT = 0.2;
/** Bounds of the rate, so that a bad start does not end drafting and a good one does not blind it. */
const RATE_START = 0.6;
const RATE_MIN = 0.25;
const RATE_MAX = 0.95;

/** Where a draft is looked for, in this order. */
export const draftSources = ['prompt', 'tenant', 'public'] as const;
export type DraftSource = (typeof draftSources)[number];

export type Draft = {
  readonly tokens: readonly number[];
  /** Its source, and how many tokens of the context it followed from: drafts of a kind fare alike. */
  readonly kind?: `${DraftSource} ${number}`;
};
export const noDraft: Draft = { tokens: [] };

export type DraftCounts = { proposed: number; accepted: number };

/** For whom, after what, and how much room there is in the pass. */
export type DraftWish = {
  readonly tenant: string | undefined;
  /** The prompt and the turn so far. */
  readonly context: readonly number[];
  /** How many sequences are decoded together. */
  readonly rows: number;
  readonly countMax: number;
  /** The leading tokens that the turn may have here. */
  permitted(tokens: readonly number[]): readonly number[];
};

export class Drafter {
  readonly counts: DraftCounts = { proposed: 0, accepted: 0 };
  readonly #costs: Pick<PassCosts, 'fixed'>;
  readonly #sources: readonly DraftSource[];
  readonly #public = new NgramTable(DRAFT_TABLE_ENTRIES_MAX);
  /** In the order of their last use. */
  readonly #tenants = new Map<string, NgramTable>();
  readonly #rates = new Map<Draft['kind'], AcceptanceRate>();

  /** `turns` are public ones, as tokens. */
  constructor(
    costs: Pick<PassCosts, 'fixed'>,
    turns: Iterable<readonly number[]> = [],
    sources: readonly DraftSource[] = draftSources,
  ) {
    this.#costs = costs;
    this.#sources = sources;
    for (const tokens of turns) this.#public.learn(tokens);
  }

  /** The draft of the first source that has one. */
  propose({ tenant, context, rows, countMax, permitted }: DraftWish): Draft {
    for (const source of this.#sources) {
      const found = this.#find(source, tenant, context, Math.min(countMax, DRAFT_TOKENS_MAX));
      const kind = `${source} ${found.matched}` as const;
      const worth = this.#rateOf(kind).worth(this.#costs.fixed(rows));
      const tokens = permitted(found.tokens.slice(0, worth));
      if (tokens.length > 0) return { tokens, kind };
    }
    return noDraft;
  }

  /** What became of a draft. */
  verified({ tokens, kind }: Draft, accepted: number): void {
    if (kind === undefined) return;
    this.counts.proposed += tokens.length;
    this.counts.accepted += accepted;
    this.#rateOf(kind).learn(tokens.length, accepted);
  }

  /** Learns from a whole turn, for its tenant alone. */
  learn(tenant: string | undefined, prompt: readonly number[], turn: readonly number[]): void {
    if (tenant === undefined) return;
    const table = this.#tenants.get(tenant) ?? new NgramTable(DRAFT_TABLE_ENTRIES_MAX);
    this.#tenants.delete(tenant);
    this.#tenants.set(tenant, table);
    const before = prompt.slice(-PROMPT_TOKENS);
    table.learn([...before, ...turn], before.length);
    if (this.#tenants.size > DRAFT_TABLES_MAX)
      this.#tenants.delete(this.#tenants.keys().next().value as string);
  }

  #find(
    source: DraftSource,
    tenant: string | undefined,
    context: readonly number[],
    countMax: number,
  ): Found {
    if (countMax <= 0) return nothingFound;
    if (source === 'prompt') return lookUp(context, countMax);
    const own = tenant === undefined ? undefined : this.#tenants.get(tenant);
    const table = source === 'public' ? this.#public : own;
    return table?.continuation(context, countMax) ?? nothingFound;
  }

  #rateOf(kind: Draft['kind']): AcceptanceRate {
    const rate = this.#rates.get(kind) ?? new AcceptanceRate();
    this.#rates.set(kind, rate);
    return rate;
  }
}

/** How many tokens are worth proposing, from what became of earlier drafts. */
export class AcceptanceRate {
  #rate = RATE_START;

  /**
   * The most tokens whose expected gain exceeds their cost. The i-th token helps with probability rate^i; then it saves
   * a pass, which costs `fixed` and one, in units of one more token in this pass.
   */
  worth(fixed: number): number {
    let length = 0;
    while (length < DRAFT_TOKENS_MAX && this.#rate ** (length + 1) * (fixed + 1) > 1) length++;
    return length;
  }

  learn(proposed: number, accepted: number): void {
    if (proposed === 0) return;
    // Of the tokens that were looked at: those after the first wrong one say nothing.
    const rate = accepted / Math.min(proposed, accepted + 1);
    const mixed = this.#rate + NEWEST_WEIGHT * (rate - this.#rate);
    this.#rate = Math.min(RATE_MAX, Math.max(RATE_MIN, mixed));
  }
}

/** What came after the latest earlier place of the last tokens of `context`, at most `countMax` tokens. */
export function lookUp(context: readonly number[], countMax: number): Found {
  for (let size = MATCH_TOKENS_MAX; size >= MATCH_TOKENS_MIN; size--) {
    const at = lastMatch(context, size);
    if (at !== -1) return { tokens: context.slice(at, at + countMax), matched: size };
  }
  return nothingFound;
}

/** The place behind the latest earlier occurrence of the last `size` items; -1 when there is none. */
function lastMatch(context: readonly number[], size: number): number {
  for (let end = context.length - 1; end >= size; end--) {
    let same = 0;
    while (same < size && context[end - 1 - same] === context[context.length - 1 - same]) same++;
    if (same === size) return end;
  }
  return -1;
}
