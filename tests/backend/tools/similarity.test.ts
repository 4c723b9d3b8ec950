/** The three similarity tools: cosines to two digits, the best before rounding, and likeness without a model. */
import { describe, expect, it } from 'vitest';
import { getImageToImagesSimilarity } from '#backend/tools/get-image-to-images-similarity';
import { getImageToTextsSimilarity } from '#backend/tools/get-image-to-texts-similarity';
import { getTextToImagesSimilarity } from '#backend/tools/get-text-to-images-similarity';
import type { SimilarityModel } from '#backend/tools/roles';
import { cosine, ranked } from '#backend/tools/similarity';
import { likeness, lookOf } from '#backend/tools/similarity/likeness';
import { edited, photoRaster } from '#training/eval/photos/index';
import { grey, images } from './support.ts';

/** Unit vectors by angle: that of an image is its gray value, that of a text its length, in degrees. */
const at = (degrees: number): Float32Array =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
const angles: SimilarityModel = {
  image: async ({ data }) => at(data[0] ?? 0),
  text: async (text) => at(text.length),
};
const on = images(grey(4, 4, 0), grey(4, 4, 60), grey(4, 4, 10), grey(4, 4, 180));

describe('with a model', () => {
  it('images are compared with an image', async () => {
    const { observation, image } = await getImageToImagesSimilarity(angles)(
      { image: 'image-0', other_images: ['image-1', 'image-2', 'image-3', 'image-0'] },
      on,
    );
    expect(observation).toEqual({
      similarity: [0.5, 0.98, -1, 1],
      best_image_index: 3,
      best_image: 'image-0',
    });
    expect(image).toBeUndefined();
  });

  it('texts are compared with an image', async () => {
    const texts = ['x'.repeat(90), 'x'.repeat(45), 'x'.repeat(46)];
    const { observation } = await getImageToTextsSimilarity(angles)({ image: 'image-0', texts }, on);
    expect(observation).toEqual({ similarity: [0, 0.71, 0.69], best_text_index: 1, best_text: texts[1] });
  });

  it('images are compared with a text: the action that never worked in the reference', async () => {
    const { observation } = await getTextToImagesSimilarity(angles)(
      { text: 'x'.repeat(12), images: ['image-1', 'image-2'] },
      on,
    );
    expect(observation).toEqual({ similarity: [0.67, 1], best_image_index: 1, best_image: 'image-2' });
  });

  it('says which image there is not', async () => {
    const refused = getTextToImagesSimilarity(angles)({ text: 'a', images: ['image-0', 'image-9'] }, on);
    await expect(refused).rejects.toThrow('image-9');
  });

  it('the best is chosen before numbers are rounded, and the first of equals', () => {
    expect(ranked(['a', 'b'], [0.901, 0.904])).toEqual({ similarity: [0.9, 0.9], index: 1, entry: 'b' });
    expect(ranked(['a', 'b'], [0.9, 0.9])).toMatchObject({ index: 0, entry: 'a' });
    expect(ranked(['a'], [1.0000002]).similarity).toEqual([1]);
  });

  it('vectors that are none are an error of the model', () => {
    expect(() => cosine(at(0), Float32Array.of(1))).toThrow('one length');
    expect(() => cosine(at(0), Float32Array.of(Number.NaN, 0))).toThrow('finite');
  });

  it('whose image vectors say little of images, the descriptor compares those', async () => {
    const model: SimilarityModel = { ...angles, imageToImage: 'descriptor' };
    const own = await getImageToImagesSimilarity(model)(
      { image: 'image-0', other_images: ['image-0', 'image-3'] },
      on,
    );
    const none = await getImageToImagesSimilarity(undefined)(
      { image: 'image-0', other_images: ['image-0', 'image-3'] },
      on,
    );
    expect(own).toEqual(none);
    expect(own.observation).toMatchObject({ best_image_index: 0 });
    expect(own.observation.similarity[0]).toBe(1);
  });
});

describe('likeness', () => {
  it('is 1 for the same image, the same both ways, and stays in -1..1', async () => {
    const rasters = await Promise.all(['astronaut', 'galaxies'].map(photoRaster));
    const looks = [...rasters, grey(1, 1), grey(300, 8)].map(lookOf);
    for (const [i, a] of looks.entries()) {
      for (const [j, b] of looks.entries()) {
        const one = likeness(a, b);
        expect(one).toBeCloseTo(likeness(b, a), 9);
        expect(Math.abs(one)).toBeLessThanOrEqual(1 + 1e-9);
        if (i === j) expect(one).toBeCloseTo(1, 6);
      }
    }
  });

  it('is higher for a part of the image than for another image', async () => {
    const [astronaut, coffee] = [await photoRaster('astronaut'), await photoRaster('coffee')];
    const part = await edited(astronaut, (image) =>
      image.extract({ left: 120, top: 30, width: 260, height: 220 }),
    );
    const own = likeness(lookOf(astronaut), lookOf(part));
    expect(own).toBeGreaterThan(likeness(lookOf(coffee), lookOf(part)) + 0.2);
  });
});
