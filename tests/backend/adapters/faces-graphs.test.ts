/** Adapters of face detectors, from manifest to answer, on small random graphs with the inputs and outputs of the real ones. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '#backend/models/onnx/graph';
import { facesOf as scrfdFaces } from '#backend/tools/adapters/scrfd';
import { facesOf as yunetFaces } from '#backend/tools/adapters/yunet';
import { createPlace, type Place } from '../packs/support.ts';
import { near, open } from './graph-support.ts';
import { flat, floats, never, noise } from './support.ts';

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place.remove());

describe('faces', () => {
  const strides = [8, 16, 32] as const;

  /** A kernel whose every value stands in all places of a block, so that the block is averaged. */
  function spread(values: Float32Array, places: number, scale: number): Float32Array {
    return Float32Array.from({ length: values.length * places }, (_, index) => {
      return ((values[Math.floor(index / places)] as number) * scale) / places;
    });
  }

  /** One value a block of the image: the means of its channels, weighed. */
  function blocks(
    graph: GraphBuilder,
    pixels: Value,
    stride: number,
    channels: number,
    seed: number,
    name: string,
    last?: 'Sigmoid',
  ) {
    const cells = (640 / stride) ** 2;
    const kernel = spread(floats(channels * 3, seed), stride ** 2, 0.01);
    const conv = graph.node('Conv', [pixels, graph.floats(kernel, [channels, 3, stride, stride])], {
      attributes: { kernel_shape: { ints: [stride, stride] }, strides: { ints: [stride, stride] } },
    });
    const rows = graph.node('Transpose', [graph.node('Reshape', [conv, graph.ints([1, channels, cells])])], {
      attributes: { perm: { ints: [0, 2, 1] } },
    });
    graph.node(last ?? 'Identity', [rows], { names: [name] });
    graph.output(name, 'float32', [1, cells, channels]);
  }

  /** The same by loops: [cells, channels]. */
  function blocksOf(
    planes: Float32Array,
    stride: number,
    channels: number,
    seed: number,
    last?: 'Sigmoid',
  ): Float32Array {
    const kernel = floats(channels * 3, seed);
    const columns = 640 / stride;
    const result = new Float32Array(columns * columns * channels);
    for (let cell = 0; cell < columns * columns; cell++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let plane = 0; plane < 3; plane++) {
          let block = 0;
          for (let y = 0; y < stride; y++)
            for (let x = 0; x < stride; x++)
              block += planes[
                plane * 409_600 +
                  (Math.floor(cell / columns) * stride + y) * 640 +
                  (cell % columns) * stride +
                  x
              ] as number;
          sum += ((kernel[channel * 3 + plane] as number) * 0.01 * block) / stride ** 2;
        }
        result[cell * channels + channel] = last ? 1 / (1 + Math.exp(-sum)) : sum;
      }
    }
    return result;
  }

  /** Large patches, so that a block's mean is far from grey. */
  function patchwork(width: number, height: number) {
    const colours = noise(20, 20, 8);
    const image = flat(width, height, [0, 0, 0]);
    for (let i = 0; i < width * height; i++) {
      const tile = Math.floor(Math.floor(i / width) / 32) * 20 + Math.floor((i % width) / 32);
      image.data.set(colours.data.subarray(3 * tile, 3 * tile + 3), 3 * i);
    }
    return image;
  }

  it('YuNet takes BGR bytes on a black canvas', async () => {
    const graph = new GraphBuilder('yunet');
    const pixels = graph.input('input', 'float32', [1, 3, 640, 640]);
    for (const stride of strides) {
      blocks(graph, pixels, stride, 1, 20 + stride, `cls_${stride}`, 'Sigmoid');
      blocks(graph, pixels, stride, 1, 21 + stride, `obj_${stride}`, 'Sigmoid');
      blocks(graph, pixels, stride, 4, 22 + stride, `bbox_${stride}`);
    }
    const model = await open(place, 'faces', 'yunet', { 'model.onnx': graph.finish() });
    const image = patchwork(640, 480);
    const planes = new Float32Array(3 * 409_600);
    for (let y = 0; y < 480; y++)
      for (let x = 0; x < 640; x++)
        for (let c = 0; c < 3; c++)
          planes[(2 - c) * 409_600 + y * 640 + x] = image.data[(y * 640 + x) * 3 + c] as number;
    const levels = strides.map((stride) => ({
      stride,
      cls: blocksOf(planes, stride, 1, 20 + stride, 'Sigmoid'),
      obj: blocksOf(planes, stride, 1, 21 + stride, 'Sigmoid'),
      bbox: blocksOf(planes, stride, 4, 22 + stride),
    }));
    const expected = yunetFaces(levels, 640, 480);
    const found = await model.detect(image, never);
    expect(expected.length).toBeGreaterThan(0);
    expect(found.slice(0, 1).map(({ score }) => score)).toEqual(
      near(expected.slice(0, 1).map(({ score }) => score)),
    );
    expect(found[0]?.box).toEqual(near(expected[0]?.box ?? []));
    await expect(model.detect(image, AbortSignal.abort())).rejects.toThrow();
  });

  it('SCRFD takes RGB around zero, and its outputs by their order', async () => {
    const graph = new GraphBuilder('scrfd');
    const pixels = graph.input('input.1', 'float32', [1, 3, 640, 640]);
    const scaled = graph.node('Mul', [pixels, graph.float(300)]);
    const kinds = [
      ['Sigmoid', 1],
      [undefined, 4],
      [undefined, 10],
    ] as const;
    let number = 448;
    for (const [last, width] of kinds)
      for (const stride of strides)
        blocks(graph, scaled, stride, 2 * width, 40 + stride + width, String(number++), last);
    const model = await open(place, 'faces', 'scrfd', { 'model.onnx': graph.finish() });
    const image = patchwork(640, 640);
    const planes = new Float32Array(3 * 409_600);
    for (let i = 0; i < 409_600; i++)
      for (let c = 0; c < 3; c++)
        planes[c * 409_600 + i] = (300 * ((image.data[3 * i + c] as number) - 127.5)) / 128;
    const levels = strides.map((stride) => ({
      stride,
      scores: blocksOf(planes, stride, 2, 41 + stride, 'Sigmoid'),
      distances: blocksOf(planes, stride, 8, 44 + stride),
    }));
    const expected = scrfdFaces(levels, 640, 640);
    const found = await model.detect(image, never);
    expect(expected.length).toBeGreaterThan(0);
    expect(found[0]?.score).toBeCloseTo(expected[0]?.score ?? 0, 3);
    expect(found[0]?.box).toEqual(near(expected[0]?.box ?? []));
  });
});
