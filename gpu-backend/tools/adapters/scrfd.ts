/** SCRFD. Constants: insightface's `python-package/insightface/model_zoo/retinaface.py`. */
import type { AdapterOptions } from '#backend/packs/adapters';
import { PackError } from '#backend/packs/pack-error';
import type { VerifiedPack } from '#backend/packs/verify';
import { resizeRaster } from '#backend/tools/ocr/pixels';
import type { FaceModel } from '#backend/tools/roles';
import { type Detection, inImage, suppress } from './detections.ts';
import { openGraph } from './graph.ts';
import { planesOf } from './input.ts';

export const CANVAS = 640;
export const STRIDES = [8, 16, 32] as const;
export const ANCHORS_PER_CELL = 2;
const SCORE_MIN = 0.5;
const OVERLAP_MAX = 0.4;
const FACES_MAX = 1_000;

const NORMALISATION = { scale: 1, mean: [127.5, 127.5, 127.5], deviation: [128, 128, 128] } as const;

/** One level: `scores` [anchors], `distances` [anchors, 4] to left, top, right and bottom, in strides. */
export type Level = {
  readonly stride: number;
  readonly scores: Float32Array;
  readonly distances: Float32Array;
};

/** Boxes in 0..1 of the image, whose `width` x `height` pixels stand at the top left of the canvas. */
export function facesOf(levels: readonly Level[], width: number, height: number): Detection[] {
  const found: Detection[] = [];
  for (const { stride, scores, distances } of levels) {
    const columns = CANVAS / stride;
    for (let anchor = 0; anchor < scores.length; anchor++) {
      const score = scores[anchor] ?? 0;
      if (!(score >= SCORE_MIN)) continue;
      const cell = Math.floor(anchor / ANCHORS_PER_CELL);
      const x = (cell % columns) * stride;
      const y = Math.floor(cell / columns) * stride;
      const [left = 0, top = 0, right = 0, bottom = 0] = distances.subarray(4 * anchor, 4 * anchor + 4);
      const box = inImage(
        (x - left * stride) / width,
        (y - top * stride) / height,
        (x + right * stride) / width,
        (y + bottom * stride) / height,
      );
      if (box) found.push({ box, score: Math.min(1, score) });
    }
  }
  return suppress(found, OVERLAP_MAX, FACES_MAX);
}

/** The longer side fills the canvas, whether the image shrinks or grows. */
export function sizeOnCanvas({ width, height }: { readonly width: number; readonly height: number }) {
  const long = Math.max(width, height);
  const side = (length: number): number => Math.max(1, Math.trunc((length * CANVAS) / long));
  return { width: side(width), height: side(height) };
}

export async function openScrfd(pack: VerifiedPack, options: AdapterOptions): Promise<FaceModel> {
  const graph = await openGraph(pack, 'model.onnx', options);
  const [input = 'input'] = graph.inputs;
  // Their names are numbers that differ between exports; their order does not: scores, boxes, landmarks.
  const outputs = graph.outputs.slice(0, 2 * STRIDES.length);
  if (graph.outputs.length !== 9 && graph.outputs.length !== 6)
    throw new PackError('model_invalid', `Expected 6 or 9 outputs of SCRFD, found ${graph.outputs.length}.`);
  return {
    detect: async (raster, signal) => {
      signal.throwIfAborted();
      const { width, height } = sizeOnCanvas(raster);
      const canvas = { width: CANVAS, height: CANVAS, fill: 0 };
      const floats = planesOf(resizeRaster(raster, width, height), NORMALISATION, 'rgb', canvas);
      const maps = await graph.run({ [input]: { floats, shape: [1, 3, CANVAS, CANVAS] } }, outputs);
      signal.throwIfAborted();
      const levels = STRIDES.map((stride, index) => {
        const scores = maps[index]?.values;
        const distances = maps[index + STRIDES.length]?.values;
        return { stride, scores, distances } as Level;
      });
      return facesOf(levels, width, height);
    },
  };
}
