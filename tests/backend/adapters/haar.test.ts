/** The cascade against what OpenCV found in the same photos (`training/faces/expect-opencv.py`), and its parts by their definition. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decodeImage } from '#backend/images/decode';
import { openVisionModels } from '#backend/packs/adapters';
import { scoreOf } from '#backend/tools/adapters/haar';
import { cascadeOf } from '#backend/tools/adapters/haar/cascade';
import { detectMultiScale } from '#backend/tools/adapters/haar/detect';
import { grayOf, resizeExact, roundHalfToEven, sumInto } from '#backend/tools/adapters/haar/gray';
import { groupRectangles } from '#backend/tools/adapters/haar/group';
import { flat, never, noise } from './support.ts';

const PHOTOS = 'training/eval/photos';
const recorded = z
  .object({
    finds: z.array(
      z.object({
        photo: z.string(),
        search: z.tuple([z.number(), z.number(), z.number()]),
        found: z.array(z.array(z.number())),
      }),
    ),
  })
  .parse(JSON.parse(await readFile('tests/backend/adapters/fixtures/opencv-faces.json', 'utf8')));
const shipped: unknown = JSON.parse(await readFile('models/nano/faces/cascade.json', 'utf8'));

const rasterOf = async (photo: string) => (await decodeImage(await readFile(join(PHOTOS, photo)))).raster;

describe('detectMultiScale', () => {
  const cascade = cascadeOf(shipped);
  it.each(recorded.finds)(
    'finds in $photo what OpenCV finds at $search',
    async ({ photo, search, found }) => {
      const [scaleFactor, minNeighbours, minSize] = search;
      const gray = grayOf(await rasterOf(photo));
      const own = await detectMultiScale(cascade, gray, { scaleFactor, minNeighbours, minSize }, never);
      const rows = own.map((each) => [each.x, each.y, each.width, each.height, each.neighbours]);
      expect(rows.toSorted(byNumbers)).toEqual(found);
    },
  );

  it('is recorded for every photo, with finds and without', async () => {
    const photos = (await readdir(PHOTOS)).filter((name) => name.endsWith('.jpg'));
    expect(new Set(recorded.finds.map(({ photo }) => photo))).toEqual(new Set(photos));
    expect(recorded.finds.filter(({ found }) => found.length > 0).length).toBeGreaterThan(4);
  });

  it('finds nothing in an image smaller than its window, and stops when told to', async () => {
    const search = { scaleFactor: 1.1, minNeighbours: 5, minSize: 24 };
    expect(await detectMultiScale(cascade, grayOf(noise(19, 80, 1)), search, never)).toEqual([]);
    const stopped = detectMultiScale(cascade, grayOf(noise(80, 80, 1)), search, AbortSignal.abort());
    await expect(stopped).rejects.toThrow();
  });
});

describe('a cascade', () => {
  /** Bright left of dark by any amount: a window of 4 x 4, one stage of one stump. */
  const halves = [0, 0, 2, 4, 1, 2, 0, 2, 4, -1];
  const stump = (nodes: number[], features = [halves]) => ({
    window: [4, 4],
    features,
    stages: [{ threshold: 0.5, trees: [[nodes, [1, 0]]] }],
  });

  it('takes the left branch below the threshold, and refuses where a stage sums to less than it asks', () => {
    // Left leaf 1 where the feature is below 0, that is where the right half is brighter.
    const test = cascadeOf(stump([0, -1, 0, 0])).windows(5);
    const look = (left: number, right: number) => {
      const data = Uint8Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? left : right));
      const sums = { plain: new Int32Array(25), squared: new Int32Array(25), stride: 5 };
      sumInto(sums, { data, width: 4, height: 4 });
      return test(sums, 0, 0);
    };
    expect([look(10, 200), look(200, 10)]).toEqual(['passed', 0]);
    expect(look(100, 100)).toBe(-1);
  });

  it.each([
    ['a branch to a node that is not there', stump([1, -1, 0, 0]), /leads nowhere/],
    ['a branch to a leaf that is not there', stump([0, -2, 0, 0]), /leads nowhere/],
    ['a feature that is not there', stump([0, -1, 1, 0]), /leads nowhere/],
    [
      'a rectangle outside its window',
      stump([0, -1, 0, 0], [[0, 0, 5, 4, 1, 2, 0, 2, 4, -1]]),
      /leaves its window/,
    ],
    ['a feature of one rectangle', stump([0, -1, 0, 0], [[0, 0, 2, 4, 1]]), /10 or 15 numbers/],
    ['no cascade at all', { faces: [] }, /window/],
  ])('with %s is refused', (_name, value, message) => {
    expect(() => cascadeOf(value)).toThrow(message);
  });
});

describe('gray images', () => {
  it('weigh red, green and blue by 0.299, 0.587 and 0.114', () => {
    const gray = (...colour: [number, number, number]) => grayOf(flat(1, 1, colour)).data[0];
    expect([gray(255, 0, 0), gray(0, 255, 0), gray(0, 0, 255), gray(255, 255, 255)]).toEqual([
      76, 150, 29, 255,
    ]);
  });

  it('shrink to what lies between the pixels, and round halves to even', () => {
    const row = { data: Uint8Array.of(0, 100, 200, 100), width: 4, height: 1 };
    expect([...resizeExact(row, 2, 1).data]).toEqual([50, 150]);
    expect([...resizeExact(row, 4, 1).data]).toEqual([...row.data]);
    expect([0.5, 1.5, 2.5, -0.5, 2.4, 2.6].map((value) => roundHalfToEven(value))).toEqual([
      0, 2, 2, 0, 2, 3,
    ]);
  });

  it('have right sums of squares although they overflow', () => {
    const [width, height] = [300, 300];
    const image = { data: new Uint8Array(width * height).fill(255), width, height };
    const sums = { plain: new Int32Array(301 * 301), squared: new Int32Array(301 * 301), stride: 301 };
    sumInto(sums, image);
    const of = (values: Int32Array) =>
      (values[300 * 301 + 300] as number) - (values[298 * 301 + 300] as number);
    expect([of(sums.plain), of(sums.squared) >>> 0]).toEqual([600 * 255, 600 * 255 ** 2]);
  });
});

describe('groupRectangles', () => {
  const at = (x: number, y: number, size = 50) => ({ x, y, width: size, height: size });
  const near = [at(10, 10), at(12, 10), at(14, 11), at(12, 13)];

  it('is the mean of windows that lie within a fifth of their size, where there are enough', () => {
    expect(groupRectangles([...near, at(200, 200)], 3)).toEqual([{ ...at(12, 11), neighbours: 4 }]);
    expect(groupRectangles(near, 4)).toEqual([]);
    expect(groupRectangles([], 1)).toEqual([]);
  });

  it('joins windows by way of others', () => {
    const chain = [at(0, 0), at(9, 0), at(18, 0)];
    expect(groupRectangles(chain, 2)).toEqual([{ ...at(9, 0), neighbours: 3 }]);
  });

  it('drops a weak find inside a stronger one', () => {
    const inner = [at(20, 20, 20), at(21, 20, 20)];
    expect(groupRectangles([...near, ...inner], 1)).toEqual([{ ...at(12, 11), neighbours: 4 }]);
  });
});

describe('the embedded pack', () => {
  it('fills the role of faces, and shrinks large images before it looks', async () => {
    const { roles, reports } = await openVisionModels({ device: 'cpu', threads: 1 });
    expect(reports).toContainEqual({ role: 'faces', pack: 'nano-faces', state: 'ready' });
    const [face, ...more] = (await roles.faces?.detect(await rasterOf('astronaut.jpg'), never)) ?? [];
    expect(more).toEqual([]);
    const [left, top, right, bottom] = [175, 65, 273, 163].map((side) => side / 512);
    expect(face).toEqual({ box: [left, top, right, bottom], score: scoreOf(33) });

    const twice = await decodeImage(await readFile(join(PHOTOS, 'hopper.jpg')));
    const { raster } = twice;
    const large = { width: raster.width * 2, height: raster.height * 2, data: doubled(raster) };
    const found = (await roles.faces?.detect(large, never)) ?? [];
    expect(found.map(({ box }) => box.map((side) => Math.round(side * 20)))).toEqual([[6, 3, 15, 11]]);
  });
});

function doubled({ data, width, height }: { data: Uint8Array; width: number; height: number }): Uint8Array {
  const out = new Uint8Array(data.length * 4);
  for (let y = 0; y < height * 2; y++)
    for (let x = 0; x < width * 2; x++)
      for (let c = 0; c < 3; c++)
        out[(y * width * 2 + x) * 3 + c] = data[((y >> 1) * width + (x >> 1)) * 3 + c] as number;
  return out;
}

function byNumbers(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
}
