/** YuNet. Constants: OpenCV's `modules/objdetect/src/face_detect.cpp`. */
import type { AdapterOptions } from '#backend/packs/adapters';
import type { VerifiedPack } from '#backend/packs/verify';
import { resizeRaster } from '#backend/tools/ocr/pixels';
import type { FaceModel } from '#backend/tools/roles';
import { type Detection, inImage, suppress } from './detections.ts';
import { openGraph } from './graph.ts';
import { planesOf } from './input.ts';

/** The export has one size. Faces of 10 to 300 pixels are found, so larger images shrink to it. */
export const CANVAS = 640;
export const STRIDES = [8, 16, 32] as const;
const SCORE_MIN = 0.6;
const OVERLAP_MAX = 0.3;
const FACES_MAX = 5_000;

const RAW = { scale: 1, mean: [0, 0, 0], deviation: [1, 1, 1] } as const;

/** One level: `cls` and `obj` [cells], `bbox` [cells, 4], row by row. */
export type Level = {
  readonly stride: number;
  readonly cls: Float32Array;
  readonly obj: Float32Array;
  readonly bbox: Float32Array;
};

/** Boxes in 0..1 of the image, whose `width` x `height` pixels stand at the top left of the canvas. */
export function facesOf(levels: readonly Level[], width: number, height: number): Detection[] {
  const found: Detection[] = [];
  for (const { stride, cls, obj, bbox } of levels) {
    const columns = CANVAS / stride;
    for (let cell = 0; cell < cls.length; cell++) {
      const score = Math.sqrt(unit(cls[cell]) * unit(obj[cell]));
      if (!(score >= SCORE_MIN)) continue;
      const [dx = 0, dy = 0, dw = 0, dh = 0] = bbox.subarray(4 * cell, 4 * cell + 4);
      const x = ((cell % columns) + dx) * stride;
      const y = (Math.floor(cell / columns) + dy) * stride;
      const w = (Math.exp(dw) * stride) / 2;
      const h = (Math.exp(dh) * stride) / 2;
      const box = inImage((x - w) / width, (y - h) / height, (x + w) / width, (y + h) / height);
      if (box) found.push({ box, score });
    }
  }
  return suppress(found, OVERLAP_MAX, FACES_MAX);
}

function unit(value: number | undefined): number {
  return Math.min(1, Math.max(0, value ?? 0));
}

export async function openYunet(pack: VerifiedPack, options: AdapterOptions): Promise<FaceModel> {
  const graph = await openGraph(pack, 'model.onnx', options);
  const [input = 'input'] = graph.inputs;
  const outputs = STRIDES.flatMap((stride) => [`cls_${stride}`, `obj_${stride}`, `bbox_${stride}`]);
  return {
    detect: async (raster, signal) => {
      signal.throwIfAborted();
      const scale = Math.min(1, CANVAS / Math.max(raster.width, raster.height));
      const width = Math.max(1, Math.round(raster.width * scale));
      const height = Math.max(1, Math.round(raster.height * scale));
      const canvas = { width: CANVAS, height: CANVAS, fill: 0 };
      const floats = planesOf(resizeRaster(raster, width, height), RAW, 'bgr', canvas);
      const maps = await graph.run({ [input]: { floats, shape: [1, 3, CANVAS, CANVAS] } }, outputs);
      signal.throwIfAborted();
      const levels = STRIDES.map((stride, index) => {
        const [cls, obj, bbox] = maps.slice(3 * index).map(({ values }) => values);
        return { stride, cls, obj, bbox } as Level;
      });
      return facesOf(levels, width, height);
    },
  };
}
