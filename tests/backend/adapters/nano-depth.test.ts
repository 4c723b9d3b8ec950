import { expect, test } from 'vitest';
import { AREA, ASPECT_MAX, inputSize, MULTIPLE } from '#backend/tools/adapters/nano-depth';

test.each([
  [4032, 3024, 224, 160],
  [3024, 4032, 160, 224],
  [500, 500, 192, 192],
  [1920, 1080, 256, 128],
  // Beyond the aspects that training had, all are taken as the last of them.
  [8000, 1000, 288, 128],
  [10, 4000, 128, 288],
  [1, 1, 192, 192],
])('an image of %i x %i is seen at %i x %i', (width, height, wide, high) => {
  expect(inputSize({ width, height })).toEqual({ width: wide, height: high });
});

test('inputs are whole multiples, and about as large as they should be', () => {
  for (let width = 100; width < 2_000; width += 37) {
    const size = inputSize({ width, height: 700 });
    expect(size.width % MULTIPLE).toBe(0);
    expect(size.height % MULTIPLE).toBe(0);
    expect((size.width * size.height) / AREA).toBeGreaterThan(0.75);
    expect((size.width * size.height) / AREA).toBeLessThan(1.3);
    expect(Math.max(size.width / size.height, size.height / size.width)).toBeLessThan(ASPECT_MAX * 1.25);
  }
});
