/** Greedy decoding of a small model can fall into a loop; what is said here breaks it. */

/** A block of tokens repeats when it stands this often in a row, and the repeats have this many tokens together. */
const REPEATS_MIN = 4;
const REPEATED_TOKENS_MIN = 48;
/** Longer blocks are not looked for: four lines of a table are no loop, four times the same line is. */
const BLOCK_TOKENS_MAX = 64;

/** The token that would go on with a loop which the end of `tokens` is in; undefined where there is none. */
export function loopingToken(tokens: readonly number[]): number | undefined {
  if (tokens.length < REPEATED_TOKENS_MIN) return undefined;
  for (let block = 1; block <= BLOCK_TOKENS_MAX; block++) {
    const span = Math.max(REPEATS_MIN * block, REPEATED_TOKENS_MIN);
    if (span > tokens.length) return undefined;
    if (repeats(tokens, block, span)) return tokens[tokens.length - block];
  }
  return undefined;
}

/** Whether each of the last `span - block` tokens equals the one a block before it. */
function repeats(tokens: readonly number[], block: number, span: number): boolean {
  for (let index = tokens.length - 1; index >= tokens.length - span + block; index--) {
    if (tokens[index] !== tokens[index - block]) return false;
  }
  return true;
}
