/** Which of the two ways along its axis a strip reads: PP-OCR's classifier of half turns. */
import { openSession, Tensor } from '#backend/engine/runtime';
import type { Raster } from '#backend/images/raster';
import { planesOf } from './pixels.ts';
import { HALF } from './recognise.ts';

/**
 * The graph's input: 48 x 192. Shorter strips are padded on the right with zeros after normalisation.
 * A longer one is not squeezed, as PP-OCR does, but looked at through windows: a long line squeezed to
 * 192 columns was taken for one on its head.
 */
const WIDTH = 192;
const HEIGHT = 48;

export type HalfTurnClassifier = {
  /** Probability, 0..1, that the strip stands on its head. */
  upsideDown(strip: Raster): Promise<number>;
  release(): Promise<void>;
};

export async function openHalfTurnClassifier(file: string, threads: number): Promise<HalfTurnClassifier> {
  const session = await openSession(file, { threads });
  const input = session.inputNames[0] ?? 'x';
  const output = session.outputNames[0] ?? '';
  return {
    upsideDown: async (strip) => {
      const starts = windowStarts(strip.width);
      let sum = 0;
      for (const x of starts) {
        const planes = planesOf(strip, HALF, { x, y: 0, width: WIDTH, height: HEIGHT });
        const result = await session.run({ [input]: new Tensor('float32', planes, [1, 3, HEIGHT, WIDTH]) });
        sum += Number(result[output]?.data[1] ?? 0);
      }
      return sum / starts.length;
    },
    release: () => session.release(),
  };
}

/** Where the windows of a strip start: one of a short strip, else its two ends, and the middle of a long one. */
function windowStarts(width: number): number[] {
  if (width <= WIDTH) return [0];
  const last = width - WIDTH;
  return width <= 3 * WIDTH ? [0, last] : [0, last >> 1, last];
}
