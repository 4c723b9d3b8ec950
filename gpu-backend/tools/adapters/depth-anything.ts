/**
 * Depth Anything V2 (inverse depth, larger is closer) and 3 (depth, larger is farther). Constants:
 * `depth_anything_v2/{dpt.py,util/transform.py}`; version 3 resizes by its longest side instead.
 */
import type { AdapterOptions } from '#backend/packs/adapters';
import type { VerifiedPack } from '#backend/packs/verify';
import type { DepthModel } from '#backend/tools/roles';
import { oneOf, openGraph } from './graph.ts';
import { bicubic, IMAGENET, planesOf } from './input.ts';

/** The side of a patch of the vision transformer. */
const PATCH = 14;
/** Version 2: the shorter side has at least so many pixels ... */
export const SHORT_SIDE = 518;
/** ... and the longer at most so many: attention grows with the square of the patches. */
export const LONG_SIDE_MAX = 1036;
/** Version 3: the longer side has so many. */
export const LONG_SIDE_3 = 504;

type Size = { readonly width: number; readonly height: number };

/** Aspect kept, sides in whole patches, none of them below `least`. */
function wholePatches({ width, height }: Size, scale: number, least: number): Size {
  const side = (length: number): number => {
    const nearest = roundHalfToEven((length * scale) / PATCH) * PATCH;
    return nearest < least ? Math.ceil(least / PATCH) * PATCH : nearest;
  };
  return { width: side(width), height: side(height) };
}

/** As numpy and Python round. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The input of version 2. */
export function sizeForVersion2(size: Size): Size {
  const scale = Math.max(SHORT_SIDE / size.width, SHORT_SIDE / size.height);
  const long = Math.max(size.width, size.height);
  if (long * scale <= LONG_SIDE_MAX) return wholePatches(size, scale, SHORT_SIDE);
  return wholePatches(size, LONG_SIDE_MAX / long, PATCH);
}

/** The input of version 3. */
export function sizeForVersion3(size: Size): Size {
  return wholePatches(size, LONG_SIDE_3 / Math.max(size.width, size.height), PATCH);
}

/** The last layer of version 2 is a ReLU; what is not finite would poison every mean. */
export function inverseDepthOf(values: Float32Array): Float32Array {
  return values.map((value) => (value > 0 && value < Number.POSITIVE_INFINITY ? value : 0));
}

/** Depth may come near 0; no pixel is closer than a ten-thousandth of the farthest. */
export function inverseOfDepth(depth: Float32Array): Float32Array {
  const farthest = depth.reduce(
    (most, value) => (value < Number.POSITIVE_INFINITY && value > most ? value : most),
    0,
  );
  if (farthest === 0) return new Float32Array(depth.length);
  const least = farthest / 10_000;
  return depth.map((value) => (value < Number.POSITIVE_INFINITY ? 1 / Math.max(value, least) : 0));
}

type Version = {
  size(image: Size): Size;
  /** Of the input, for a canvas of this size. */
  shape(size: Size): number[];
  inverse(values: Float32Array): Float32Array;
};

const versions = {
  2: { size: sizeForVersion2, shape: ({ width, height }) => [1, 3, height, width], inverse: inverseDepthOf },
  // One image as a sequence of one view.
  3: {
    size: sizeForVersion3,
    shape: ({ width, height }) => [1, 1, 3, height, width],
    inverse: inverseOfDepth,
  },
} as const satisfies Record<number, Version>;

export function depthAnything(version: keyof typeof versions) {
  const { size, shape, inverse } = versions[version];
  return async (pack: VerifiedPack, options: AdapterOptions): Promise<DepthModel> => {
    const graph = await openGraph(pack, 'model.onnx', options);
    const input = oneOf(graph.inputs, ['pixel_values', 'image']);
    const output = oneOf(graph.outputs, ['predicted_depth', 'depth']);
    return {
      estimate: async (raster, signal) => {
        signal.throwIfAborted();
        const target = size(raster);
        const floats = planesOf(bicubic(raster, target.width, target.height), IMAGENET);
        const [map] = await graph.run({ [input]: { floats, shape: shape(target) } }, [output]);
        signal.throwIfAborted();
        const [height = 0, width = 0] = map?.shape.slice(-2) ?? [];
        if (!map || map.values.length !== width * height)
          throw new Error(`the depth model gives [${map?.shape}]; expected one map of height and width`);
        return { width, height, inverseDepth: inverse(map.values) };
      },
    };
  };
}
