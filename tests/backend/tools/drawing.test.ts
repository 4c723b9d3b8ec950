import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelSize } from '#backend/images/draw';
import { glyphRows } from '#backend/images/glyphs';
import type { Raster } from '#backend/images/raster';
import { expandBox, pixelBox, thickenBox } from '#backend/tools/boxes';
import { crop } from '#backend/tools/crop';
import type { ToolContext } from '#backend/tools/tool';
import { visualizeRegionsOnImage } from '#backend/tools/visualize-regions-on-image';
import { zoomIn } from '#backend/tools/zoom-in';
import { IMAGE_ASPECT_MAX, TOOL_IMAGE_PIXELS_MAX, ZOOM_FACTOR_MAX } from '#shared/limits';

const YELLOW = '255,255,0';

function grey(width: number, height: number): Raster {
  return { data: new Uint8Array(width * height * 3).fill(90), width, height };
}

function on(raster: Raster): ToolContext {
  return { image: async () => raster, signal: new AbortController().signal };
}

function pixel({ data, width }: Raster, x: number, y: number): string {
  return data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3).join(',');
}

describe('boxes', () => {
  it('orders and clamps', () => {
    expect(pixelBox([0.7, 0.5, 0.3, -0.2], grey(10, 10))).toEqual({ left: 3, top: 0, right: 7, bottom: 5 });
  });

  it.each([
    [[0.5, 0.5, 0.5, 0.9], 'empty_box'],
    [[1.2, 0.1, 1.5, 0.9], 'empty_box'],
    [[120, 40, 300, 80], 'box_not_fractions'],
    [[Number.NaN, 0, 1, 1], 'box_not_fractions'],
  ] as const)('refuses %j', (box, code) => {
    expect(() => pixelBox([...box], grey(10, 10))).toThrow(expect.objectContaining({ code }));
  });

  it('gives whole pixels inside the image for any box with an area', () => {
    const side = fc.integer({ min: 1, max: 5_000 });
    const value = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(side, side, value, value, value, value, (width, height, x0, y0, x1, y1) => {
        fc.pre(Math.abs(x0 - x1) > 1e-9 && Math.abs(y0 - y1) > 1e-9);
        fc.pre(Math.max(width, height) <= Math.min(width, height) * IMAGE_ASPECT_MAX);
        const size = { width, height };
        for (const box of [
          pixelBox([x0, y0, x1, y1], size),
          thickenBox(expandBox(pixelBox([x0, y0, x1, y1], size), 0.5, size), size),
        ]) {
          expect(Number.isInteger(box.left + box.top + box.right + box.bottom)).toBe(true);
          expect(box.left >= 0 && box.top >= 0 && box.right <= width && box.bottom <= height).toBe(true);
          expect(box.right > box.left && box.bottom > box.top).toBe(true);
        }
        const thick = thickenBox(expandBox(pixelBox([x0, y0, x1, y1], size), 0.5, size), size);
        const [w, h] = [thick.right - thick.left, thick.bottom - thick.top];
        expect(Math.max(w, h)).toBeLessThanOrEqual(Math.min(w, h) * IMAGE_ASPECT_MAX);
      }),
    );
  });
});

describe('Crop', () => {
  it('adds a quarter on each side and marks the box', async () => {
    const { observation, image } = await crop(
      { image: 'image-0', bbox: [0.4, 0.4, 0.6, 0.6] },
      on(grey(1000, 500)),
    );
    expect(observation).toEqual({ bbox: [0.35, 0.35, 0.65, 0.65] });
    expect([image?.width, image?.height]).toEqual([300, 150]);
    // The box starts at 50, 25 of the new image; its line lies round it.
    expect(pixel(image as Raster, 49, 75)).toBe(YELLOW);
    expect(pixel(image as Raster, 50, 75)).toBe('90,90,90');
    expect(pixel(image as Raster, 150, 75)).toBe('90,90,90');
  });

  it('stops at the border of the image', async () => {
    const { observation } = await crop({ image: 'image-0', bbox: [0, 0, 1, 0.5] }, on(grey(100, 100)));
    expect(observation.bbox).toEqual([0, 0, 1, 0.62]);
  });

  it('leaves the source as it was', async () => {
    const source = grey(50, 50);
    await crop({ image: 'image-0', bbox: [0.2, 0.2, 0.8, 0.8] }, on(source));
    expect(source.data.every((value) => value === 90)).toBe(true);
  });
});

describe('ZoomIn', () => {
  it('enlarges what Crop shows', async () => {
    const { observation, image } = await zoomIn(
      { image: 'image-0', bbox: [0.4, 0.4, 0.6, 0.6], zoom_factor: 2.5 },
      on(grey(200, 100)),
    );
    expect(observation).toEqual({ bbox: [0.35, 0.35, 0.65, 0.65], zoom_factor: 2.5 });
    expect([image?.width, image?.height]).toEqual([150, 75]);
  });

  it('enlarges less where the image would grow too large, and says so', async () => {
    const bbox: [number, number, number, number] = [0, 0, 1, 1];
    const { observation, image } = await zoomIn(
      { image: 'image-0', bbox, zoom_factor: ZOOM_FACTOR_MAX },
      on(grey(2000, 1500)),
    );
    expect((image?.width ?? 0) * (image?.height ?? 0)).toBeLessThanOrEqual(TOOL_IMAGE_PIXELS_MAX);
    expect(observation.zoom_factor).toBe(Math.floor(((image?.width ?? 0) / 2000) * 100) / 100);
  });
});

describe('VisualizeRegionsOnImage', () => {
  const regions = [{ bbox: [0.1, 0.1, 0.4, 0.4] as [number, number, number, number], label: 'sign' }];

  it('draws box and label without fonts', async () => {
    const { observation, image } = await visualizeRegionsOnImage(
      { image: 'image-0', regions },
      on(grey(1000, 1000)),
    );
    expect(observation).toEqual({ drawn: 1 });
    expect(pixel(image as Raster, 100, 200)).toBe(YELLOW);
    expect(pixel(image as Raster, 200, 200)).toBe('90,90,90');
    const { width, height } = labelSize('sign', 2);
    const under = [];
    for (let y = 400; y < 400 + height; y++)
      for (let x = 100; x < 100 + width; x++) under.push(pixel(image as Raster, x, y));
    expect(new Set(under)).toEqual(new Set([YELLOW, '0,0,0']));
  });

  it('keeps a label inside the image', async () => {
    const corner = [
      { bbox: [0.9, 0.9, 1, 1] as [number, number, number, number], label: 'a long label at the corner' },
    ];
    const { image } = await visualizeRegionsOnImage(
      { image: 'image-0', regions: corner, color: 'blue' },
      on(grey(120, 80)),
    );
    expect(image?.data.length).toBe(120 * 80 * 3);
  });

  it('names the region whose box is wrong', async () => {
    const wrong = [...regions, { bbox: [0.5, 0.5, 0.5, 0.5] as [number, number, number, number] }];
    await expect(
      visualizeRegionsOnImage({ image: 'image-0', regions: wrong }, on(grey(10, 10))),
    ).rejects.toThrow(/regions\[1\]/);
  });
});

describe('glyphs', () => {
  it('has seven rows of five bits for all of ASCII, and each differs', () => {
    const seen = new Set<string>();
    for (let code = 0x20; code < 0x7f; code++) {
      const rows = glyphRows(String.fromCharCode(code));
      expect(rows).toHaveLength(7);
      expect(rows.every((row) => row >= 0 && row < 32)).toBe(true);
      seen.add(rows.join());
    }
    expect(seen.size).toBe(95);
  });

  it('drops accents and frames what it lacks', () => {
    expect(glyphRows('é')).toEqual(glyphRows('e'));
    expect(glyphRows('中')).toEqual(glyphRows('\u{1f600}'));
  });
});
