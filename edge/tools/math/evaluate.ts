/** The evaluator: a closed switch over the tree, on plain doubles. Time is linear in the nodes. */
import { EXPRESSION_CHARS_MAX } from '#shared/limits';
import { MathFailure, quoted } from './failure.ts';
import { add, constants, divide, factorial, floorDivide, functions, modulo, power } from './functions.ts';
import { normalise } from './normalise.ts';
import { type CallNode, type ExpressionNode, type OperatorNode, parseExpression } from './parse.ts';
import { plainSymbols } from './symbols.ts';

const SIGNIFICANT_DIGITS = 14;
const none: ReadonlyMap<string, number> = new Map();

/**
 * The value of an arithmetic expression, to 14 significant digits (whole numbers below 2^53 exactly).
 * @throws MathFailure
 */
export function calculateExpression(text: string): number {
  if (text.length > EXPRESSION_CHARS_MAX) {
    throw new MathFailure(
      'too_long',
      `expected at most ${EXPRESSION_CHARS_MAX} characters; came ${text.length}: compute it in parts`,
    );
  }
  const plain = plainSymbols(text)
    .trim()
    .replace(/^(["'`])(.*)\1$/u, '$2')
    .replace(/\s*=?\s*\??\s*$/u, '');
  return clean(evaluate(parseExpression(normalise(plain, () => false, true))));
}

/** `value` without the noise of binary fractions, never -0. */
export function clean(value: number): number {
  return (Number.isSafeInteger(value) ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS))) + 0;
}

/**
 * @param scope values of the unknowns.
 * @throws MathFailure division_by_zero, domain, not_finite, wrong_arity, not_a_number, unknown_symbol
 */
export function evaluate(node: ExpressionNode, scope: ReadonlyMap<string, number> = none): number {
  const value = nodeValue(node, scope);
  if (Number.isFinite(value)) return value;
  throw new MathFailure(
    'not_finite',
    'expected a result below 1.8e308; came a larger one: use smaller numbers',
  );
}

function nodeValue(node: ExpressionNode, scope: ReadonlyMap<string, number>): number {
  switch (node.type) {
    case 'number':
      return node.value;
    case 'group':
      return evaluate(node.content, scope);
    case 'symbol':
      return symbolValue(node.name, scope);
    case 'operator':
      return operate(node, scope);
    case 'call':
      return call(node, scope);
    case 'list':
      throw new MathFailure(
        'not_a_number',
        'expected a number; came a list: put it in sum( ), mean( ), min( ) or max( )',
      );
  }
}

function symbolValue(name: string, scope: ReadonlyMap<string, number>): number {
  const value = scope.get(name) ?? constants.get(name);
  if (value !== undefined) return value;
  throw new MathFailure('unknown_symbol', `expected numbers, pi or e; came ${quoted(name)}: write its value`);
}

function operate(node: OperatorNode, scope: ReadonlyMap<string, number>): number {
  const [left, right] = node.args;
  const a = left === undefined ? Number.NaN : evaluate(left, scope);
  const b = right === undefined ? Number.NaN : evaluate(right, scope);
  switch (node.operator) {
    case 'add':
      return add(a, markUp(node) ? a * b : b);
    case 'subtract':
      return add(a, -(markUp(node) ? a * b : b));
    case 'multiply':
      return a * b;
    case 'divide':
      return divide(a, b);
    case 'floorDivide':
      return floorDivide(a, b);
    case 'mod':
      return modulo(a, b);
    case 'pow':
      return power(a, b);
    case 'unaryMinus':
      return -a;
    case 'unaryPlus':
      return a;
    case 'factorial':
      return factorial(a);
    case 'percent':
      return a / 100;
  }
}

/** As on every pocket calculator, 80 + 15% is 92; percentages among themselves, 20% + 30%, just add up. */
export function markUp(node: OperatorNode): boolean {
  const [left, right] = node.args;
  return right !== undefined && left !== undefined && isPercentage(right) && !isPercentage(left);
}

function isPercentage(node: ExpressionNode): boolean {
  if (node.type === 'group') return isPercentage(node.content);
  if (node.type !== 'operator') return false;
  if (node.operator === 'percent') return true;
  return (node.operator === 'add' || node.operator === 'subtract') && node.args.every(isPercentage);
}

function call(node: CallNode, scope: ReadonlyMap<string, number>): number {
  const row = functions.get(node.name);
  if (row === undefined) {
    throw new MathFailure(
      'unknown_function',
      `expected a known function; came ${quoted(node.name)}: use another`,
    );
  }
  const values = row.aggregate ? flatten(node.args, scope) : node.args.map((arg) => evaluate(arg, scope));
  const [least, most] = row.arity;
  if (values.length < least || values.length > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    throw new MathFailure(
      'wrong_arity',
      `expected ${wanted} argument(s) for ${node.name}; came ${values.length}: a comma separates arguments, write 1234 and not 1,234`,
    );
  }
  return row.apply(...values);
}

function flatten(nodes: readonly ExpressionNode[], scope: ReadonlyMap<string, number>): number[] {
  return nodes.flatMap((node) =>
    node.type === 'list' ? flatten(node.items, scope) : [evaluate(node, scope)],
  );
}
