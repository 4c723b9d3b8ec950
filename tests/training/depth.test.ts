import { expect, test } from 'vitest';
import { constant, type DepthPlane, meanOf, measure, ramp, resized } from '#training/eval/depth/measure';

const map = (width: number, height: number, value: (x: number, y: number) => number): DepthPlane => ({
  width,
  height,
  values: Float32Array.from({ length: width * height }, (_, index) =>
    value(index % width, Math.floor(index / width)),
  ),
});
/** A floor that comes closer towards the bottom, with a closer wall on the left and a strip of sky. */
const scene = map(64, 48, (x, y) => (y < 6 ? 0 : (y / 48) * 0.5 + (x < 20 ? 0.6 : 0)));

test('the truth up to scale and shift is perfect', () => {
  const scaled = map(64, 48, (x, y) => 3 * (scene.values[y * 64 + x] ?? 0) + 2);
  expect(measure(scaled, scene, 1)).toMatchObject({ sameRow: 1, allPairs: 1, delta1: 1 });
  expect(measure(scaled, scene, 1).absRel).toBeLessThan(1e-3);
});

test('the reverse has every pair wrong', () => {
  const reverse = map(64, 48, (x, y) => -(scene.values[y * 64 + x] ?? 0));
  expect(measure(reverse, scene, 1)).toMatchObject({ sameRow: 0, allPairs: 0 });
});

test('"lower is closer" orders a floor, but nothing in a row', () => {
  const floor = map(64, 48, (_, y) => 0.1 + y);
  expect(measure(ramp(64, 48), floor, 1)).toMatchObject({ allPairs: 1, delta1: 1 });
  const wall = map(64, 48, (x) => 1 + x);
  expect(measure(ramp(64, 48), wall, 1).sameRow).toBeCloseTo(0.5, 1);
  // What decides nothing is a coin.
  expect(measure(constant(64, 48), wall, 1)).toMatchObject({ sameRow: 0.5, allPairs: 0.5 });
});

test('the fit is that of least squares, and sky takes no part in it', () => {
  const truth = map(2, 2, (x, y) => [1, 2, 0, 4][y * 2 + x] ?? 0);
  const guess = map(2, 2, (x, y) => [1, 2, 99, 3][y * 2 + x] ?? 0);
  // Slope 1.5, intercept -2/3: fitted inverse depths 5/6, 7/3 and 23/6.
  const { absRel, delta1 } = measure(guess, truth, 1);
  expect(absRel).toBeCloseTo((0.2 + 1 / 7 + 1 / 23) / 3, 6);
  expect(delta1).toBe(1);
});

test('a map is sized by the four places around each', () => {
  expect([
    ...resized(
      map(2, 1, (x) => x),
      4,
      1,
    ).values,
  ]).toEqual([0, 0.25, 0.75, 1]);
  expect([
    ...resized(
      map(3, 3, () => 7),
      5,
      2,
    ).values,
  ]).toEqual(Array.from({ length: 10 }, () => 7));
});

test('pictures without an order in rows are left out of that mean', () => {
  const row = { sameRow: undefined, allPairs: 1, delta1: 1, absRel: 0 };
  expect(meanOf([row, { ...row, sameRow: 0.5, delta1: 0 }])).toEqual({
    sameRow: 0.5,
    allPairs: 1,
    delta1: 0.5,
    absRel: 0,
  });
});
