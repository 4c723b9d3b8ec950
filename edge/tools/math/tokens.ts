/** Text of an expression to tokens. Whatever is not in these tables is refused, with its place. */
import { MathFailure, quoted } from './failure.ts';

export type Token = {
  /** `grouped`: digits with thousands separators, `1,234.50`, which may also be arguments of a function. */
  readonly kind:
    | 'number'
    | 'grouped'
    | 'name'
    | 'operator'
    | 'root'
    | 'open'
    | 'close'
    | 'comma'
    | 'currency';
  /** Numbers without underscores; operators in canonical form, `^` for `**`. */
  readonly text: string;
  readonly spaceBefore: boolean;
};

/** In order: the first pattern that fits at a place makes the token. All are linear and sticky. */
const patterns: ReadonlyArray<readonly [Token['kind'], RegExp]> = [
  ['grouped', /[1-9]\d{0,2}(?:,\d{3})+(?![\d_]|,\d)(?:\.\d*)?(?![\d_])/y],
  ['number', /(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['name', /[A-Za-z\u{370}-\u{3ff}][A-Za-z0-9_\u{370}-\u{3ff}]*/uy],
  ['operator', /\*\*|\/\/|[-+*/^!%]/y],
  ['root', /[√∛]/y],
  ['open', /[([]/y],
  ['close', /[)\]]/y],
  ['comma', /,/y],
  ['currency', /[$€£¥₹]/y],
];

/** Prefixes of Python and JavaScript modules that models write; they add nothing. */
const modulePrefix = /(?:math|Math|np|numpy|statistics)\.(?=[A-Za-z])/y;
const spaces = /\s*/y;
const comparison = /[<>]=?|[!=]=|=|:=|≈/y;
/** A lone x between two numbers. */
const timesSign = /[xX](?=\s*[\d.($€£¥₹])/y;

/**
 * @param timesX whether an `x` after a number and before another means multiplication (it does not
 *   where x is an unknown).
 * @throws MathFailure syntax, not_a_number (a comparison)
 */
export function tokensOf(text: string, timesX: boolean): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const start = match(spaces, text, at)?.length ?? 0;
    const spaceBefore = start > 0;
    at += start;
    if (at >= text.length) break;
    at += match(modulePrefix, text, at)?.length ?? 0;
    refuseForeign(text, at);
    const last = tokens.at(-1);
    if (timesX && last !== undefined && endsOperand(last) && match(timesSign, text, at) !== undefined) {
      tokens.push({ kind: 'operator', text: '*', spaceBefore });
      at += 1;
      continue;
    }
    const token = tokenAt(text, at, spaceBefore);
    at += token.length;
    tokens.push(token.token);
  }
  return tokens;
}

function tokenAt(text: string, at: number, spaceBefore: boolean): { token: Token; length: number } {
  for (const [kind, pattern] of patterns) {
    const found = match(pattern, text, at);
    if (found === undefined) continue;
    const canonical = kind === 'number' ? found.replaceAll('_', '') : found === '**' ? '^' : found;
    return { token: { kind, text: canonical, spaceBefore }, length: found.length };
  }
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  throw new MathFailure(
    'syntax',
    `expected numbers, operators, functions and parentheses; came ${quoted(character)} at position ${at + 1}: leave it out`,
  );
}

function refuseForeign(text: string, at: number): void {
  const sign = match(comparison, text, at);
  if (sign !== undefined) {
    throw new MathFailure(
      'not_a_number',
      `expected one expression whose value is a number; came ${quoted(sign)} at position ${at + 1}: ` +
        'give one side only, or use SolveMathEquation for an equation',
    );
  }
  if (/^0[xXbBoO][\da-fA-F]/.test(text.slice(at, at + 3))) {
    throw new MathFailure(
      'syntax',
      `expected decimal numbers; came ${quoted(text.slice(at, at + 8))}: write it in base ten`,
    );
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function endsOperand(token: Token): boolean {
  return (
    token.kind === 'number' ||
    token.kind === 'grouped' ||
    token.kind === 'close' ||
    token.kind === 'currency' ||
    token.text === '%' ||
    token.text === '!'
  );
}
