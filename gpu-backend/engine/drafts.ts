/**
 * Drafts by prompt look-up: an agent's turn often repeats what it has read, so what followed the last few
 * tokens where they stood before is proposed, and one pass verifies it. The idea is prompt look-up decoding
 * (Saxena 2023); nothing that is proposed is believed, so the turn is the one that plain decoding writes.
 */
import { PASS_COST_CELLS } from './pass-plan.ts';

/** Longer matches are better evidence, so they are looked for first. */
const MATCH_TOKENS_MAX = 3;
const MATCH_TOKENS_MIN = 2;
const DRAFT_TOKENS_MAX = 8;
/** Weight of the newest verification in the acceptance rate. */
const NEWEST_WEIGHT = 0.2;
/** Bounds of the rate, so that a bad start does not end drafting and a good one does not blind it. */
const RATE_MIN = 0.25;
const RATE_MAX = 0.95;

export type DraftCounts = { proposed: number; accepted: number };

/** How many tokens are worth proposing, from what became of earlier drafts. */
export class DraftLength {
  readonly counts: DraftCounts = { proposed: 0, accepted: 0 };
  #rate = 0.6;

  /**
   * The most tokens whose expected gain exceeds their cost when `rows` sequences are decoded together. The
   * i-th token helps with probability rate^i; then it saves the row's share of a pass.
   */
  next(rows: number): number {
    const saved = (PASS_COST_CELLS + rows) / rows;
    let length = 0;
    while (length < DRAFT_TOKENS_MAX && this.#rate ** (length + 1) * saved > 1) length++;
    return length;
  }

  learn(proposed: number, accepted: number): void {
    if (proposed === 0) return;
    this.counts.proposed += proposed;
    this.counts.accepted += accepted;
    // Of the tokens that were looked at: those after the first wrong one say nothing.
    const rate = accepted / Math.min(proposed, accepted + 1);
    const mixed = this.#rate + NEWEST_WEIGHT * (rate - this.#rate);
    this.#rate = Math.min(RATE_MAX, Math.max(RATE_MIN, mixed));
  }
}

/** What came after the latest earlier place of the last tokens of `context`, at most `countMax` tokens. */
export function lookUp(context: readonly number[], countMax: number): number[] {
  if (countMax === 0) return [];
  for (let size = MATCH_TOKENS_MAX; size >= MATCH_TOKENS_MIN; size--) {
    const at = lastMatch(context, size);
    if (at !== -1) return context.slice(at, at + countMax);
  }
  return [];
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
