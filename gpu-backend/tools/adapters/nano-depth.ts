/** Our own depth net (`training/depth/net.py`): inverse depth, larger is closer, at half the size of its input. */
import { sampleWhole } from '#backend/images/sample';
import type { AdapterOptions } from '#backend/packs/adapters';
import type { VerifiedPack } from '#backend/packs/verify';
import type { DepthModel } from '#backend/tools/roles';
import { inverseDepthOf } from './depth-anything.ts';
import { openGraph } from './graph.ts';
import { openMemory } from './memory.ts';

/** The net halves its input five times. */
export const MULTIPLE = 32;
/** Pixels of an input: a little more than in training, so that photos of 4 to 3 fit nearly. Chosen on development scenes. */
export const AREA = 160 * 224;
/** A longer side than this many short ones is seen as if it were shorter: training had none. */
export const ASPECT_MAX = 2.5;

type Size = { readonly width: number; readonly height: number };

/** About AREA pixels in the image's aspect, in whole multiples, at least two of them a side. */
export function inputSize({ width, height }: Size): Size {
  const aspect = Math.min(ASPECT_MAX, Math.max(1 / ASPECT_MAX, width / height));
  const side = (length: number): number => Math.max(2, Math.round(length / MULTIPLE)) * MULTIPLE;
  return { width: side(Math.sqrt(AREA * aspect)), height: side(Math.sqrt(AREA / aspect)) };
}

export async function openNanoDepth(pack: VerifiedPack, options: AdapterOptions): Promise<DepthModel> {
  const graph = await openGraph(pack, 'model.onnx', options);
  const lend = openMemory();
  return {
    estimate: async (raster, signal) => {
      signal.throwIfAborted();
      const { width, height } = inputSize(raster);
      const [map] = await lend(3 * height * width, (floats) => {
        // The net normalises 0..1 itself.
        sampleWhole(raster, floats, width, height);
        return graph.run({ image: { floats, shape: [1, 3, height, width] } }, ['inverse_depth']);
      });
      signal.throwIfAborted();
      const [rows = 0, columns = 0] = map?.shape.slice(-2) ?? [];
      if (!map || map.values.length !== rows * columns)
        throw new Error(`the depth net gives [${map?.shape}]; expected one map of height and width`);
      return { width: columns, height: rows, inverseDepth: inverseDepthOf(map.values) };
    },
  };
}
