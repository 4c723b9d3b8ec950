/** Which of the two ways along its axis a strip reads: PP-OCR's classifier of half turns. */
import { openSession, Tensor } from '#backend/engine/runtime';
import type { Raster } from '#backend/images/raster';
import { planesOf, resizeRaster } from './pixels.ts';
import { HALF } from './recognise.ts';

/**
 * The graph's input: 48 x 192 in versions to 4, 80 x 160 from 5 on. Shorter strips are padded on the right with zeros after normalisation.
 * A longer one is not squeezed, as PP-OCR does, but looked at through windows: a long line squeezed to
 * 192 columns was taken for one on its head.
 */
const INPUT = { width: 192, height: 48 } as const;

export type HalfTurnClassifier = {
  /** Probability, 0..1, that the strip stands on its head. */
  upsideDown(strip: Raster): Promise<number>;
  release(): Promise<void>;
};

export async function openHalfTurnClassifier(
  file: string,
  threads: number,
  { width, height }: { readonly width: number; readonly height: number } = INPUT,
): Promise<HalfTurnClassifier> {
  const session = await openSession(file, { threads });
  const input = session.inputNames[0] ?? 'x';
  const output = session.outputNames[0] ?? '';
  return {
    upsideDown: async (given) => {
      const scale = height / given.height;
      const strip = resizeRaster(given, Math.max(1, Math.ceil(given.width * scale)), height);
      const starts = windowStarts(strip.width, width);
      let sum = 0;
      for (const x of starts) {
        const planes = planesOf(strip, HALF, { x, y: 0, width, height });
        const result = await session.run({ [input]: new Tensor('float32', planes, [1, 3, height, width]) });
        sum += Number(result[output]?.data[1] ?? 0);
      }
      return sum / starts.length;
    },
    release: () => session.release(),
  };
}

/** Where the windows of a strip start: one of a short strip, else its two ends, and the middle of a long one. */
function windowStarts(width: number, window: number): number[] {
  if (width <= window) return [0];
  const last = width - window;
  return width <= 3 * window ? [0, last] : [0, last >> 1, last];
}
