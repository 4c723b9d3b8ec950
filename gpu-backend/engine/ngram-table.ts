/** What usually follows a few tokens in turns, in bounded memory. */

/** Longer contexts are better evidence, so they are asked first; the first that is known decides. */
const CONTEXT_SIZES = [4, 3, 2] as const;
const CONTEXT_TOKENS_MAX = CONTEXT_SIZES[0];

/** What was found, and by how many tokens of the context. */
export type Found = { readonly tokens: number[]; readonly matched: number };
export const nothingFound: Found = { tokens: [], matched: 0 };

type Follower = { token: number; hits: number; misses: number };

export class NgramTable {
  readonly #entriesMax: number;
  // In the order of their last sight, so that the first is the oldest.
  readonly #followers = new Map<string, Follower>();

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#followers.size;
  }

  /** Learns what followed what, for the tokens from `from` on; those before are context only. */
  learn(tokens: readonly number[], from = 0): void {
    for (let at = from; at < tokens.length; at++) {
      for (const size of CONTEXT_SIZES)
        if (at >= size) this.#see(keyOf(tokens, at, size), tokens[at] as number);
    }
  }

  /**
   * The tokens that usually follow the last ones of `context`, at most `countMax`, for as long as there are such, and
   * how many of the last ones were known.
   */
  continuation(context: readonly number[], countMax: number): Found {
    const tokens = context.slice(-CONTEXT_TOKENS_MAX);
    const start = tokens.length;
    let matched = 0;
    while (tokens.length - start < countMax) {
      const next = this.#next(tokens);
      if (!next) break;
      if (matched === 0) matched = next.matched;
      tokens.push(next.token);
    }
    return { tokens: tokens.slice(start), matched };
  }

  #next(tokens: readonly number[]): { readonly token: number; readonly matched: number } | undefined {
    for (const size of CONTEXT_SIZES) {
      const found =
        tokens.length >= size ? this.#followers.get(keyOf(tokens, tokens.length, size)) : undefined;
      if (!found) continue;
      return found.hits > found.misses ? { token: found.token, matched: size } : undefined;
    }
    return undefined;
  }

  /** One candidate for each context; another takes its place once it was wrong more often than right. */
  #see(key: string, token: number): void {
    const known = this.#followers.get(key) ?? { token, hits: 0, misses: 0 };
    if (known.token === token) known.hits++;
    else if (++known.misses > known.hits) Object.assign(known, { token, hits: 1, misses: 0 });
    this.#followers.delete(key);
    this.#followers.set(key, known);
    if (this.#followers.size > this.#entriesMax)
      this.#followers.delete(this.#followers.keys().next().value as string);
  }
}

const keyOf = (tokens: readonly number[], end: number, size: number): string =>
  tokens.slice(end - size, end).join();
