/** Adapters of depth nets, from manifest to answer, on small random graphs with the inputs and outputs of the real ones. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '#backend/models/onnx/graph';
import { openVisionModels } from '#backend/packs/adapters';
import { IMAGENET, planesOf } from '#backend/tools/adapters/input';
import { createPlace, type Place, packOf } from '../packs/support.ts';
import { near, open } from './graph-support.ts';
import { never, noise } from './support.ts';

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place.remove());

describe('depth', () => {
  const weights = Float32Array.of(0.7, -0.4, 0.2);

  function graphOf(version: 2 | 3): Uint8Array {
    const graph = new GraphBuilder('depth');
    const shape = version === 2 ? [1, 3, 'h', 'w'] : [1, 1, 3, 'h', 'w'];
    const pixels = graph.input('pixel_values', 'float32', shape);
    const flatPixels = version === 2 ? pixels : graph.node('Squeeze', [pixels, graph.ints([1])]);
    const mixed = graph.node('Conv', [flatPixels, graph.floats(weights, [1, 3, 1, 1])]);
    if (version === 2)
      graph.node('Squeeze', [graph.node('Relu', [mixed]), graph.ints([1])], { names: ['predicted_depth'] });
    else graph.node('Add', [graph.node('Abs', [mixed]), graph.float(1)], { names: ['predicted_depth'] });
    graph.output('predicted_depth', 'float32', version === 2 ? [1, 'h', 'w'] : [1, 1, 'h', 'w']);
    return graph.finish();
  }

  it.each([
    [2, 'depth-anything-v2', 518],
    [3, 'depth-anything-3', 504],
  ] as const)('version %i gives closeness of every pixel', async (version, adapter, side) => {
    const model = await open(place, 'depth', adapter, { 'model.onnx': graphOf(version) });
    const image = noise(side, side, 5);
    const map = await model.estimate(image, never);
    const planes = planesOf(image, IMAGENET);
    const area = side * side;
    const expected = [0, 1, side, area - 1].map((at) => {
      const value = [0, 1, 2].reduce(
        (sum, c) => sum + (weights[c] as number) * (planes[c * area + at] as number),
        0,
      );
      return version === 2 ? Math.max(0, value) : 1 / (Math.abs(value) + 1);
    });
    expect([map.width, map.height, map.inverseDepth.length]).toEqual([side, side, area]);
    expect([0, 1, side, area - 1].map((at) => map.inverseDepth[at])).toEqual(near(expected));
    await expect(model.estimate(image, AbortSignal.abort())).rejects.toThrow();
  });

  it('of a graph without such an output is refused at load, and says what there is', async () => {
    const graph = new GraphBuilder('other');
    graph.node('Relu', [graph.input('pixel_values', 'float32', [1])], { names: ['flow'] });
    graph.output('flow', 'float32', [1]);
    const pack = packOf('odd', 'depth', 'depth-anything-v2', { 'model.onnx': graph.finish() });
    await place.put(pack, { 'model.onnx': graph.finish() });
    const manifest = join(place.folders.embedded, 'packs.json');
    await writeFile(
      manifest,
      JSON.stringify({ version: 1, packs: [pack, { ...pack, name: 'odder', adapter: 'no-such' }] }),
    );
    const reportOf = async (name: string) => {
      const packs = { manifest, pulled: place.folders.pulled, roles: { depth: name } };
      return (await openVisionModels({ device: 'cpu', threads: 1, packs })).reports[0]?.code;
    };
    expect(await reportOf('odd')).toBe('model_invalid');
    await place.put({ ...pack, name: 'odder' }, { 'model.onnx': graph.finish() });
    expect(await reportOf('odder')).toBe('adapter_unknown');
  });
});
