/** Puts together what the detector cut in two inside one word, such as a number at its decimal point. */
import { boxAtDirection, cornersOf, type RotatedBox } from './geometry.ts';

/** Two parts of one word share most of their rows, are of like height and overlap once they are grown. */
const ROW_SHARE_MIN = 0.6;
const HEIGHT_RATIO_MAX = 2;
/** Parts of a slanted rule beside a word make a taller box together than alone. */
const UNION_HEIGHT_MAX = 1.2;
const ANGLE_COSINE_MIN = 0.98;

export type ScoredBox = { readonly box: RotatedBox; readonly score: number };

/** Boxes that are parts of one word made one, until no two are. At most a few hundred boxes. */
export function mergeParts(boxes: readonly ScoredBox[]): ScoredBox[] {
  const merged: ScoredBox[] = [];
  for (let next of boxes) {
    for (;;) {
      const index = merged.findIndex(({ box }) => isSameWord(box, next.box));
      const other = merged[index];
      if (other === undefined) break;
      merged.splice(index, 1);
      next = { box: unionOf(other.box, next.box), score: Math.min(other.score, next.score) };
    }
    merged.push(next);
  }
  return merged;
}

function isSameWord(a: RotatedBox, b: RotatedBox): boolean {
  const wide = a.width >= b.width ? a : b;
  if (a.ux * b.ux + a.uy * b.uy < ANGLE_COSINE_MIN) return false;
  const [lower, higher] = [Math.min(a.height, b.height), Math.max(a.height, b.height)];
  if (higher > HEIGHT_RATIO_MAX * lower) return false;
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const along = Math.abs(dx * wide.ux + dy * wide.uy);
  const across = Math.abs(dy * wide.ux - dx * wide.uy);
  const shared = Math.min(lower, (a.height + b.height) / 2 - across);
  return (
    along < (a.width + b.width) / 2 &&
    shared >= ROW_SHARE_MIN * lower &&
    unionOf(a, b).height <= UNION_HEIGHT_MAX * higher
  );
}

function unionOf(a: RotatedBox, b: RotatedBox): RotatedBox {
  const { ux, uy } = a.width >= b.width ? a : b;
  return boxAtDirection([...cornersOf(a), ...cornersOf(b)], ux, uy);
}
