/** The decoder of turns with tokens that are known beforehand in the place of the model: what is counted is its passes. */
import type { Drafter } from '#backend/engine/drafts';
import type { TokenGrammar } from '#backend/engine/grammar/matcher';
import type { TextCodec } from '#backend/engine/tokenizer';
import { decodeTurn } from '#backend/engine/turn-decode';
import { TurnWriter } from '#backend/engine/turn-writer';

export type ForcedStep = {
  readonly prompt: readonly number[];
  readonly tokens: readonly number[];
  readonly grammar: TokenGrammar;
  readonly budget: number;
};

export type TokenCounts = {
  written: number;
  /** By the tokens that went through each pass. The prompt's, which brings a turn's first token, counts as one of 1. */
  readonly widths: Map<number, number>;
  forced: number;
  proposed: number;
  accepted: number;
};

const never = new AbortController().signal;

/** All turns, one after the other, as one tenant's. Throws where other tokens come out than went in. */
export async function replay(
  runs: readonly (readonly ForcedStep[])[],
  codec: TextCodec,
  drafts: Drafter,
  { jumps }: { readonly jumps: boolean },
): Promise<TokenCounts> {
  const counts: TokenCounts = { written: 0, widths: new Map(), forced: 0, proposed: 0, accepted: 0 };
  for (const step of runs.flat()) {
    const writer = new TurnWriter(step.grammar, codec, step.budget, { jumps });
    const teacher = new Teacher(step, codec.vocabulary.size, counts.widths);
    await decodeTurn({
      decoder: teacher,
      writer,
      prompt: step.prompt,
      first: teacher.logitsAt(0),
      rows: () => 1,
      drafts,
      tenant: 'bench',
      onText: () => undefined,
      signal: never,
    });
    if (writer.tokens.join() !== step.tokens.join())
      throw new Error(`wrote ${JSON.stringify(writer.text)}, not what was forced`);
    counts.written += writer.tokens.length;
    counts.forced += writer.forced;
  }
  return Object.assign(counts, drafts.counts);
}

export const passesOf = ({ widths }: TokenCounts): number =>
  [...widths.values()].reduce((sum, passes) => sum + passes, 0);

/** Knows the turn, and is sure of each next token of it. */
class Teacher {
  readonly sequence: { length: number; truncate(length: number): void };
  readonly #step: ForcedStep;
  readonly #size: number;
  readonly #widths: Map<number, number>;

  constructor(step: ForcedStep, size: number, widths: Map<number, number>) {
    this.#step = step;
    this.#size = size;
    this.#widths = widths;
    const sequence = {
      length: step.prompt.length,
      truncate: (length: number): void => {
        sequence.length = length;
      },
    };
    this.sequence = sequence;
    this.#count(1);
  }

  async appendKeeping(ids: readonly number[], keep: number): Promise<Float32Array[]> {
    this.sequence.length += ids.length;
    this.#count(ids.length);
    const first = this.sequence.length - this.#step.prompt.length - keep + 1;
    return Array.from({ length: keep }, (_, index) => this.logitsAt(first + index));
  }

  logitsAt(place: number): Float32Array {
    const logits = new Float32Array(this.#size);
    logits[this.#step.tokens[place] ?? 0] = 1;
    return logits;
  }

  #count(width: number): void {
    this.#widths.set(width, (this.#widths.get(width) ?? 0) + 1);
  }
}
