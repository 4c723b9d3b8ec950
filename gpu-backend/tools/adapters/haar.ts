/**
 * A cascade of Haar features after Viola and Jones, as OpenCV evaluates it: faces seen from the front. No net and no
 * ONNX; a cascade is a table of rectangles and thresholds.
 */
import { readFile } from 'node:fs/promises';
import { pyramidOf } from '#backend/images/pyramid';
import type { VerifiedPack } from '#backend/packs/verify';
import { resizeFrom } from '#backend/tools/ocr/pixels';
import type { FaceModel } from '#backend/tools/roles';
import { inImage } from './detections.ts';
import { cascadeOf } from './haar/cascade.ts';
import { detectMultiScale } from './haar/detect.ts';
import { grayOf } from './haar/gray.ts';

/** More pixels cost more time and bring more false finds; smaller faces than a 27th of the image are lost. */
export const LONG_SIDE = 640;
export const SEARCH = { scaleFactor: 1.1, minNeighbours: 5, minSize: 24 } as const;
/** Each of the windows that agree on a face takes a fifth of the doubt away: 6 give 0.74, 10 give 0.89, 20 give 0.99. */
const DOUBT = 0.8;

export async function openHaar(pack: VerifiedPack): Promise<FaceModel> {
  const cascade = cascadeOf(JSON.parse(await readFile(pack.file('cascade.json'), 'utf8')));
  return {
    detect: async (raster, signal) => {
      signal.throwIfAborted();
      const scale = Math.min(1, LONG_SIDE / Math.max(raster.width, raster.height));
      const width = Math.max(1, Math.round(raster.width * scale));
      const height = Math.max(1, Math.round(raster.height * scale));
      const gray = grayOf(resizeFrom(pyramidOf(raster), width, height));
      const found = await detectMultiScale(cascade, gray, SEARCH, signal);
      return found.flatMap((face) => {
        const right = (face.x + face.width) / width;
        const bottom = (face.y + face.height) / height;
        const box = inImage(face.x / width, face.y / height, right, bottom);
        return box ? [{ box, score: scoreOf(face.neighbours) }] : [];
      });
    },
  };
}

/** 0..1, rising with the number of windows that agree. It orders finds of one image; it is no probability. */
export function scoreOf(neighbours: number): number {
  return 1 - DOUBT ** neighbours;
}
