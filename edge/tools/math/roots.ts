/** Roots of one polynomial: exact where they are fractions, or of quadratic or pure form; else doubles. */

import { MathFailure } from './failure.ts';
import { addComplex, type Complex, multiplyComplex, numericRoots } from './numeric-roots.ts';
import { divideDense, gcdDense, trimDense } from './polynomial.ts';
import {
  abs,
  gcd,
  isZero,
  negative,
  ONE,
  over,
  plus,
  type Rational,
  rational,
  rationalText,
  squareRoot,
  times,
  toNumber,
  ZERO,
} from './rational.ts';

export type Root =
  | { readonly kind: 'rational'; readonly value: Rational }
  /** `whole + part * sqrt(radicand)`; the radicand is no square, and negative for complex roots. */
  | {
      readonly kind: 'quadratic';
      readonly whole: Rational;
      readonly part: Rational;
      readonly radicand: bigint;
    }
  /** `sign * value^(1/degree)`. */
  | { readonly kind: 'radical'; readonly sign: 1 | -1; readonly degree: number; readonly value: Rational }
  | { readonly kind: 'numeric'; readonly re: number; readonly im: number };

/** Largest prime that is taken out of a radical: sqrt(8) is 2*sqrt(2). */
const SIMPLIFY_PRIME_MAX = 1_000n;

/**
 * Each distinct root once, real ones first in rising order, then complex ones.
 * @param dense coefficients from the power 0 up; not all zero.
 * @throws MathFailure not_solvable, where the numbers are beyond all bounds
 */
export function rootsOf(dense: readonly Rational[]): Root[] {
  const polynomial = trimDense(dense);
  return (exactRoots(polynomial) ?? numericOnly(polynomial)).toSorted((a, b) => {
    const [left, right] = [rootNumber(a), rootNumber(b)];
    const [leftComplex, rightComplex] = [left.im !== 0, right.im !== 0];
    if (leftComplex !== rightComplex) return leftComplex ? 1 : -1;
    return left.re - right.re || right.im - left.im;
  });
}

/** Undefined where the fractions on the way get too long. */
function exactRoots(polynomial: readonly Rational[]): Root[] | undefined {
  try {
    const slope = polynomial
      .slice(1)
      .map((coefficient, power) => times(coefficient, rational(BigInt(power + 1))));
    // Without the shared factors, every root is simple, which the numeric iteration needs.
    return split(divideDense(polynomial, gcdDense(polynomial, slope)).quotient);
  } catch (error) {
    if (error instanceof MathFailure && error.code === 'not_solvable') return undefined;
    throw error;
  }
}

function numericOnly(polynomial: readonly Rational[]): Root[] {
  const lead = polynomial.at(-1) ?? ONE;
  const roots = numericRoots(polynomial.map((coefficient) => toNumber(over(coefficient, lead))));
  if (roots !== undefined) return roots.map(({ re, im }) => ({ kind: 'numeric', re, im }));
  throw new MathFailure(
    'not_solvable',
    'expected coefficients of ordinary size; came ones beyond 1e300: use smaller numbers',
  );
}

function split(polynomial: readonly Rational[]): Root[] {
  const [low = ZERO, middle = ZERO, high = ONE] = polynomial;
  if (polynomial.length <= 1) return [];
  if (isZero(low)) return [{ kind: 'rational', value: ZERO }, ...split(polynomial.slice(1))];
  if (polynomial.length === 2) return [{ kind: 'rational', value: over(negative(low), middle) }];
  if (polynomial.length === 3) return quadraticRoots(low, middle, high);
  const lead = wholeLead(polynomial);
  const monic = polynomial.map((coefficient) => over(coefficient, polynomial.at(-1) ?? ONE));
  const numeric = numericRoots(monic.map(toNumber));
  if (numeric === undefined) {
    throw new MathFailure(
      'not_solvable',
      'expected coefficients of ordinary size; came ones beyond doubles: use smaller numbers',
    );
  }
  const factor = rationalFactor(monic, lead, numeric) ?? quadraticFactor(monic, lead, numeric);
  if (factor !== undefined) return [...split(factor), ...split(divideDense(monic, factor).quotient)];
  return pureRoots(monic, numeric) ?? numeric.map(({ re, im }) => ({ kind: 'numeric', re, im }));
}

/** Leading coefficient once all are whole: every rational root times it is a whole number. */
function wholeLead(polynomial: readonly Rational[]): bigint {
  const common = polynomial.reduce((a, { den }) => (a / gcd(a, den)) * den, 1n);
  const whole = polynomial.map(({ num, den }) => (num * common) / den);
  const content = whole.reduce(gcd, 0n);
  return abs((whole.at(-1) ?? 1n) / (content === 0n ? 1n : content));
}

function rationalFactor(
  monic: readonly Rational[],
  lead: bigint,
  numeric: readonly Complex[],
): Rational[] | undefined {
  for (const { re, im } of numeric) {
    const candidate = im === 0 ? nearest(re, lead) : undefined;
    if (candidate === undefined) continue;
    const factor = [negative(candidate), ONE];
    if (divideDense(monic, factor).rest.length === 0) return factor;
  }
  return undefined;
}

function quadraticFactor(
  monic: readonly Rational[],
  lead: bigint,
  numeric: readonly Complex[],
): Rational[] | undefined {
  for (const [index, first] of numeric.entries()) {
    for (const second of numeric.slice(index + 1)) {
      const product = multiplyComplex(first, second);
      if (
        Math.abs(first.im + second.im) > 1e-6 ||
        Math.abs(product.im) > 1e-6 * Math.max(1, Math.abs(product.re))
      )
        continue;
      const [sum, constant] = [nearest(first.re + second.re, lead), nearest(product.re, lead)];
      if (sum === undefined || constant === undefined) continue;
      const factor = [constant, negative(sum), ONE];
      if (divideDense(monic, factor).rest.length === 0) return factor;
    }
  }
  return undefined;
}

/** The fraction with this denominator that is closest; whether it is right, a division tells. */
function nearest(value: number, denominator: bigint): Rational | undefined {
  const scaled = Math.round(value * Number(denominator));
  return Number.isFinite(scaled) ? rational(BigInt(scaled), denominator) : undefined;
}

function quadraticRoots(c: Rational, b: Rational, a: Rational): Root[] {
  const double = times(a, rational(2n));
  const discriminant = plus(times(b, b), times(rational(-4n), times(a, c)));
  // sqrt(n/d) = sqrt(n*d)/d
  const { outside, inside } = simplifyRadical(discriminant.num * discriminant.den);
  const whole = over(negative(b), double);
  const part = over(rational(outside, discriminant.den), double);
  if (inside === 1n || inside === 0n) {
    return [plus(whole, part), plus(whole, negative(part))].map((value) => ({ kind: 'rational', value }));
  }
  return [part, negative(part)].map((signed) => ({
    kind: 'quadratic',
    whole,
    part: signed,
    radicand: inside,
  }));
}

/** `value = outside^2 * inside`, the inside free of small squares. */
function simplifyRadical(value: bigint): { outside: bigint; inside: bigint } {
  let inside = abs(value);
  let outside = 1n;
  for (let prime = 2n; prime <= SIMPLIFY_PRIME_MAX && prime * prime <= inside; prime++) {
    while (inside % (prime * prime) === 0n) {
      inside /= prime * prime;
      outside *= prime;
    }
  }
  const root = squareRoot(inside);
  if (root * root === inside) [inside, outside] = [1n, outside * root];
  return { outside, inside: value < 0n ? -inside : inside };
}

/** x^n = c, with its real roots as radicals. */
function pureRoots(monic: readonly Rational[], numeric: readonly Complex[]): Root[] | undefined {
  if (!monic.slice(1, -1).every(isZero)) return undefined;
  const degree = monic.length - 1;
  const value = negative(monic[0] ?? ZERO);
  return numeric.map(({ re, im }): Root => {
    if (im !== 0) return { kind: 'numeric', re, im };
    return { kind: 'radical', sign: re < 0 ? -1 : 1, degree, value: rational(abs(value.num), value.den) };
  });
}

export function rootNumber(root: Root): Complex {
  switch (root.kind) {
    case 'rational':
      return { re: toNumber(root.value), im: 0 };
    case 'quadratic': {
      const [whole, part] = [toNumber(root.whole), toNumber(root.part)];
      const size = Math.sqrt(Number(abs(root.radicand)));
      return root.radicand < 0n ? { re: whole, im: part * size } : { re: whole + part * size, im: 0 };
    }
    case 'radical':
      return { re: root.sign * toNumber(root.value) ** (1 / root.degree), im: 0 };
    case 'numeric':
      return { re: root.re, im: root.im };
  }
}

/** The value of a polynomial (dense, from the power 0 up) at a root, exact where the root is. */
export function valueAtRoot(dense: readonly Rational[], root: Root): Root {
  if (root.kind === 'rational') {
    return {
      kind: 'rational',
      value: dense.reduceRight((sum, coefficient) => plus(times(sum, root.value), coefficient), ZERO),
    };
  }
  if (root.kind === 'quadratic') {
    const square = rational(root.radicand);
    const { whole, part } = dense.reduceRight(
      (sum, coefficient) => ({
        whole: plus(
          coefficient,
          plus(times(sum.whole, root.whole), times(square, times(sum.part, root.part))),
        ),
        part: plus(times(sum.whole, root.part), times(sum.part, root.whole)),
      }),
      { whole: ZERO, part: ZERO },
    );
    return isZero(part) ? { kind: 'rational', value: whole } : { ...root, whole, part };
  }
  const at = rootNumber(root);
  const start: Complex = { re: 0, im: 0 };
  const value = dense.reduceRight(
    (sum, coefficient) => addComplex(multiplyComplex(sum, at), { re: toNumber(coefficient), im: 0 }),
    start,
  );
  return { kind: 'numeric', ...value };
}

/** Exact text such as `3/4`, `(1 + sqrt(5))/2`, `2 - i`, `7^(1/3)`; undefined for a numeric root. */
export function rootText(root: Root): string | undefined {
  switch (root.kind) {
    case 'rational':
      return rationalText(root.value);
    case 'radical': {
      const base = root.value.den === 1n ? rationalText(root.value) : `(${rationalText(root.value)})`;
      return `${root.sign < 0 ? '-' : ''}${base}^(1/${root.degree})`;
    }
    case 'quadratic':
      return quadraticText(root);
    case 'numeric':
      return undefined;
  }
}

function quadraticText({ whole, part, radicand }: Extract<Root, { kind: 'quadratic' }>): string {
  const den = (whole.den / gcd(whole.den, part.den)) * part.den;
  const first = (whole.num * den) / whole.den;
  const second = (part.num * den) / part.den;
  const size = abs(radicand);
  const surd = [size === 1n ? '' : `sqrt(${size})`, radicand < 0n ? 'i' : ''].filter(Boolean).join('*');
  const factor = abs(second) === 1n ? surd : `${abs(second)}*${surd}`;
  const sum =
    first === 0n ? `${second < 0n ? '-' : ''}${factor}` : `${first} ${second < 0n ? '-' : '+'} ${factor}`;
  if (den === 1n) return sum;
  return first === 0n ? `${sum}/${den}` : `(${sum})/${den}`;
}
