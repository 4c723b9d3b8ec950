/** Walks one turn through the automaton, token by token, within a budget of tokens. */
import { GRAMMAR_MASK_BYTES_MAX } from '#shared/limits';
import { type Automaton, DEAD } from './automaton.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Bits of the tokens that may follow, 32 to a word. */
export type TokenMask = Uint32Array;

/** An automaton over a vocabulary, with what can be computed once for each state. */
export class TokenGrammar {
  readonly automaton: Automaton;
  readonly vocabulary: Vocabulary;
  readonly #masks = new Map<number, TokenMask>();
  readonly #closings = new Map<number, { readonly token: number; readonly count: number }>();

  constructor(automaton: Automaton, vocabulary: Vocabulary) {
    this.automaton = automaton;
    this.vocabulary = vocabulary;
  }

  /** All tokens that the automaton can read from `state`. */
  mask(state: number): TokenMask {
    const known = this.#masks.get(state);
    if (known) return known;
    const mask = new Uint32Array(Math.ceil(this.vocabulary.size / 32));
    if ((this.#masks.size + 1) * mask.byteLength > GRAMMAR_MASK_BYTES_MAX)
      this.#masks.delete(this.#masks.keys().next().value as number);
    const next = (from: number, byte: number): number => this.automaton.next(from, byte);
    this.vocabulary.visit(state, next, (token) => {
      mask[token >> 5] = (mask[token >> 5] as number) | (1 << (token & 31));
    });
    this.#masks.set(state, mask);
    return mask;
  }

  /** The first token of the shortest way to the end, and how many tokens that way has. */
  closing(state: number): { readonly token: number; readonly count: number } {
    const path: number[] = [];
    // Follow closing tokens until a state whose count is known, then count backwards.
    let current = state;
    while (!this.#closings.has(current) && !this.automaton.isAccepting(current)) {
      path.push(current);
      current = this.#read(current, this.vocabulary.bytesOf(this.#closingToken(current)));
    }
    let count = this.#closings.get(current)?.count ?? 0;
    for (const from of path.reverse())
      this.#closings.set(from, { token: this.#closingToken(from), count: ++count });
    return this.#closings.get(state) ?? { token: -1, count: 0 };
  }

  #closingToken(state: number): number {
    const bytes: number[] = [];
    let current = state;
    for (
      let byte = this.automaton.closingByte(current);
      byte !== -1;
      byte = this.automaton.closingByte(current)
    ) {
      bytes.push(byte);
      current = this.automaton.next(current, byte);
    }
    const token = this.vocabulary.longestMatch(bytes);
    if (token === undefined) throw new Error('the vocabulary cannot write the end of a turn');
    return token;
  }

  #read(state: number, bytes: Uint8Array): number {
    return bytes.reduce((current, byte) => this.automaton.next(current, byte), state);
  }
}

type Position = {
  readonly state: number;
  /** Bytes of the string that the state is in the middle of. */
  readonly stringBytes: number;
};

export class TurnMatcher {
  readonly #grammar: TokenGrammar;
  #position: Position;
  #remaining: number;

  /** `budget` is the number of tokens that the turn may have; a smaller one than the shortest turn is raised to it. */
  constructor(grammar: TokenGrammar, budget: number) {
    this.#grammar = grammar;
    const state = grammar.automaton.start;
    this.#position = { state, stringBytes: 0 };
    this.#remaining = Math.max(budget, grammar.closing(state).count);
  }

  get isDone(): boolean {
    return this.#grammar.automaton.isAccepting(this.#position.state);
  }

  get remaining(): number {
    return this.#remaining;
  }

  /** Candidates by the grammar alone; each one is subject to `permits`. */
  mask(): TokenMask {
    return this.#grammar.mask(this.#position.state);
  }

  /** Whether the turn can still end within its budget, and its strings within their bounds, after `token`. */
  permits(token: number): boolean {
    const { automaton, vocabulary } = this.#grammar;
    const bytes = vocabulary.bytesOf(token);
    const next = this.#walk(bytes);
    if (next === undefined || bytes.length === 0) return false;
    const isTight = this.#remaining - 1 < automaton.distanceMax;
    if (isTight && this.#grammar.closing(next.state).count > this.#remaining - 1) return false;
    // Past the bound of a string, only what leads out byte by byte: the rest of an escape, the quote.
    return !next.isOver || next.isDirect;
  }

  /** A token that always leads on to the end of the turn. */
  closingToken(): number {
    return this.#grammar.closing(this.#position.state).token;
  }

  advance(token: number): void {
    const next = this.#walk(this.#grammar.vocabulary.bytesOf(token));
    if (!next) throw new Error(`token ${token} does not fit the grammar`);
    this.#position = { state: next.state, stringBytes: next.stringBytes };
    this.#remaining--;
  }

  /** How many of the tokens are permitted one after the other. */
  permittedCount(tokens: readonly number[]): number {
    const position = this.#position;
    const remaining = this.#remaining;
    let count = 0;
    for (const token of tokens) {
      if (!this.permits(token)) break;
      this.advance(token);
      count++;
    }
    this.#position = position;
    this.#remaining = remaining;
    return count;
  }

  /**
   * What must follow whatever the model says: the bytes up to the next choice or the end, and the
   * printable ASCII bytes that may come then.
   */
  forced(): { readonly bytes: Uint8Array; readonly next: readonly number[]; readonly isEnd: boolean } {
    const { automaton } = this.#grammar;
    const bytes: number[] = [];
    let state = this.#position.state;
    for (let byte = automaton.forcedByte(state); byte !== -1; byte = automaton.forcedByte(state)) {
      bytes.push(byte);
      state = automaton.next(state, byte);
    }
    const next: number[] = [];
    for (let byte = 0x20; byte < 0x7f; byte++) if (automaton.next(state, byte) !== DEAD) next.push(byte);
    return { bytes: Uint8Array.from(bytes), next, isEnd: automaton.isAccepting(state) };
  }

  #walk(bytes: Uint8Array): (Position & { isOver: boolean; isDirect: boolean }) | undefined {
    const { automaton } = this.#grammar;
    let { state, stringBytes } = this.#position;
    let isOver = false;
    let isDirect = true;
    for (const byte of bytes) {
      const next = automaton.next(state, byte);
      if (next === DEAD) return undefined;
      const string = automaton.stringAt(next);
      stringBytes = string !== -1 && string === automaton.stringAt(state) ? stringBytes + 1 : 0;
      isOver ||= string !== -1 && stringBytes > automaton.bytesMax(string);
      isDirect &&= automaton.distance(next) < automaton.distance(state);
      state = next;
    }
    return { state, stringBytes, isOver, isDirect };
  }
}
