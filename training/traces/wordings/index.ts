/**
 * The wordings of the training questions. The held-out ones of `training/eval` are written
 * apart from these and share no sentence with them.
 */
import { equationsWordings } from './equations.ts';
import { pricesWordings } from './prices.ts';
import { readingWordings } from './reading.ts';
import { tablesWordings } from './tables.ts';
import { totalsWordings } from './totals.ts';

export const wordings = {
  ...pricesWordings,
  ...totalsWordings,
  ...readingWordings,
  ...tablesWordings,
  ...equationsWordings,
} as const satisfies Record<string, readonly string[]>;

export type QuestionType = keyof typeof wordings;
