/** Plain text by the planner's own decoder: greedy, without a grammar, bounded in tokens. */
import { ApiError } from '#shared/errors';
import { LANGUAGE_TOKENS_MAX } from '#shared/limits';
import { CHUNK_TOKENS } from './decoder.ts';
import type { Vocabulary } from './grammar/vocabulary.ts';
import { type PromptShape, questionIds } from './prompts.ts';
import { loopingToken } from './repetition.ts';

export type Completion = {
  readonly vocabulary: Pick<Vocabulary, 'bytesOf'>;
  /** Ids of the prompt; those that the decoder has already are left out. */
  readonly prompt: readonly number[];
  readonly tokensMax: number;
  /** Gives the logits after the last of the tokens that are appended. */
  append(tokens: readonly number[]): Promise<Float32Array>;
  readonly signal: AbortSignal;
};

/** A sequence that holds the first `sequence.length` tokens of a prompt. */
type Opened = {
  readonly sequence: { readonly length: number };
  append(tokens: readonly number[]): Promise<Float32Array>;
};

export type CompletionEngine = {
  readonly shape: PromptShape;
  /** Tokens that the model can read and write together. */
  readonly positions: number;
  open(prompt: readonly number[]): Opened;
  readonly signal: AbortSignal;
};

/** The answer to a question that stands by itself. @throws ApiError `invalid_request` where it is too long. */
export async function completeQuestion(
  question: string,
  system: string,
  { shape, positions, open, signal }: CompletionEngine,
): Promise<string> {
  const ids = questionIds(question, system, shape);
  if (ids.length >= positions) {
    throw new ApiError(
      'invalid_request',
      `The question needs ${ids.length} tokens, the language model reads ${positions}. Ask a shorter one.`,
    );
  }
  const decoder = open(ids);
  return await completeText({
    vocabulary: shape.codec.vocabulary,
    prompt: ids.slice(decoder.sequence.length),
    tokensMax: Math.min(LANGUAGE_TOKENS_MAX, positions - ids.length),
    append: (tokens) => decoder.append(tokens),
    signal,
  });
}

/**
 * Ends with the first token that stands for no text, such as the end of a turn, or after `tokensMax` tokens. A loop is
 * left by the next best token, as in turns.
 */
export async function completeText(completion: Completion): Promise<string> {
  const { vocabulary, prompt, tokensMax, append, signal } = completion;
  let logits: Float32Array = new Float32Array(0);
  for (let from = 0; from < prompt.length; from += CHUNK_TOKENS) {
    signal.throwIfAborted();
    logits = await append(prompt.slice(from, from + CHUNK_TOKENS));
  }
  const tokens: number[] = [];
  while (tokens.length < tokensMax) {
    signal.throwIfAborted();
    const token = bestToken(logits, loopingToken(tokens));
    if (vocabulary.bytesOf(token).length === 0) break;
    tokens.push(token);
    if (tokens.length < tokensMax) logits = await append([token]);
  }
  const bytes = tokens.flatMap((token) => [...vocabulary.bytesOf(token)]);
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** The highest-scored token but `except`, the first of equals. */
function bestToken(logits: Float32Array, except: number | undefined): number {
  let best = -1;
  for (let token = 0; token < logits.length; token++) {
    if (token === except) continue;
    if (best === -1 || (logits[token] as number) > (logits[best] as number)) best = token;
  }
  return best;
}
