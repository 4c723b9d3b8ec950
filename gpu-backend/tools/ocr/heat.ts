/** Where a coarse look saw traces of text, so that a finer one need not search all of a large image. */
import type { Frame, Size } from './sizing.ts';

/** Side of a cell in pixels of the map. */
const CELL = 16;
/** Far below the threshold of text: print that is too small for a look still leaves a trace. */
const TRACE_MIN = 0.1;

export type Heat = {
  /** Whether a part of the image, in fractions of its sides, holds a trace of text or touches a cell that does. */
  isHot(left: number, top: number, right: number, bottom: number): boolean;
};

/** From a map of probabilities over a framed image; `size` is that of the image without its frame, as the map has it. */
export function heatOf(map: Float32Array, frame: Frame, size: Size): Heat {
  const columns = Math.ceil(frame.width / CELL);
  const hot = new Set<number>();
  map.forEach((probability, at) => {
    if (probability < TRACE_MIN) return;
    const x = at % frame.width;
    hot.add(Math.floor((at - x) / frame.width / CELL) * columns + Math.floor(x / CELL));
  });
  return {
    isHot: (left, top, right, bottom) => {
      const cell = (fraction: number, length: number, border: number): number =>
        Math.floor((fraction * length + border) / CELL);
      const [x0, x1] = [cell(left, size.width, frame.left), cell(right, size.width, frame.left)];
      const [y0, y1] = [cell(top, size.height, frame.top), cell(bottom, size.height, frame.top)];
      for (const at of hot) {
        const x = at % columns;
        const y = (at - x) / columns;
        if (x >= x0 && x <= x1 && y >= y0 && y <= y1) return true;
      }
      return false;
    },
  };
}
