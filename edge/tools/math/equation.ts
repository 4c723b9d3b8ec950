/** One equation, read: both sides as trees, and as an exact polynomial where it is one. */
import { quotientOf, subtractQuotients } from './algebra.ts';
import { evaluate } from './evaluate.ts';
import { MathFailure } from './failure.ts';
import { constants } from './functions.ts';
import { normalise } from './normalise.ts';
import { childrenOf, type ExpressionNode, parseExpression } from './parse.ts';
import type { Polynomial } from './polynomial.ts';

export type Equation = {
  readonly left: ExpressionNode;
  readonly right: ExpressionNode;
  /** Left minus right times the denominators, and the denominators; undefined where it is not algebraic. */
  readonly exact: { readonly zero: Polynomial; readonly nonzero: Polynomial } | undefined;
};

/** One letter, maybe with a number: x, x1, x_1, θ. */
function isUnknown(name: string): boolean {
  return /^[a-z\u{370}-\u{3ff}](?:_?\d{1,2})?$/u.test(name) && !constants.has(name);
}

/** @throws MathFailure of the reader */
export function readEquation(left: string, right: string): Equation {
  const sides = { left: readSide(left), right: readSide(right) };
  return { ...sides, exact: exactForm(sides.left, sides.right) };
}

/** @param timesX whether "12 x 7" is a product. */
export function readSide(text: string, timesX = false): ExpressionNode {
  return parseExpression(normalise(text, isUnknown, timesX));
}

export function namesIn(node: ExpressionNode): Set<string> {
  if (node.type === 'symbol') return new Set(constants.has(node.name) ? [] : [node.name]);
  return new Set(childrenOf(node).flatMap((child) => [...namesIn(child)]));
}

function exactForm(left: ExpressionNode, right: ExpressionNode): Equation['exact'] {
  try {
    const [a, b] = [quotientOf(left), quotientOf(right)];
    if (a === undefined || b === undefined) return undefined;
    const { top, bottom } = subtractQuotients(a, b);
    return { zero: top, nonzero: bottom };
  } catch (error) {
    // Out of the bounds of exact arithmetic: doubles may still do.
    if (error instanceof MathFailure && error.code === 'not_solvable') return undefined;
    throw error;
  }
}

/** Runs `work` without recording stacks: for a scan, those of its expected failures are half of the time. */
export function withoutStacks<Result>(work: () => Result): Result {
  const errors: ErrorConstructor & { stackTraceLimit?: number } = Error;
  const limit = errors.stackTraceLimit ?? 10;
  errors.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    errors.stackTraceLimit = limit;
  }
}

/** The value in doubles, or NaN where there is none. */
export function valueAt(node: ExpressionNode, scope: ReadonlyMap<string, number>): number {
  try {
    return evaluate(node, scope);
  } catch (error) {
    if (error instanceof MathFailure) return Number.NaN;
    throw error;
  }
}

/** Names of the functions, and of the operators, that a tree applies to an unknown. */
export function appliedIn(node: ExpressionNode): Set<string> {
  const inside = childrenOf(node).flatMap((child) => [...appliedIn(child)]);
  if (namesIn(node).size === 0) return new Set();
  if (node.type === 'call') return new Set([node.name, ...inside]);
  return new Set(node.type === 'operator' ? [node.operator, ...inside] : inside);
}
