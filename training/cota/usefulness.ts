/**
 * Which sources tools help with. The paper drops a source as "action-useless" by what the teacher did with
 * its questions; the same two rules, with its 10 points, are here.
 */
import * as z from 'zod';

/** How many questions of a source were answered how. `cot`: without any tool; `cota`: with one or more. */
export const outcomes = z.record(
  z.string(),
  z.object({
    cot_correct: z.int().min(0),
    cot_wrong: z.int().min(0),
    cota_correct: z.int().min(0),
    cota_wrong: z.int().min(0),
  }),
);
export type Outcomes = z.infer<typeof outcomes>;

/** A tenth of the questions: 10 points. In whole numbers, so that exactly 10 points are not more than 10. */
const MARGIN_PARTS = 10;

/** Why a source is useless, or undefined. Shares are of all its questions. */
export function uselessness(counts: Outcomes[string]): string | undefined {
  const all = counts.cot_correct + counts.cot_wrong + counts.cota_correct + counts.cota_wrong;
  if (all === 0) return undefined;
  const exceeds = (more: number, less: number): boolean => (more - less) * MARGIN_PARTS > all;
  if (exceeds(counts.cot_correct, counts.cota_correct))
    return 'it is answered right without tools more often than with them';
  if (exceeds(counts.cota_wrong, counts.cota_correct))
    return 'tools lead to wrong answers more often than to right ones';
  return undefined;
}
