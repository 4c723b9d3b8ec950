/** The embedded detector of named objects: its squares, and what it makes of its graphs' numbers. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Raster } from '#backend/images/raster';
import { GraphBuilder } from '#backend/models/onnx/graph';
import { openVisionModels } from '#backend/packs/adapters';
import { overlap } from '#backend/tools/adapters/detections';
import { CUT, cutOutsInto, fitted, placesOf, SIDE, squareAround } from '#backend/tools/adapters/nano-objects';
import { VECTOR } from '#backend/tools/adapters/nano-vocabulary';
import type { Box, ObjectModel } from '#backend/tools/roles';
import { unknownNames } from '#backend/tools/vocabulary';
import { createPlace, type Files, type Place, packOf } from '../packs/support.ts';
import { vectors, vocabularyOf, words } from './nano-words.ts';
import { flat, floats, never, noise } from './support.ts';

describe('the square', () => {
  it.each([
    [640, 480, 320, 240],
    [100, 100, 320, 320],
    [30, 3000, 3, 320],
    [1, 5000, 1, 320],
    [4001, 2999, 320, 240],
  ])('%i x %i becomes %i x %i', (width, height, fittedWidth, fittedHeight) => {
    expect(fitted({ width, height })).toEqual({ width: fittedWidth, height: fittedHeight });
  });

  it('a box comes back to where it was in the image', () => {
    for (const [width, height] of [
      [640, 480],
      [333, 1000],
      [50, 41],
    ] as const) {
      const size = fitted({ width, height });
      const inImage = [0.2, 0.1, 0.55, 0.8] as const;
      const square = inImage.map((value, at) => value * (at % 2 === 0 ? size.width : size.height));
      const [found] = placesOf(Float32Array.from(square), Float32Array.of(0.9), size);
      expect(found?.box).toEqual(inImage.map((value) => expect.closeTo(value, 5)));
    }
  });
});

describe('places', () => {
  const size = { width: SIDE, height: 240 };
  const count = 120;
  const corner = floats(count * 2, 51, 260, 0);
  const side = floats(count * 2, 52, 90, 0.1);
  const boxes = Float32Array.from({ length: count * 4 }, (_, i) => {
    const at = (i >> 2) * 2 + (i % 2);
    return (corner[at] as number) + (i % 4 < 2 ? 0 : (side[at] as number));
  });
  const objectness = floats(count, 53, 1, 0);

  it('are what a plain formulation says', () => {
    const clip = (value: number) => Math.min(1, Math.max(0, value));
    const plain = Array.from({ length: count }, (_, cell) => {
      const [l = 0, t = 0, r = 0, b = 0] = boxes.slice(cell * 4, cell * 4 + 4);
      return {
        box: [clip(l / SIDE), clip(t / 240), clip(r / SIDE), clip(b / 240)] as const,
        score: objectness[cell] as number,
      };
    })
      .filter(({ score, box }) => score >= 0.1 && box[0] < box[2] && box[1] < box[3])
      .sort((a, b) => b.score - a.score);
    const kept: typeof plain = [];
    for (const one of plain) if (kept.every(({ box }) => overlap(box, one.box) <= 0.5)) kept.push(one);
    expect(kept.length).toBeGreaterThan(32);
    expect(placesOf(boxes, objectness, size)).toEqual(kept.slice(0, 32));
  });

  it('that are no numbers or have no area are none', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinite } = Number;
    const one = (box: number[], score: number) =>
      placesOf(Float32Array.from(box), Float32Array.of(score), size);
    expect(one([10, 10, 50, 60], 0.5)).toHaveLength(1);
    expect(one([10, 10, 50, 60], nan)).toEqual([]);
    expect(one([10, 10, 50, 60], infinite)).toEqual([]);
    expect(one([nan, 0, 10, 10], 0.5)).toEqual([]);
    expect(one([20, 20, 10, 10], 0.5)).toEqual([]);
    expect(one([400, 400, 500, 500], 0.5)).toEqual([]);
    expect(placesOf(new Float32Array(), new Float32Array(), size)).toEqual([]);
  });
});

function cutOuts(image: Raster, boxes: readonly Box[]): Float32Array {
  const data = new Float32Array(boxes.length * 3 * CUT * CUT);
  cutOutsInto(data, image, boxes);
  return data;
}

/** Of one of several cut-outs. */
function valueAt(cuts: Float32Array, index: number, x: number, y: number, channel: number): number {
  return cuts[((index * 3 + channel) * CUT + y) * CUT + x] as number;
}

describe('a cut-out', () => {
  it('is the square around the box with a margin, in one size', () => {
    const image = flat(400, 300, [255, 0, 0]);
    for (let y = 100; y < 180; y++)
      for (let x = 200; x < 240; x++) image.data.set([0, 0, 255], (y * 400 + x) * 3);
    const box = [0.5, 1 / 3, 0.6, 0.6] as const;
    // 92 pixels around (220, 140): the box covers 20.9 x 41.7 of the 48.
    expect(squareAround(box, image)).toEqual({ left: 174, top: 94, width: 92, height: 92 });
    const cut = cutOuts(image, [box]);
    expect(cut).toHaveLength(3 * CUT * CUT);
    const blue = cut.subarray(2 * CUT * CUT).reduce((sum, value) => sum + value, 0);
    expect(blue).toBeCloseTo(((40 * 80) / 92 ** 2) * CUT ** 2, -1.3);
    expect(valueAt(cut, 0, 24, 24, 2)).toBe(1);
    expect(valueAt(cut, 0, 2, 24, 0)).toBe(1);
  });

  it('is grey where the image ends, and stands even a box of a pixel', () => {
    const white = flat(100, 100, [255, 255, 255]);
    const cuts = cutOuts(white, [
      [0, 0, 0.5, 0.5],
      [0.5, 0.5, 1, 1],
    ]);
    const grey = [0, 1, 2].map(() => expect.closeTo(114 / 255, 6));
    expect([0, 1, 2].map((channel) => valueAt(cuts, 0, 0, 0, channel))).toEqual(grey);
    expect([0, 1, 2].map((channel) => valueAt(cuts, 1, CUT - 1, CUT - 1, channel))).toEqual(grey);
    expect([valueAt(cuts, 0, 30, 30, 1), valueAt(cuts, 1, 0, 0, 1)]).toEqual([1, 1]);
    const dot = cutOuts(flat(1, 1, [9, 9, 9]), [[0, 0, 1, 1]]);
    expect(dot.every((value) => Math.abs(value - 9 / 255) < 1e-6)).toBe(true);
  });
});

describe('from manifest to answer', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace();
  });
  afterAll(() => place.remove());

  const boxes = Float32Array.of(0, 0, 160, 80, 40, 90, 200, 160);

  /** Two places; how bright the picture is moves their objectness. */
  function placesGraph(): Uint8Array {
    const builder = new GraphBuilder('places');
    const image = builder.input('image', 'float32', [1, 3, SIDE, SIDE]);
    const light = builder.node('ReduceMean', [image], { attributes: { keepdims: { int: 0 } } });
    builder.node('Identity', [builder.floats(boxes, [2, 4])], { names: ['boxes'] });
    builder.node('Mul', [builder.floats(Float32Array.of(0.9, 1), [2]), light], { names: ['objectness'] });
    builder.output('boxes', 'float32', [2, 4]);
    builder.output('objectness', 'float32', [2]);
    return builder.finish();
  }

  /** The mean of each channel of a cut-out, times some numbers of the vector of each name. */
  function namesGraph(): Uint8Array {
    const builder = new GraphBuilder('names');
    const cuts = builder.input('cuts', 'float32', ['n', 3, CUT, CUT]);
    const names = builder.input('names', 'float32', ['k', VECTOR]);
    const means = builder.node('ReduceMean', [cuts, builder.ints([2, 3])], {
      attributes: { keepdims: { int: 0 } },
    });
    const mixed = builder.node('MatMul', [means, builder.floats(mixing, [3, VECTOR])]);
    const turned = builder.node('Transpose', [names], { attributes: { perm: { ints: [1, 0] } } });
    builder.node('MatMul', [mixed, turned], { names: ['logits'] });
    builder.output('logits', 'float32', ['n', 'k']);
    return builder.finish();
  }
  const mixing = floats(3 * VECTOR, 61, 2);

  async function open(): Promise<ObjectModel> {
    const text = JSON.stringify(vocabularyOf(0.05));
    const files: Files = {
      'places.onnx': placesGraph(),
      'names.onnx': namesGraph(),
      'vocabulary.json': new TextEncoder().encode(text),
    };
    const pack = packOf('nano', 'objects', 'nano-objects', files);
    await place.put(pack, files);
    const manifest = join(place.folders.embedded, 'packs.json');
    await writeFile(manifest, JSON.stringify({ version: 1, packs: [pack] }));
    const packs = { manifest, pulled: place.folders.pulled, roles: { objects: 'nano' } };
    const { roles } = await openVisionModels({ device: 'cpu', threads: 1, packs });
    if (!roles.objects) throw new Error('no detector');
    return roles.objects;
  }

  it('one look answers for all names, as they were written', async () => {
    const model = await open();
    const image = noise(64, 32, 9);
    const asked = ['Puppies', 'cats', 'unicorn', 'Wolf', 'people', 'fire truck', 'cherries', 'glasses'];
    const found = await model.detect(image, asked, never);
    // Half of the square is the grey that fills it.
    const light = (image.data.reduce((sum, value) => sum + value, 0) / image.data.length + 114) / 2 / 255;
    const expected = (
      [
        [0, 0, 0.5, 0.5],
        [0.125, 0.5625, 0.625, 1],
      ] as const
    ).map((box, at) => {
      const cut = cutOuts(image, [box]);
      const means = [0, 1, 2].map((channel) => {
        const values = cut.subarray(channel * CUT * CUT, (channel + 1) * CUT * CUT);
        return values.reduce((sum, value) => sum + value, 0) / values.length;
      });
      const logits = vectors.map((vector) =>
        vector.reduce((sum, value, i) => {
          const mixed = means.reduce((all, mean, c) => all + mean * (mixing[c * VECTOR + i] as number), 0);
          return sum + value * mixed;
        }, 0),
      );
      const powers = logits.map(Math.exp);
      const best = powers.indexOf(Math.max(...powers));
      const share = (powers[best] as number) / powers.reduce((sum, value) => sum + value, 0);
      return { box, best, score: (at === 0 ? 0.9 : 1) * light * share };
    });
    const spellings = ['Puppies', 'cats', 'Wolf', 'people', 'fire truck', 'cherries', 'glasses'];
    expect(found.map(({ name }) => name).sort()).toEqual(expected.map(({ best }) => spellings[best]).sort());
    for (const { box, score } of expected)
      expect(found).toContainEqual(expect.objectContaining({ box, score: expect.closeTo(score, 2) }));
  });

  it('no names and unknown names find nothing; other spellings are known', async () => {
    const model = await open();
    const image = noise(40, 40, 10);
    expect(await model.detect(image, [], never)).toEqual([]);
    expect(await model.detect(image, ['unicorn', ''], never)).toEqual([]);
    expect(model.vocabulary).toEqual(words.map(({ name }) => name));
    expect(unknownNames(model, ['Dogs', 'pet', 'unicorns'])).toEqual(['unicorns']);
    await expect(model.detect(image, ['dog'], AbortSignal.abort())).rejects.toThrow();
  });
});
