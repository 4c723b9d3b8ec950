/** Writes one turn: greedy tokens under the grammar, and what the grammar forces without asking the model. */
import { type TokenGrammar, type TokenMask, TurnMatcher } from './grammar/matcher.ts';
import { commonLength } from './prompts.ts';
import { loopingToken } from './repetition.ts';
import type { TextCodec } from './tokenizer.ts';

/** Shorter forced texts are cheaper to decode than to tokenise. */
const FORCED_BYTES_MIN = 2;
/** Continuations that are tried to see which forced tokens are the tokenizer's own choice whatever follows. */
const PROBES_MAX = 6;
/** Best-scored tokens that are tried before the turn is simply led to its end. */
const CANDIDATES_MAX = 64;

export class TurnWriter {
  readonly tokens: number[] = [];
  /** How many of the tokens the grammar forced. */
  forced = 0;
  readonly #grammar: TokenGrammar;
  readonly #codec: TextCodec;
  readonly #matcher: TurnMatcher;
  readonly #bytes: number[] = [];
  readonly #jumps: boolean;

  /** `jumps`: text that the grammar forces is written at once; benchmarks measure what that saves. */
  constructor(grammar: TokenGrammar, codec: TextCodec, budget: number, { jumps = true } = {}) {
    this.#grammar = grammar;
    this.#jumps = jumps;
    this.#codec = codec;
    this.#matcher = new TurnMatcher(grammar, budget);
  }

  /** Tokens that may still come, at most. */
  get remaining(): number {
    return this.#matcher.remaining;
  }

  get isDone(): boolean {
    return this.#matcher.isDone;
  }

  get text(): string {
    return new TextDecoder().decode(Uint8Array.from(this.#bytes));
  }

  /** Takes the best-scored token that the grammar permits, and what is forced after it; these are to be decoded next. */
  write(logits: Float32Array): number[] {
    const chosen = this.#choose(logits);
    this.#take(chosen);
    const forced = this.isDone || !this.#jumps ? [] : this.#forcedTokens();
    for (const token of forced) this.#take(token);
    this.forced += forced.length;
    return [chosen, ...forced];
  }

  /** The leading tokens that the grammar and the budget permit here. */
  permitted(tokens: readonly number[]): number[] {
    return tokens.slice(0, this.#matcher.permittedCount(tokens));
  }

  bytesOf(tokens: readonly number[]): Uint8Array {
    return Uint8Array.from(tokens.flatMap((token) => [...this.#grammar.vocabulary.bytesOf(token)]));
  }

  #take(token: number): void {
    this.#matcher.advance(token);
    this.tokens.push(token);
    this.#bytes.push(...this.#grammar.vocabulary.bytesOf(token));
  }

  #choose(logits: Float32Array): number {
    const looping = loopingToken(this.tokens);
    // Mostly the model wants what it may write, and then no mask is needed.
    const wanted = highest(logits);
    if (wanted !== looping && this.#matcher.permits(wanted)) return wanted;
    let mask = this.#matcher.mask();
    for (let tried = 0; tried < CANDIDATES_MAX; tried++) {
      const candidate = bestToken(logits, mask);
      if (candidate === -1) break;
      if (candidate !== looping && this.#matcher.permits(candidate)) return candidate;
      if (tried === 0) mask = mask.slice();
      mask[candidate >> 5] = (mask[candidate >> 5] as number) & ~(1 << (candidate & 31));
    }
    return this.#matcher.closingToken();
  }

  /**
   * Forced text as the tokenizer itself would split it, so that the model reads what it was trained on.
   * Tokens that could come out otherwise once the text goes on are left for the model to write.
   */
  #forcedTokens(): number[] {
    const { bytes, next, isEnd } = this.#matcher.forced();
    if (bytes.length < FORCED_BYTES_MIN) return [];
    const text = new TextDecoder().decode(Uint8Array.from([...this.#bytes, ...bytes]));
    const probes = isEnd ? [''] : spread(next, PROBES_MAX).map((byte) => String.fromCharCode(byte));
    let common: number[] | undefined;
    for (const probe of probes) {
      const ids = this.#codec.encode(text + probe);
      common = common === undefined ? ids : ids.slice(0, commonLength(common, ids));
    }
    const written = this.tokens.length;
    if (!common || commonLength(common, this.tokens) < written) return [];
    return this.#withinForced(common.slice(written), bytes.length);
  }

  /** The leading tokens that stay within the forced bytes and the budget. */
  #withinForced(tokens: readonly number[], bytesMax: number): number[] {
    let length = 0;
    const beyond = tokens.findIndex((token) => {
      length += this.#grammar.vocabulary.bytesOf(token).length;
      return length > bytesMax;
    });
    return this.permitted(beyond === -1 ? tokens : tokens.slice(0, beyond));
  }
}

/** The highest-scored token of all, the first of equals. */
function highest(logits: Float32Array): number {
  let best = 0;
  let score = logits[0] as number;
  for (let token = 1; token < logits.length; token++) {
    const value = logits[token] as number;
    if (value <= score) continue;
    best = token;
    score = value;
  }
  return best;
}

/** The highest-scored token of the mask, the first of equals; -1 where the mask is empty. */
export function bestToken(logits: Float32Array, mask: TokenMask): number {
  let best = -1;
  let score = Number.NEGATIVE_INFINITY;
  for (let word = 0; word < mask.length; word++) {
    let bits = mask[word] as number;
    while (bits !== 0) {
      const bit = 31 - Math.clz32(bits & -bits);
      bits &= bits - 1;
      const token = word * 32 + bit;
      const value = logits[token] as number;
      if (value > score || best === -1) {
        best = token;
        score = value;
      }
    }
  }
  return best;
}

/** At most `count` items, evenly over the list. */
function spread(items: readonly number[], count: number): number[] {
  if (items.length <= count) return [...items];
  return Array.from(
    { length: count },
    (_, index) => items[Math.floor((index * items.length) / count)] as number,
  );
}
