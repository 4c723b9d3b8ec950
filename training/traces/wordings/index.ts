/**
 * The wordings of the training questions. The held-out ones of `training/eval` are written
 * apart from these and share no sentence with them.
 */
import { comparisonsWordings } from './comparisons.ts';
import { departuresWordings } from './departures.ts';
import { equationsWordings } from './equations.ts';
import { gapsWordings } from './gaps.ts';
import { hoursWordings } from './hours.ts';
import { messagesWordings } from './messages.ts';
import { offersWordings } from './offers.ts';
import { paymentsWordings } from './payments.ts';
import { placesWordings } from './places.ts';
import { pricesWordings } from './prices.ts';
import { readingWordings } from './reading.ts';
import { sumsWordings } from './sums.ts';
import { tablesWordings } from './tables.ts';
import { ticketsWordings } from './tickets.ts';
import { tipsWordings } from './tips.ts';
import { totalsWordings } from './totals.ts';
import { unitsWordings } from './units.ts';

export const wordings = {
  ...pricesWordings,
  ...sumsWordings,
  ...gapsWordings,
  ...unitsWordings,
  ...offersWordings,
  ...totalsWordings,
  ...tipsWordings,
  ...paymentsWordings,
  ...readingWordings,
  ...messagesWordings,
  ...placesWordings,
  ...ticketsWordings,
  ...hoursWordings,
  ...tablesWordings,
  ...comparisonsWordings,
  ...departuresWordings,
  ...equationsWordings,
} as const satisfies Record<string, readonly string[]>;

export type QuestionType = keyof typeof wordings;
