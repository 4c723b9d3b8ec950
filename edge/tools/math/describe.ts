/** Solutions as text that a planner can read and copy. */
import { clean } from './evaluate.ts';
import { type Polynomial, polynomialText } from './polynomial.ts';
import { abs, terminates } from './rational.ts';
import { type Root, rootNumber, rootText } from './roots.ts';
import type { Point } from './system.ts';

const NUMERIC_DIGITS = 10;
/** Longer exact forms help nobody; the decimal stands alone then. */
const EXACT_CHARS_MAX = 60;

export function decimalText(value: number): string {
  return String(Number(value.toPrecision(NUMERIC_DIGITS)) + 0);
}

/** Such as `8`, `3/4 = 0.75`, `sqrt(2) ≈ 1.414213562`, `1 + 2*i`. `decimals`: the question used decimals. */
export function valueText(root: Root, decimals: boolean): string {
  const exact = rootText(root);
  const { re, im } = rootNumber(root);
  const decimal = im === 0 ? decimalText(re) : complexText(re, im);
  if (exact === undefined || exact.length > EXACT_CHARS_MAX) return decimal;
  if (root.kind === 'rational') {
    if (root.value.den === 1n) return exact;
    // Shown without loss only while it fits the digits that are printed.
    const ends = terminates(root.value) && abs(root.value.num) < 10n ** 10n && root.value.den < 10n ** 6n;
    if (ends && decimals) return String(clean(re));
    return ends ? `${exact} = ${clean(re)}` : `${exact} ≈ ${decimal}`;
  }
  return im === 0 ? `${exact} ≈ ${decimal}` : exact;
}

function complexText(re: number, im: number): string {
  return `${decimalText(re)} ${im < 0 ? '-' : '+'} ${decimalText(Math.abs(im))}*i`;
}

/** `x = 2 or x = 3`; of several unknowns `x = 3, y = 1`, in brackets where there is more than one such point. */
export function pointsText(points: readonly Point[], names: readonly string[], decimals: boolean): string {
  const texts = points.map((point) =>
    names
      .flatMap((name) => {
        const root = point.get(name);
        return root === undefined
          ? []
          : [`${name} ${rootText(root) === undefined ? '≈' : '='} ${valueText(root, decimals)}`];
      })
      .join(', '),
  );
  const distinct = [...new Set(texts)];
  return distinct.map((text) => (distinct.length > 1 && names.length > 1 ? `(${text})` : text)).join(' or ');
}

export function familyText(bound: ReadonlyMap<string, Polynomial>, free: readonly string[]): string {
  const parts = [...bound]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} = ${polynomialText(value)}`);
  return `infinitely many solutions: ${[...parts, `${free.join(' and ')} may be any number`].join(', ')}`;
}

export function quotientText(top: Polynomial, bottom: Polynomial): string {
  if (bottom.size === 1 && [...bottom.keys()][0] === '') return polynomialText(top);
  const side = (value: Polynomial): string =>
    value.size > 1 ? `(${polynomialText(value)})` : polynomialText(value);
  return `${side(top)}/${bottom.size > 1 || polynomialText(bottom).includes('*') ? `(${polynomialText(bottom)})` : polynomialText(bottom)}`;
}
