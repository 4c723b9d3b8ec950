import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { randomOf } from '#training/random';
import { sampleScenes } from '#training/render/contact-sheet';
import { photoOf, qualityOf } from '#training/render/photo';
import { renderScene } from '#training/render/render';
import type { Scene, SceneKind } from '#training/scenes/scene';

const kinds = Object.keys(sampleScenes) as SceneKind[];

describe('renderScene', () => {
  test.each(kinds)('draws a %s in both splits', async (kind) => {
    for (const split of ['train', 'heldout'] as const) {
      const { image, width, height, mediaType } = await renderScene(sampleScenes[kind], { seed: 11, split });
      const { autoOrient, format } = await sharp(image).metadata();
      expect({ ...autoOrient, format }).toEqual({ width, height, format: 'jpeg' });
      expect(mediaType).toBe('image/jpeg');
      expect(Math.max(width, height)).toBeGreaterThanOrEqual(499);
      expect(Math.max(width, height)).toBeLessThanOrEqual(1601);
    }
  });

  test('gives the same bytes for the same seed and others for another', async () => {
    const [first, again, other] = await Promise.all(
      [3, 3, 4].map((seed) => renderScene(sampleScenes.sign, { seed, photo: { bodyPx: 20 } })),
    );
    expect(first?.image.equals(again?.image ?? Buffer.alloc(0))).toBe(true);
    expect(first?.image.equals(other?.image ?? Buffer.alloc(0))).toBe(false);
  });

  test('an orientation tag changes the stored pixels, not the picture', async () => {
    const steady = { angle: 0, noise: 0, blur: 0, bodyPx: 20, quality: 95, quarterTurns: 0 as const };
    const [plain, turned] = await Promise.all(
      ([1, 6] as const).map((orientation) =>
        renderScene(sampleScenes.note, { seed: 8, photo: { ...steady, orientation } }),
      ),
    );
    const upright = async (image: Buffer): Promise<Buffer> =>
      sharp(image).autoOrient().resize(40, 40, { fit: 'fill' }).greyscale().raw().toBuffer();
    const [a, b] = await Promise.all([upright(plain?.image as Buffer), upright(turned?.image as Buffer)]);
    const difference = a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 0)), 0) / a.length;
    expect(difference).toBeLessThan(4);
    expect((await sharp(turned?.image).metadata()).orientation).toBe(6);
    expect(turned?.width).toBe(plain?.width);
  });

  test('says which character or style it does not know', async () => {
    const scene: Scene = { kind: 'sign', rows: [{ cells: [{ text: '日本', align: 'left' }] }] };
    await expect(renderScene(scene, { seed: 1 })).rejects.toThrow(/no glyph for "日"/);
    await expect(renderScene(sampleScenes.sign, { seed: 1, style: 'neon' })).rejects.toThrow(
      /expected a style of sign/,
    );
  });
});

test('photos are graded by their faults', () => {
  const photo = {
    ...photoOf(randomOf(1), 'easy'),
    bodyPx: 30,
    blur: 0,
    noise: 0,
    gain: 1,
    contrast: 1,
    angle: 0,
    quality: 90,
  };
  expect(qualityOf(photo)).toBe('clean');
  expect(qualityOf({ ...photo, angle: -7 })).toBe('fair');
  expect(qualityOf({ ...photo, bodyPx: 16, noise: 20 })).toBe('poor');
});
