/** Depth as the reference tells it, `max - value`: what a box holds, how it is rounded, what is refused. */
import { describe, expect, it } from 'vitest';
import { infernoColour } from '#backend/tools/colour-map';
import { depthOf } from '#backend/tools/depth';
import { estimateObjectDepth } from '#backend/tools/estimate-object-depth';
import { estimateRegionDepth } from '#backend/tools/estimate-region-depth';
import type { Box } from '#backend/tools/roles';
import { visualizeDepth } from '#backend/tools/visualize-depth';
import { estimateRegionDepth as regionSpec } from '#shared/tools/estimate-region-depth';
import { visualizeDepth as visualizeSpec } from '#shared/tools/visualize-depth';
import { depthOfMap, grey, images, objectsOf, pixel } from './support.ts';

/** Four columns, two rows; 8 is the nearest. */
const VALUES = [8, 4, 2, 0, 8, 4, 2, 0];
const on = images(grey(40, 20));

describe('EstimateRegionDepth', () => {
  const ask = async (bbox: readonly number[], values = VALUES): Promise<number> => {
    const answer = await estimateRegionDepth(depthOfMap(4, values))(
      regionSpec.arguments.parse({ image: 'image-0', bbox }),
      on,
    );
    expect(answer.image).toBeUndefined();
    expect(Object.keys(answer.observation)).toEqual(['depth']);
    return answer.observation.depth;
  };

  it.each([
    ['the nearest column', [0, 0, 0.25, 1], 0],
    ['the second', [0.25, 0, 0.5, 1], 5],
    ['the farthest', [0.75, 0, 1, 1], 10],
    ['the mean of two', [0, 0, 0.5, 1], 2.5],
    ['the mean of all', [0, 0, 1, 1], 5.63],
    ['a box in wrong order', [0.5, 1, 0.25, 0], 5],
    ['a box that is smaller than a cell', [0.3, 0.4, 0.301, 0.401], 5],
    ['a box over the edge', [0.75, 0.5, 1.5, 2], 10],
    ['what is around a point', [0.375, 0.25, 0.375, 0.25], 5],
    ['what is on both sides of a point', [0.25, 0.5, 0.25, 0.5], 2.5],
    ['a point in a corner', [1, 1, 1, 1], 10],
  ])('is %s', async (_name, bbox, depth) => {
    expect(await ask(bbox)).toBe(depth);
  });

  it('is larger for what is farther, whatever the unit of the model', async () => {
    const [near, far] = [await ask([0, 0, 0.5, 1]), await ask([0.5, 0, 1, 1])];
    expect(near).toBeLessThan(far);
    const thousand = VALUES.map((value) => value * 1000);
    expect([await ask([0, 0, 0.5, 1], thousand), await ask([0.5, 0, 1, 1], thousand)]).toEqual([near, far]);
  });

  it('is 0 everywhere in an image without any depth', async () => {
    expect(await ask([0, 0, 1, 1], [0, 0, 0, 0])).toBe(0);
    expect(await ask([0, 0, 1, 1], [3, 3, 3, 3])).toBe(0);
  });

  it.each([
    ['empty_box', [0.5, 0, 0.5, 1]],
    ['empty_box', [1.2, 0, 1.5, 1]],
    ['empty_box', [1.2, 0.5, 1.2, 0.5]],
    ['box_not_fractions', [340, 200, 340, 200]],
    ['box_not_fractions', [10, 0, 20, 10]],
  ])('refuses with %s before the model is asked: %j', async (code, bbox) => {
    const model = depthOfMap(4, VALUES);
    const refused = estimateRegionDepth(model)(
      { image: 'image-0', bbox: bbox as unknown as [number, number, number, number] },
      on,
    );
    await expect(refused).rejects.toMatchObject({ code });
    expect(model.asked).toEqual([]);
  });

  it('says that there is no such image', async () => {
    const refused = estimateRegionDepth(depthOfMap(4, VALUES))({ image: 'image-3', bbox: [0, 0, 1, 1] }, on);
    await expect(refused).rejects.toMatchObject({ code: 'unknown_image' });
  });
});

describe('EstimateObjectDepth', () => {
  const cups = [
    { name: 'cup', box: [0.75, 0, 1, 1] as Box, score: 0.4 },
    { name: 'cup', box: [0.2512, 0, 0.4987, 1] as Box, score: 0.9 },
    { name: 'plate', box: [0, 0, 0.25, 1] as Box, score: 0.99 },
  ];

  it('is the depth of the best find of the name, in its own precision, and says where that is', async () => {
    const handler = estimateObjectDepth(objectsOf(cups), depthOfMap(4, VALUES));
    const { observation, image } = await handler({ image: 'image-0', object: 'cup' }, on);
    expect(observation).toEqual({ depth: 5, bbox: [0.25, 0, 0.5, 1] });
    expect(image).toBeUndefined();
  });

  it('says that nothing was found, and asks no depth', async () => {
    const depth = depthOfMap(4, VALUES);
    const refused = estimateObjectDepth(objectsOf(cups), depth)({ image: 'image-0', object: 'horse' }, on);
    await expect(refused).rejects.toMatchObject({
      code: 'object_not_found',
      message: expect.stringContaining('horse was not found. Use another name'),
    });
    expect(depth.asked).toEqual([]);
  });

  it('tells what is known where the name is not', async () => {
    const objects = objectsOf(cups, ['cup', 'plate']);
    const refused = estimateObjectDepth(objects, depthOfMap(4, VALUES))(
      { image: 'image-0', object: 'Horse' },
      on,
    );
    await expect(refused).rejects.toThrow('Not known here: Horse. Known are: cup, plate.');
  });
});

describe('VisualizeDepth', () => {
  it('is bright where it is near, dark where it is far, in the size of the image', async () => {
    const { observation, image } = await visualizeDepth(depthOfMap(4, VALUES))({ image: 'image-0' }, on);
    expect(visualizeSpec.observation.parse(observation)).toEqual({
      nearest: [0.13, 0.25],
      farthest: [0.88, 0.25],
    });
    if (!image) throw new Error('expected an image');
    expect([image.width, image.height]).toEqual([40, 20]);
    expect(pixel(image, 0, 10)).toBe(infernoColour(1).join(','));
    expect(pixel(image, 39, 10)).toBe(infernoColour(0).join(','));
  });

  it('is one colour for one depth', async () => {
    const { image } = await visualizeDepth(depthOfMap(2, [5, 5]))({ image: 'image-0' }, on);
    expect(image?.data).toHaveLength(40 * 20 * 3);
    expect(new Set(image?.data)).toEqual(new Set(infernoColour(0)));
  });

  it.each([
    ['a coarse map', 2, [384, 192]],
    ['a map of 600 columns', 600, [600, 300]],
    ['a map that is finer than a screen', 1_500, [1_024, 512]],
  ])('is in the aspect of the image and no larger than it needs: %s', async (_name, columns, size) => {
    const values = Array.from({ length: columns }, (_, place) => place);
    const { image } = await visualizeDepth(depthOfMap(columns, values))(
      { image: 'image-0' },
      images(grey(2_048, 1_024)),
    );
    expect([image?.width, image?.height]).toEqual(size);
  });

  it('has the colours of depths between those of the map', async () => {
    const { image } = await visualizeDepth(depthOfMap(2, [0, 1, 1, 0]))({ image: 'image-0' }, on);
    if (!image) throw new Error('expected an image');
    const shade = (value: number) => infernoColour(Math.round(value * 255) / 255).join(',');
    // Middles of the map are at 10 and 30 of 40 columns, at 5 and 15 of 20 rows.
    const between = (x: number, y: number): number => {
      const [right, down] = [(x + 0.5) / 20 - 0.5, (y + 0.5) / 10 - 0.5].map((v) =>
        Math.min(1, Math.max(0, v)),
      );
      return (right as number) * (1 - (down as number)) + (down as number) * (1 - (right as number));
    };
    for (const [x, y] of [
      [0, 0],
      [13, 2],
      [20, 7],
      [26, 16],
      [39, 19],
    ] as const)
      expect(pixel(image, x, y)).toBe(shade(between(x, y)));
  });

  it('rises in brightness from end to end', () => {
    const light = Array.from({ length: 101 }, (_, i) => {
      const [red, green, blue] = infernoColour(i / 100);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    });
    for (let i = 1; i < light.length; i++) expect(light[i]).toBeGreaterThan((light[i - 1] as number) - 0.5);
    expect([light[0], light[100]]).toEqual([expect.closeTo(0, -1), expect.closeTo(250, -1.3)]);
  });
});

describe('depthOf', () => {
  it('is never above 10, below 0 or not a number', () => {
    const map = { width: 2, height: 1, inverseDepth: Float32Array.of(1e-30, 1e30) };
    expect([depthOf(map, [0, 0, 0.5, 1]), depthOf(map, [0.5, 0, 1, 1])]).toEqual([10, 0]);
  });
});
