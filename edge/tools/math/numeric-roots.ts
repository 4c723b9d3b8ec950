/** All complex roots of a polynomial in doubles, by the simultaneous iteration of Ehrlich and Aberth. */
import { ROOT_ROUNDS_MAX } from '#shared/limits';

export type Complex = { readonly re: number; readonly im: number };

export const multiplyComplex = (a: Complex, b: Complex): Complex => ({
  re: a.re * b.re - a.im * b.im,
  im: a.re * b.im + a.im * b.re,
});
export const addComplex = (a: Complex, b: Complex): Complex => ({ re: a.re + b.re, im: a.im + b.im });
const divideComplex = (a: Complex, b: Complex): Complex => {
  const size = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / size, im: (a.im * b.re - a.re * b.im) / size };
};

/** Imaginary parts below this, relative to the size of the root, are noise. */
const REAL_TOLERANCE = 1e-9;
const CONVERGED = 1e-14;

/**
 * @param coefficients of a monic polynomial without double roots, from the power 0 up, the 1 at the end included.
 * @returns as many roots as the degree; undefined where the coefficients are beyond doubles.
 */
export function numericRoots(coefficients: readonly number[]): Complex[] | undefined {
  const count = coefficients.length - 1;
  // x = size * y, so that all roots y are of the order of 1.
  const size = Math.max(
    ...coefficients.slice(0, -1).map((coefficient, power) => Math.abs(coefficient) ** (1 / (count - power))),
  );
  if (!Number.isFinite(size) || size === 0) return undefined;
  const scaled = coefficients.map((coefficient, power) => coefficient / size ** (count - power));
  if (!scaled.every(Number.isFinite)) return undefined;
  const roots = iterate(scaled);
  if (!roots.every(({ re, im }) => Number.isFinite(re) && Number.isFinite(im))) return undefined;
  return roots.map((root) => {
    const real = Math.abs(root.im) < REAL_TOLERANCE * Math.max(1, Math.abs(root.re));
    const { re, im } = real ? polish(scaled, { re: root.re, im: 0 }) : root;
    return { re: re * size, im: im * size };
  });
}

function iterate(coefficients: readonly number[]): Complex[] {
  const count = coefficients.length - 1;
  // Off the axes and without symmetry, so that no start is a saddle.
  let roots: Complex[] = Array.from({ length: count }, (_, index) => ({
    re: 1.1 * Math.cos((2 * Math.PI * index) / count + 0.4),
    im: 1.1 * Math.sin((2 * Math.PI * index) / count + 0.4),
  }));
  for (let round = 0; round < ROOT_ROUNDS_MAX; round++) {
    const steps = roots.map((root, index) => step(coefficients, roots, root, index));
    roots = roots.map((root, index) => {
      const change = steps[index] ?? { re: 0, im: 0 };
      return { re: root.re - change.re, im: root.im - change.im };
    });
    if (steps.every(({ re, im }) => Math.hypot(re, im) < CONVERGED)) break;
  }
  return roots;
}

/** Newton's step, corrected by the repulsion of the other roots. */
function step(
  coefficients: readonly number[],
  roots: readonly Complex[],
  root: Complex,
  index: number,
): Complex {
  const { value, slope } = horner(coefficients, root);
  if (value.re === 0 && value.im === 0) return { re: 0, im: 0 };
  const newton = divideComplex(value, slope);
  const repulsion = roots.reduce<Complex>(
    (sum, other, at) =>
      at === index
        ? sum
        : addComplex(
            sum,
            divideComplex({ re: 1, im: 0 }, { re: root.re - other.re, im: root.im - other.im }),
          ),
    { re: 0, im: 0 },
  );
  const product = multiplyComplex(newton, repulsion);
  const change = divideComplex(newton, { re: 1 - product.re, im: -product.im });
  return Number.isFinite(change.re) && Number.isFinite(change.im) ? change : { re: 1e-3, im: 1e-3 };
}

function polish(coefficients: readonly number[], start: Complex): Complex {
  let root = start;
  for (let round = 0; round < 4; round++) {
    const { value, slope } = horner(coefficients, root);
    const change = value.re / slope.re;
    if (Number.isFinite(change)) root = { re: root.re - change, im: 0 };
  }
  return root;
}

function horner(coefficients: readonly number[], at: Complex): { value: Complex; slope: Complex } {
  let value: Complex = { re: 0, im: 0 };
  let slope: Complex = { re: 0, im: 0 };
  for (const coefficient of coefficients.toReversed()) {
    slope = addComplex(multiplyComplex(slope, at), value);
    value = addComplex(multiplyComplex(value, at), { re: coefficient, im: 0 });
  }
  return { value, slope };
}
