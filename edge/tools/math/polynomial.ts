/** Polynomials in several unknowns with exact coefficients, of bounded degree and length. */
import { POLYNOMIAL_DEGREE_MAX, POLYNOMIAL_TERMS_MAX } from '#shared/limits';
import { MathFailure } from './failure.ts';
import {
  isOne,
  isZero,
  minus,
  negative,
  ONE,
  over,
  plus,
  type Rational,
  rationalText,
  times,
  ZERO,
} from './rational.ts';

/** Exponents by unknown, as `x:2 y:1`, sorted by name; the constant term has the empty key. */
type Monomial = string;
export type Polynomial = ReadonlyMap<Monomial, Rational>;

export const NOTHING: Polynomial = new Map();

export function constant(value: Rational): Polynomial {
  return isZero(value) ? NOTHING : new Map([['', value]]);
}

export function unknown(name: string): Polynomial {
  return new Map([[`${name}:1`, ONE]]);
}

export function addPolynomials(a: Polynomial, b: Polynomial): Polynomial {
  const sum = new Map(a);
  for (const [key, coefficient] of b) accumulate(sum, key, coefficient);
  return sum;
}

export function scale(a: Polynomial, factor: Rational): Polynomial {
  if (isZero(factor)) return NOTHING;
  return new Map([...a].map(([key, coefficient]) => [key, times(coefficient, factor)]));
}

export function subtractPolynomials(a: Polynomial, b: Polynomial): Polynomial {
  return addPolynomials(a, scale(b, negative(ONE)));
}

/** @throws MathFailure not_solvable, where degree or length get out of bounds */
export function multiplyPolynomials(a: Polynomial, b: Polynomial): Polynomial {
  const product = new Map<Monomial, Rational>();
  for (const [left, p] of a) {
    for (const [right, q] of b) accumulate(product, multiplyMonomials(left, right), times(p, q));
    if (product.size > POLYNOMIAL_TERMS_MAX) throw tooLarge(`more than ${POLYNOMIAL_TERMS_MAX} terms`);
  }
  return product;
}

export function raisePolynomial(a: Polynomial, exponent: number): Polynomial {
  if (exponent > POLYNOMIAL_DEGREE_MAX && a.size > 0 && degree(a) > 0)
    throw tooLarge(`the power ${exponent}`);
  let value: Polynomial = constant(ONE);
  for (let count = 0; count < exponent; count++) value = multiplyPolynomials(value, a);
  return value;
}

/** The value of a polynomial without unknowns, or undefined where it has some. */
export function constantOf(a: Polynomial): Rational | undefined {
  if (a.size === 0) return ZERO;
  return a.size === 1 ? a.get('') : undefined;
}

export function unknownsOf(a: Polynomial): string[] {
  return [...new Set([...a.keys()].flatMap((key) => [...exponents(key).keys()]))].sort();
}

export function degree(a: Polynomial, name?: string): number {
  let highest = 0;
  for (const key of a.keys()) {
    const powers = exponents(key);
    const total =
      name === undefined ? [...powers.values()].reduce((x, y) => x + y, 0) : (powers.get(name) ?? 0);
    highest = Math.max(highest, total);
  }
  return highest;
}

/** Coefficients of the powers of one unknown, from the power 0 up; they are polynomials in the others. */
export function coefficientsOf(a: Polynomial, name: string): Polynomial[] {
  const rows = Array.from({ length: degree(a, name) + 1 }, () => new Map<Monomial, Rational>());
  for (const [key, coefficient] of a) {
    const powers = exponents(key);
    const power = powers.get(name) ?? 0;
    powers.delete(name);
    rows[power]?.set(keyOf(powers), coefficient);
  }
  return rows;
}

/** `a` with a polynomial in place of one unknown. */
export function substitute(a: Polynomial, name: string, value: Polynomial): Polynomial {
  return coefficientsOf(a, name).reduce(
    (sum, coefficient, power) =>
      coefficient.size === 0
        ? sum
        : addPolynomials(sum, multiplyPolynomials(coefficient, raisePolynomial(value, power))),
    NOTHING,
  );
}

/** Rational coefficients from the power 0 up, of a polynomial in one unknown. */
export function denseOf(a: Polynomial, name: string): Rational[] {
  return coefficientsOf(a, name).map((coefficient) => constantOf(coefficient) ?? ZERO);
}

/** Value for doubles, for the places where exact numbers end. */
export function evaluatePolynomial(
  a: Polynomial,
  values: ReadonlyMap<string, number>,
  read: (value: Rational) => number,
): number {
  let sum = 0;
  for (const [key, coefficient] of a) {
    let term = read(coefficient);
    for (const [name, power] of exponents(key)) term *= (values.get(name) ?? Number.NaN) ** power;
    sum += term;
  }
  return sum;
}

/** As people write it, highest powers first: `2*x^2 - y + 3/4`. */
export function polynomialText(a: Polynomial): string {
  const sorted = [...a].toSorted(
    ([left], [right]) => totalDegree(right) - totalDegree(left) || (left < right ? -1 : 1),
  );
  // 10 - y rather than -y + 10.
  const first = sorted[0]?.[1].num ?? 0n;
  const start =
    first < 0n
      ? Math.max(
          0,
          sorted.findIndex(([, { num }]) => num > 0n),
        )
      : 0;
  const terms = [...sorted.slice(start, start + 1), ...sorted.slice(0, start), ...sorted.slice(start + 1)];
  const text = terms.map(([key, coefficient], index) => {
    const sign = coefficient.num < 0n ? (index === 0 ? '-' : ' - ') : index === 0 ? '' : ' + ';
    const size = coefficient.num < 0n ? negative(coefficient) : coefficient;
    const letters = [...exponents(key)]
      .map(([name, power]) => (power === 1 ? name : `${name}^${power}`))
      .join('*');
    if (letters === '') return sign + rationalText(size);
    if (size.den === 1n) return `${sign}${isOne(size) ? '' : `${size.num}*`}${letters}`;
    return `${sign}${size.num === 1n ? '' : `${size.num}*`}${letters}/${size.den}`;
  });
  return text.length === 0 ? '0' : text.join('');
}

/** Long division by a polynomial in the same unknown, dense coefficients. */
export function divideDense(
  a: readonly Rational[],
  b: readonly Rational[],
): { quotient: Rational[]; rest: Rational[] } {
  const rest = trimDense(a);
  const divisor = trimDense(b);
  const lead = divisor.at(-1) ?? ONE;
  const quotient: Rational[] = [];
  while (rest.length >= divisor.length) {
    const factor = over(rest.at(-1) ?? ZERO, lead);
    const shift = rest.length - divisor.length;
    quotient.unshift(factor);
    divisor.forEach((coefficient, index) => {
      rest[shift + index] = minus(rest[shift + index] ?? ZERO, times(factor, coefficient));
    });
    rest.pop();
  }
  return { quotient, rest: trimDense(rest) };
}

/** Monic greatest common divisor, dense coefficients; empty for two zeros. */
export function gcdDense(a: readonly Rational[], b: readonly Rational[]): Rational[] {
  let [high, low] = [trimDense(a), trimDense(b)];
  while (low.length > 0) [high, low] = [low, monic(divideDense(high, low).rest)];
  return monic(high);
}

export function trimDense(a: readonly Rational[]): Rational[] {
  const trimmed = [...a];
  while (trimmed.length > 0 && isZero(trimmed.at(-1) ?? ZERO)) trimmed.pop();
  return trimmed;
}

function monic(a: readonly Rational[]): Rational[] {
  const lead = a.at(-1);
  return lead === undefined ? [] : a.map((coefficient) => over(coefficient, lead));
}

function accumulate(sum: Map<Monomial, Rational>, key: Monomial, coefficient: Rational): void {
  const total = plus(sum.get(key) ?? ZERO, coefficient);
  if (isZero(total)) sum.delete(key);
  else sum.set(key, total);
}

function multiplyMonomials(a: Monomial, b: Monomial): Monomial {
  const powers = exponents(a);
  for (const [name, power] of exponents(b)) powers.set(name, (powers.get(name) ?? 0) + power);
  const key = keyOf(powers);
  if (totalDegree(key) > POLYNOMIAL_DEGREE_MAX) throw tooLarge(`degree ${totalDegree(key)}`);
  return key;
}

function totalDegree(key: Monomial): number {
  return [...exponents(key).values()].reduce((a, b) => a + b, 0);
}

function exponents(key: Monomial): Map<string, number> {
  return new Map(
    key === ''
      ? []
      : key.split(' ').map((factor): [string, number] => {
          const [name = '', power = '0'] = factor.split(':');
          return [name, Number(power)];
        }),
  );
}

function keyOf(powers: ReadonlyMap<string, number>): Monomial {
  return [...powers]
    .filter(([, power]) => power > 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, power]) => `${name}:${power}`)
    .join(' ');
}

function tooLarge(came: string): MathFailure {
  return new MathFailure(
    'not_solvable',
    `expected an equation of at most degree ${POLYNOMIAL_DEGREE_MAX}; came ${came}: make it simpler`,
  );
}
