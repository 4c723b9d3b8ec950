/** Exact fractions of whole numbers, of bounded size. */

import { RATIONAL_BITS_MAX } from '#shared/limits';
import { MathFailure } from './failure.ts';

/** In lowest terms, `den` above 0. */
export type Rational = { readonly num: bigint; readonly den: bigint };

export const ZERO: Rational = { num: 0n, den: 1n };
export const ONE: Rational = { num: 1n, den: 1n };

const SIZE_MAX = 1n << BigInt(RATIONAL_BITS_MAX);

/** @throws MathFailure not_solvable, where the number gets too long */
export function rational(num: bigint, den = 1n): Rational {
  const shared = gcd(num, den) * (den < 0n ? -1n : 1n);
  const [top, bottom] = shared === 0n ? [num, den] : [num / shared, den / shared];
  if (abs(top) > SIZE_MAX || bottom > SIZE_MAX) {
    throw new MathFailure(
      'not_solvable',
      'expected numbers of ordinary length; came ones too long to solve exactly: use shorter numbers',
    );
  }
  return { num: top, den: bottom };
}

export function gcd(a: bigint, b: bigint): bigint {
  let [high, low] = [abs(a), abs(b)];
  while (low !== 0n) [high, low] = [low, high % low];
  return high;
}

export function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

export const plus = (a: Rational, b: Rational): Rational =>
  rational(a.num * b.den + b.num * a.den, a.den * b.den);
export const minus = (a: Rational, b: Rational): Rational => plus(a, negative(b));
export const times = (a: Rational, b: Rational): Rational => rational(a.num * b.num, a.den * b.den);
export const over = (a: Rational, b: Rational): Rational => {
  if (b.num === 0n)
    throw new MathFailure('division_by_zero', 'expected a divisor other than 0; came 0: change the divisor');
  return rational(a.num * b.den, a.den * b.num);
};
export const negative = (a: Rational): Rational => ({ num: -a.num, den: a.den });
export const isZero = (a: Rational): boolean => a.num === 0n;
export const isOne = (a: Rational): boolean => a.num === 1n && a.den === 1n;

export function compare(a: Rational, b: Rational): number {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Whole exponents only, small ones: the caller bounds them. */
export function raise(base: Rational, exponent: number): Rational {
  let value = ONE;
  for (let count = 0; count < Math.abs(exponent); count++) value = times(value, base);
  return exponent < 0 ? over(ONE, value) : value;
}

/** Nearest double. Both parts are cut alike, so that long fractions do not overflow to NaN. */
export function toNumber(value: Rational): number {
  const longest = Math.max(bits(value.num), bits(value.den));
  const excess = BigInt(Math.max(0, longest - 1_000));
  return Number(value.num >> excess) / Number(value.den >> excess);
}

function bits(value: bigint): number {
  return abs(value).toString(16).length * 4;
}

/** A decimal literal such as 12, .5 or 1.5e-3, exactly. Undefined where the exponent is out of bounds. */
export function fromLiteral(text: string): Rational | undefined {
  const match = /^(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent) - fraction.length;
  if (Math.abs(shift) > RATIONAL_BITS_MAX / 4) return undefined;
  const digits = BigInt(whole + fraction || '0');
  return shift < 0 ? rational(digits, 10n ** BigInt(-shift)) : rational(digits * 10n ** BigInt(shift));
}

/** Whether the decimal expansion ends, as that of 3/8 does. */
export function terminates(value: Rational): boolean {
  let rest = value.den;
  for (const prime of [2n, 5n]) while (rest % prime === 0n) rest /= prime;
  return rest === 1n;
}

/** Whole square root of a number from 0 up: the largest whose square is not above it. */
export function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(16).length * 4) / 2 + 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The exact square root, or undefined where it is irrational. */
export function rationalRoot(value: Rational): Rational | undefined {
  if (value.num < 0n) return undefined;
  const [num, den] = [squareRoot(value.num), squareRoot(value.den)];
  return num * num === value.num && den * den === value.den ? { num, den } : undefined;
}

export function rationalText(value: Rational): string {
  return value.den === 1n ? `${value.num}` : `${value.num}/${value.den}`;
}
