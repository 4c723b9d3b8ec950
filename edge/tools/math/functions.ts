/** The functions and constants of the calculator: a closed table over plain doubles, each O(arguments). */
import { MathFailure } from './failure.ts';

export type MathFunction = {
  readonly arity: readonly [number, number];
  /** Takes any count of numbers, also as a list: `sum([1, 2])`. */
  readonly aggregate?: true;
  readonly apply: (...values: number[]) => number;
};

export const constants: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['e', Math.E],
  ['tau', 2 * Math.PI],
]);

const FACTORIAL_MAX = 170;
const COMBINATIONS_MAX = 1_000;
const ROUND_DIGITS_MAX = 15;

/** Four units in the last place: below that, a difference of doubles is rounding noise. */
export const NOISE = 4 * Number.EPSILON;

/** `value` without binary noise in the 16th digit, so that floor((0.1 + 0.7) * 10) is 8. */
export function decimal(value: number): number {
  return Math.abs(value) < 1e15 ? Number(value.toPrecision(15)) : value;
}

/** Half away from zero, on the decimal value: round(2.675, 2) is 2.68. */
function round(value: number, digits = 0): number {
  if (!Number.isInteger(digits) || Math.abs(digits) > ROUND_DIGITS_MAX) {
    throw domain(`round takes whole digits from -${ROUND_DIGITS_MAX} to ${ROUND_DIGITS_MAX}`, digits);
  }
  const [mantissa = '0', exponent = '0'] = decimal(Math.abs(value)).toExponential().split('e');
  const shifted = Math.round(Number(`${mantissa}e${Number(exponent) + digits}`));
  return Math.sign(value) * Number(`${shifted}e${-digits}`);
}

/** Sign of the divisor, as in Python. */
export function modulo(a: number, b: number): number {
  if (b === 0) throw byZero('a remainder');
  const quotient = decimal(a / b);
  if (Number.isInteger(quotient) && Math.abs(quotient) < 1e15) return 0;
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

export function floorDivide(a: number, b: number): number {
  if (b === 0) throw byZero('a floor division');
  return Math.floor(decimal(a / b));
}

export function divide(a: number, b: number): number {
  if (b === 0) throw byZero('a division');
  return a / b;
}

export function power(base: number, exponent: number): number {
  if (base === 0 && exponent < 0) throw byZero('zero to a negative power');
  if (base < 0 && !Number.isInteger(exponent)) {
    throw domain('a fractional power needs a base of at least 0 (cbrt takes negative numbers)', base);
  }
  return base ** exponent;
}

export function add(a: number, b: number): number {
  const sum = a + b;
  return Math.abs(sum) <= NOISE * Math.max(Math.abs(a), Math.abs(b)) ? 0 : sum;
}

export function factorial(n: number): number {
  whole('factorial', n, 0, FACTORIAL_MAX);
  let product = 1;
  for (let factor = 2; factor <= n; factor++) product *= factor;
  return product;
}

function permutations(n: number, k = n): number {
  whole('permutations', n, 0, COMBINATIONS_MAX);
  whole('permutations', k, 0, COMBINATIONS_MAX);
  let product = 1;
  for (let index = 0; index < k; index++) product *= n - index;
  return product;
}

function combinations(n: number, k: number): number {
  whole('combinations', n, 0, COMBINATIONS_MAX);
  whole('combinations', k, 0, COMBINATIONS_MAX);
  if (k > n) return 0;
  let product = 1;
  for (let index = 1; index <= Math.min(k, n - k); index++) product = (product * (n - index + 1)) / index;
  // Below 2^53 every partial product is a whole number, but for the noise of the division.
  return product < Number.MAX_SAFE_INTEGER ? Math.round(product) : product;
}

function gcd(...values: number[]): number {
  for (const value of values) whole('gcd', value, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return values.reduce((a, b) => {
    let [high, low] = [Math.abs(a), Math.abs(b)];
    while (low !== 0) [high, low] = [low, high % low];
    return high;
  });
}

function lcm(...values: number[]): number {
  return values.reduce((a, b) => (a === 0 || b === 0 ? 0 : Math.abs(a / gcd(a, b)) * Math.abs(b)));
}

/** sin, cos: a result below the noise of its argument is zero, so that sin(pi) is 0. */
function quiet(wave: (angle: number) => number): (angle: number) => number {
  return (angle) => {
    const value = wave(angle);
    return Math.abs(value) <= NOISE * Math.abs(angle) && Math.abs(angle) < 1e6 && Math.abs(angle) > 1e-3
      ? 0
      : value;
  };
}

const sine = quiet(Math.sin);
const cosine = quiet(Math.cos);

function tangent(angle: number): number {
  if (cosine(angle) === 0) throw domain('tan has no value at odd multiples of pi/2', angle);
  return sine(angle) === 0 ? 0 : Math.tan(angle);
}

function logarithm(value: number, base?: number): number {
  if (value <= 0) throw domain('a logarithm takes a number above 0', value);
  if (base === undefined) return Math.log(value);
  if (base <= 0 || base === 1) throw domain('the base of a logarithm is above 0 and not 1', base);
  if (base === 10) return Math.log10(value);
  return base === 2 ? Math.log2(value) : Math.log(value) / Math.log(base);
}

/** A function of one number that is defined from `low` to `high`. */
function within(name: string, low: number, high: number, apply: (value: number) => number): MathFunction {
  const range = high === Number.POSITIVE_INFINITY ? `at least ${low}` : `from ${low} to ${high}`;
  return {
    arity: [1, 1],
    apply: (value = Number.NaN) => {
      if (!(value >= low && value <= high)) throw domain(`${name} takes a number ${range}`, value);
      return apply(value);
    },
  };
}

function sum(...values: number[]): number {
  return values.reduce(add, 0);
}

function mean(...values: number[]): number {
  return sum(...values) / values.length;
}

function median(...values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)];
  return ((sorted[low] ?? 0) + (sorted[high] ?? 0)) / 2;
}

/** Sample standard deviation, as Python's statistics.stdev. */
function stdev(...values: number[]): number {
  if (values.length < 2) throw domain('stdev takes at least 2 numbers', values.length);
  const centre = mean(...values);
  return Math.sqrt(sum(...values.map((value) => (value - centre) ** 2)) / (values.length - 1));
}

const one = (apply: (value: number) => number): MathFunction => ({ arity: [1, 1], apply });
const any = (apply: (...values: number[]) => number): MathFunction => ({
  arity: [1, Number.POSITIVE_INFINITY],
  aggregate: true,
  apply,
});
const logs: MathFunction = { arity: [1, 2], apply: (value, base) => logarithm(value, base) };
const powers: MathFunction = { arity: [2, 2], apply: (base, exponent) => power(base, exponent) };

const table: Readonly<Record<string, MathFunction>> = {
  sqrt: within('sqrt', 0, Number.POSITIVE_INFINITY, Math.sqrt),
  isqrt: within('isqrt', 0, Number.POSITIVE_INFINITY, (value) => Math.floor(Math.sqrt(value))),
  cbrt: one(Math.cbrt),
  exp: one(Math.exp),
  log: logs,
  ln: one((value) => logarithm(value)),
  log10: one((value) => logarithm(value, 10)),
  log2: one((value) => logarithm(value, 2)),
  pow: powers,
  hypot: any(Math.hypot),
  abs: one(Math.abs),
  fabs: one(Math.abs),
  sign: one(Math.sign),
  round: { arity: [1, 2], apply: (value, digits) => round(value, digits) },
  floor: one((value) => Math.floor(decimal(value))),
  ceil: one((value) => Math.ceil(decimal(value))),
  trunc: one((value) => Math.trunc(decimal(value))),
  int: one((value) => Math.trunc(decimal(value))),
  float: one((value) => value),
  mod: { arity: [2, 2], apply: (a, b) => modulo(a, b) },
  fmod: { arity: [2, 2], apply: (a, b) => (b === 0 ? modulo(1, 0) : a % b) },
  sin: one(sine),
  cos: one(cosine),
  tan: one(tangent),
  asin: within('asin', -1, 1, Math.asin),
  acos: within('acos', -1, 1, Math.acos),
  atan: one(Math.atan),
  atan2: { arity: [2, 2], apply: (y, x) => Math.atan2(y, x) },
  sinh: one(Math.sinh),
  cosh: one(Math.cosh),
  tanh: one(Math.tanh),
  degrees: one((value) => (value * 180) / Math.PI),
  radians: one((value) => (value * Math.PI) / 180),
  factorial: one(factorial),
  combinations: { arity: [2, 2], apply: (n, k) => combinations(n, k) },
  permutations: { arity: [1, 2], apply: (n, k) => permutations(n, k) },
  gcd: any(gcd),
  lcm: any(lcm),
  min: any(Math.min),
  max: any(Math.max),
  sum: any(sum),
  prod: any((...values) => values.reduce((a, b) => a * b, 1)),
  mean: any(mean),
  median: any(median),
  stdev: any(stdev),
};

const aliases: Readonly<Record<string, string>> = {
  comb: 'combinations',
  ncr: 'combinations',
  perm: 'permutations',
  npr: 'permutations',
  avg: 'mean',
  average: 'mean',
  fsum: 'sum',
  product: 'prod',
  ceiling: 'ceil',
  arcsin: 'asin',
  arccos: 'acos',
  arctan: 'atan',
};

export const functions: ReadonlyMap<string, MathFunction> = new Map([
  ...Object.entries(table),
  ...Object.entries(aliases).flatMap(([alias, name]): Array<[string, MathFunction]> => {
    const row = table[name];
    return row === undefined ? [] : [[alias, row]];
  }),
]);

function whole(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw domain(`${name} takes whole numbers from ${low} to ${high}`, value);
  }
}

function domain(expected: string, came: number): MathFailure {
  return new MathFailure(
    'domain',
    `expected: ${expected}; came ${Number(came.toPrecision(14))}: change the argument`,
  );
}

function byZero(what: string): MathFailure {
  return new MathFailure(
    'division_by_zero',
    `expected a divisor other than 0; came ${what} by 0: change the divisor`,
  );
}
