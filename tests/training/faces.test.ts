/** How the face evaluation counts, and that its pictures say where their faces are. */
import { describe, expect, it } from 'vitest';
import { measureFaces } from '#training/eval/faces/measure';
import { faceSets } from '#training/eval/faces/pictures';
import { photoRaster, photos } from '#training/eval/photos/index';

describe('measureFaces', () => {
  const face = [0, 0, 10, 10] as const;
  it.each([
    ['the same box', [[0, 0, 10, 10]], 1, 1],
    ['half of it', [[0, 0, 10, 5]], 1, 1],
    ['less than half of it', [[0, 0, 10, 4.9]], 0, 1],
    ['a box beside it', [[11, 0, 21, 10]], 0, 0],
    [
      'two boxes for one face',
      [
        [0, 0, 10, 10],
        [1, 0, 10, 10],
      ],
      1,
      1,
    ],
    ['none', [], 0, 0],
  ] as const)('counts %s', (_name, finds, matched, centred) => {
    expect(measureFaces([face], finds)).toEqual({
      pictures: 1,
      faces: 1,
      finds: finds.length,
      matched,
      centred,
    });
  });
});

describe('the photos', () => {
  it('hold their faces', async () => {
    for (const { name, faces } of photos) {
      const { width, height } = await photoRaster(name);
      for (const { box } of faces)
        expect([
          box[0] >= 0,
          box[1] >= 0,
          box[0] < box[2],
          box[1] < box[3],
          box[2] <= width,
          box[3] <= height,
        ]).toEqual(Array(6).fill(true));
    }
  });

  it('give the same pictures each time, with faces inside of them', async () => {
    const sets = faceSets().filter(({ name }) => ['mirrored', '40 px', '10°'].includes(name));
    expect(sets.length).toBe(3);
    for (const set of sets) {
      const [one, two] = [await set.pictures(), await set.pictures()];
      expect(one).toEqual(two);
      for (const { raster, faces } of one)
        for (const [left, top, right, bottom] of faces)
          expect(left >= 0 && top >= 0 && right <= raster.width && bottom <= raster.height).toBe(true);
    }
  });
});
