/** What usually follows a few tokens in turns, in bounded memory. */

/** Longer contexts are better evidence, so they are asked first; the first that is known decides. */
const CONTEXT_SIZES = [4, 3, 2] as const;
const CONTEXT_TOKENS_MAX = CONTEXT_SIZES[0];
/** The usual token is proposed only where it followed this often. */
const SHARE_MIN = 0.6;

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

  /** The tokens that usually follow the last ones of `context`, at most `countMax`, for as long as there are such. */
  continuation(context: readonly number[], countMax: number): number[] {
    const tokens = context.slice(-CONTEXT_TOKENS_MAX);
    const start = tokens.length;
    while (tokens.length - start < countMax) {
      const next = this.#next(tokens);
      if (next === undefined) break;
      tokens.push(next);
    }
    return tokens.slice(start);
  }

  #next(tokens: readonly number[]): number | undefined {
    for (const size of CONTEXT_SIZES) {
      const found =
        tokens.length >= size ? this.#followers.get(keyOf(tokens, tokens.length, size)) : undefined;
      if (!found) continue;
      return found.hits / (found.hits + found.misses) >= SHARE_MIN ? found.token : undefined;
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
