/** An expression tree as an exact quotient of polynomials, where it is one. */
import { POLYNOMIAL_DEGREE_MAX } from '#shared/limits';
import { markUp } from './evaluate.ts';
import { MathFailure } from './failure.ts';
import { constants } from './functions.ts';
import type { CallNode, ExpressionNode, OperatorNode } from './parse.ts';
import {
  addPolynomials,
  constant,
  constantOf,
  multiplyPolynomials,
  type Polynomial,
  raisePolynomial,
  scale,
  subtractPolynomials,
  unknown,
} from './polynomial.ts';
import {
  fromLiteral,
  isZero,
  negative,
  ONE,
  over,
  type Rational,
  rational,
  rationalRoot,
} from './rational.ts';

/** `bottom` is nowhere the zero polynomial. */
export type Quotient = { readonly top: Polynomial; readonly bottom: Polynomial };

/** Undefined: the expression holds roots, logarithms or the like, and is left to the numeric solver. */
type MaybeQuotient = Quotient | undefined;

const UNIT = constant(ONE);

/** @throws MathFailure division_by_zero, not_solvable (out of bounds) */
export function quotientOf(node: ExpressionNode): MaybeQuotient {
  switch (node.type) {
    case 'number': {
      const value = fromLiteral(node.text);
      return value === undefined ? undefined : exact(value);
    }
    case 'symbol':
      return constants.has(node.name) ? undefined : { top: unknown(node.name), bottom: UNIT };
    case 'group':
      return quotientOf(node.content);
    case 'operator':
      return operate(node);
    case 'call':
      return call(node);
    case 'list':
      return undefined;
  }
}

function operate(node: OperatorNode): MaybeQuotient {
  const [left, right] = node.args.map(quotientOf);
  if (left === undefined) return undefined;
  switch (node.operator) {
    case 'unaryPlus':
      return left;
    case 'unaryMinus':
      return { top: scale(left.top, negative(ONE)), bottom: left.bottom };
    case 'percent':
      return { top: scale(left.top, rational(1n, 100n)), bottom: left.bottom };
    case 'factorial':
    case 'mod':
    case 'floorDivide':
      return undefined;
    default:
      return right === undefined ? undefined : combine(node, left, right);
  }
}

function combine(node: OperatorNode, left: Quotient, right: Quotient): MaybeQuotient {
  switch (node.operator) {
    case 'add':
      return addQuotients(left, markUp(node) ? multiply(left, right) : right);
    case 'subtract':
      return subtractQuotients(left, markUp(node) ? multiply(left, right) : right);
    case 'multiply':
      return multiply(left, right);
    case 'divide':
      return divide(left, right);
    case 'pow':
      return power(left, right);
    default:
      return undefined;
  }
}

/** The one function that stays exact: the root of a perfect square, sqrt(16/9). */
function call(node: CallNode): MaybeQuotient {
  const [argument, second] = node.args.map(quotientOf);
  const value = argument === undefined || second !== undefined ? undefined : plainValue(argument);
  const root = value === undefined || node.name !== 'sqrt' ? undefined : rationalRoot(value);
  return root === undefined ? undefined : exact(root);
}

function power(base: Quotient, exponent: Quotient): MaybeQuotient {
  const value = plainValue(exponent);
  if (value === undefined || value.den !== 1n) return undefined;
  const size = value.num < 0n ? -value.num : value.num;
  // A larger power of a plain number is exact too, until the bound of its length says no.
  if (size > BigInt(plainValue(base) === undefined ? POLYNOMIAL_DEGREE_MAX : 256)) return undefined;
  const raised = {
    top: raisePolynomial(base.top, Number(size)),
    bottom: raisePolynomial(base.bottom, Number(size)),
  };
  return value.num < 0n ? divide(exact(ONE), raised) : raised;
}

function addQuotients(a: Quotient, b: Quotient): Quotient {
  if (sameBottom(a, b)) return { top: addPolynomials(a.top, b.top), bottom: a.bottom };
  return {
    top: addPolynomials(multiplyPolynomials(a.top, b.bottom), multiplyPolynomials(b.top, a.bottom)),
    bottom: multiplyPolynomials(a.bottom, b.bottom),
  };
}

export function subtractQuotients(a: Quotient, b: Quotient): Quotient {
  return addQuotients(a, { top: scale(b.top, negative(ONE)), bottom: b.bottom });
}

function multiply(a: Quotient, b: Quotient): Quotient {
  return { top: multiplyPolynomials(a.top, b.top), bottom: multiplyPolynomials(a.bottom, b.bottom) };
}

function divide(a: Quotient, b: Quotient): Quotient {
  if (b.top.size === 0) {
    throw new MathFailure(
      'division_by_zero',
      'expected a divisor other than 0; came a division by 0: change the divisor',
    );
  }
  const plain = plainValue(b);
  if (plain !== undefined) return { top: scale(a.top, over(ONE, plain)), bottom: a.bottom };
  return { top: multiplyPolynomials(a.top, b.bottom), bottom: multiplyPolynomials(a.bottom, b.top) };
}

function plainValue(a: Quotient): Rational | undefined {
  const [top, bottom] = [constantOf(a.top), constantOf(a.bottom)];
  return top === undefined || bottom === undefined || isZero(bottom) ? undefined : over(top, bottom);
}

function exact(value: Rational): Quotient {
  return { top: constant(value), bottom: UNIT };
}

function sameBottom(a: Quotient, b: Quotient): boolean {
  return subtractPolynomials(a.bottom, b.bottom).size === 0;
}
