/**
 * The forms that models write, to one plain grammar: Python operators and lists, thousands separators,
 * currency and percent signs, implicit multiplication. What comes out holds numbers with a dot, known
 * names, `+ - * / ^ ! ,`, brackets, and three operators of the parser that stand for ours (PARSER_FORMS).
 */
import { EXPRESSION_DEPTH_MAX, EXPRESSION_NODES_MAX } from '#shared/limits';
import { MathFailure, quoted } from './failure.ts';
import { constants, functions } from './functions.ts';
import { type Token, tokensOf } from './tokens.ts';

/**
 * Ours to the parser's. Floor division and remainder have the rank of `/`, percent the rank of `!`.
 * `%` itself must never reach the parser: it looks ahead after each one by parsing what follows
 * twice, so that 30 nested ones take 2^30 steps.
 */
const PARSER_FORMS = { floorDivide: './', modulo: 'mod', percent: "'" } as const;

export type Names = (name: string) => boolean;

type Bracket = { readonly kind: 'call' | 'group' | 'list'; readonly at: number };
type Writer = { readonly out: string[]; readonly brackets: Bracket[]; operand: boolean; roots: number[] };

/**
 * @param unknowns which names are unknowns of an equation; a calculator has none.
 * @throws MathFailure syntax, too_deep, unknown_symbol, unknown_function, not_a_number
 */
export function normalise(text: string, unknowns: Names, timesX: boolean): string {
  const tokens = tokensOf(text, timesX);
  if (tokens.length === 0)
    throw new MathFailure('empty_expression', 'expected an expression such as 2 * (3 + 4); came nothing');
  // One node may come with a bracket pair and a comma; more cannot pass the bound of nodes.
  if (tokens.length > 4 * EXPRESSION_NODES_MAX) {
    throw new MathFailure(
      'too_deep',
      `expected at most ${EXPRESSION_NODES_MAX} numbers and operators; came ${tokens.length} signs: compute it in parts`,
    );
  }
  const writer: Writer = { out: [], brackets: [], operand: false, roots: [] };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token !== undefined) writeToken(writer, tokens, at, token, unknowns);
  }
  if (!writer.operand) throw misplaced(tokens.at(-1), 'a number after it');
  if (writer.brackets.length > 0) {
    throw new MathFailure(
      'syntax',
      `expected every bracket to be closed; came ${writer.brackets.length} open at the end: add ")"`,
    );
  }
  return writer.out.join(' ');
}

function writeToken(
  writer: Writer,
  tokens: readonly Token[],
  at: number,
  token: Token,
  unknowns: Names,
): void {
  const previous = tokens[at - 1];
  const next = tokens[at + 1];
  switch (token.kind) {
    case 'number':
    case 'grouped':
      if (previous?.kind === 'number' || previous?.kind === 'grouped') throw sideBySide(previous, token);
      return writeNumber(writer, token, previous?.kind === 'currency');
    case 'name':
      return writeName(writer, token, next, unknowns);
    case 'root':
      return writeRoot(writer, token, next);
    case 'currency':
      return checkCurrency(previous, token, next);
    case 'open':
      return open(writer, token, previous, next);
    case 'close':
      return close(writer, token);
    case 'comma':
      return writeComma(writer, token);
    case 'operator':
      return writeOperator(writer, tokens, at, token);
  }
}

/** In an argument list or list a comma separates, so that max(1,234) has two arguments; but `$1,234` is one number. */
function writeNumber(writer: Writer, token: Token, currency: boolean): void {
  const separates = writer.brackets.some((bracket) => bracket.kind !== 'group') && !currency;
  if (token.kind === 'number' || !separates) return operand(writer, token.text.replaceAll(',', ''));
  for (const [index, part] of token.text.split(',').entries()) {
    if (index > 0) writeComma(writer, token);
    operand(writer, part);
  }
}

function writeName(writer: Writer, token: Token, next: Token | undefined, unknowns: Names): void {
  const name = token.text.toLowerCase();
  const called = next?.kind === 'open' && next.text === '(';
  if (writer.operand && (name === 'of' || name === 'mod')) {
    return operator(writer, name === 'of' ? '*' : PARSER_FORMS.modulo);
  }
  if (writer.operand && name === 'percent') return postfix(writer, PARSER_FORMS.percent);
  if (called && functions.has(name)) return operand(writer, name, false);
  if (unknowns(name) || constants.has(name)) return operand(writer, name);
  if (called) {
    throw new MathFailure(
      'unknown_function',
      `expected a function such as sqrt, round, min, max, sum, mean, log or sin; came ${quoted(token.text)}: use one of these or plain arithmetic`,
    );
  }
  const mend = functions.has(name) ? `write ${name}( ... ) with its arguments` : 'leave units and words out';
  throw new MathFailure(
    'unknown_symbol',
    `expected numbers, operators, pi or e; came ${quoted(token.text)}: ${mend}`,
  );
}

/** `√16` and `√(9 + 16)`; `√` binds to one number, name or bracket. */
function writeRoot(writer: Writer, token: Token, next: Token | undefined): void {
  const name = token.text === '∛' ? 'cbrt' : 'sqrt';
  if (next?.kind === 'open') return operand(writer, name, false);
  if (next?.kind !== 'number' && next?.kind !== 'grouped' && next?.kind !== 'name') {
    throw misplaced(token, 'a number or a bracket after it');
  }
  operand(writer, `${name}(`, false);
  writer.roots.push(writer.out.length);
}

function checkCurrency(previous: Token | undefined, token: Token, next: Token | undefined): void {
  const isNumber = (side: Token | undefined): boolean => side?.kind === 'number' || side?.kind === 'grouped';
  const signed = next?.text === '-' || next?.text === '+';
  if (!isNumber(next) && !isNumber(previous) && !signed) throw misplaced(token, 'a number beside it');
}

function open(writer: Writer, token: Token, previous: Token | undefined, next: Token | undefined): void {
  const called = writer.out.at(-1);
  const kind = token.text === '[' ? 'list' : isCall(previous, called) ? 'call' : 'group';
  if (kind === 'list' && writer.operand) throw misplaced(token, 'an operator before it');
  if (next?.kind === 'close') throw misplaced(next, 'a number inside the brackets');
  if (kind === 'group' && writer.operand) operator(writer, '*');
  if (writer.brackets.length >= EXPRESSION_DEPTH_MAX) {
    throw new MathFailure(
      'too_deep',
      `expected at most ${EXPRESSION_DEPTH_MAX} nested brackets; came more: compute it in parts`,
    );
  }
  writer.brackets.push({ kind, at: writer.out.length });
  writer.out.push(token.text);
  writer.operand = false;
}

/** A function name was written and not yet its bracket. */
function isCall(previous: Token | undefined, written: string | undefined): boolean {
  return (
    (previous?.kind === 'name' || previous?.kind === 'root') &&
    written !== undefined &&
    functions.has(written)
  );
}

function close(writer: Writer, token: Token): void {
  const bracket = writer.brackets.pop();
  if (bracket === undefined || !writer.operand)
    throw misplaced(token, bracket ? 'a number before it' : 'an open bracket before it');
  const opened = writer.out[bracket.at];
  const wanted = bracket.kind === 'list' ? ']' : ')';
  if (token.text !== wanted && !(opened === '[' && token.text === ')'))
    throw misplaced(token, `"${wanted}" here`);
  writer.out.push(opened === '[' ? ']' : ')');
}

function writeComma(writer: Writer, token: Token): void {
  const bracket = writer.brackets.at(-1);
  if (!writer.operand) throw misplaced(token, 'a number before it');
  if (!writer.brackets.some(({ kind }) => kind !== 'group') || bracket === undefined) {
    throw new MathFailure(
      'syntax',
      'expected a comma only in 1,234 or between arguments; came another: write decimals with a dot, as 1234.5',
    );
  }
  // A Python tuple among arguments, sum((1, 2)), is a list.
  if (bracket.kind === 'group') writer.out[bracket.at] = '[';
  writer.out.push(',');
  writer.operand = false;
}

function writeOperator(writer: Writer, tokens: readonly Token[], at: number, token: Token): void {
  const sign = token.text === '+' || token.text === '-';
  if (!writer.operand && !sign) throw misplaced(token, 'a number before it');
  if (token.text === '!') return postfix(writer, '!');
  if (token.text === '//') return operator(writer, PARSER_FORMS.floorDivide);
  if (token.text !== '%') return operator(writer, token.text);
  if (isModulo(token, tokens[at + 1], tokens[at + 2])) return operator(writer, PARSER_FORMS.modulo);
  postfix(writer, PARSER_FORMS.percent);
}

/** `10 % 3` and `10 % -3` are remainders; `20%`, `15% of 80`, `20% * 5` and `50% - 3` are percentages. */
function isModulo(token: Token, next: Token | undefined, afterNext: Token | undefined): boolean {
  if (next === undefined || next.text === 'of') return false;
  if (next.text === '-' || next.text === '+') {
    return token.spaceBefore && next.spaceBefore && afterNext !== undefined && !afterNext.spaceBefore;
  }
  return next.kind !== 'operator' && next.kind !== 'close' && next.kind !== 'comma';
}

function operand(writer: Writer, text: string, complete = true): void {
  // An operand right after another multiplies, with the rank of `*`: 2(3+4), 2pi, (1+2)(3+4).
  if (writer.operand) operator(writer, '*');
  writer.out.push(text);
  writer.operand = complete;
  if (complete && writer.roots.at(-1) === writer.out.length - 1) {
    writer.roots.pop();
    writer.out.push(')');
  }
}

function operator(writer: Writer, text: string): void {
  writer.out.push(text);
  writer.operand = false;
}

function postfix(writer: Writer, text: string): void {
  writer.out.push(text);
}

function sideBySide(left: Token, right: Token): MathFailure {
  return new MathFailure(
    'syntax',
    `expected an operator between numbers; came ${quoted(`${left.text} ${right.text}`)}: put + - * or / between them`,
  );
}

function misplaced(token: Token | undefined, expected: string): MathFailure {
  const came = token === undefined ? 'the end' : quoted(token.text);
  return new MathFailure(
    'syntax',
    `expected ${expected}; came ${came} without: check the operators and brackets around it`,
  );
}
