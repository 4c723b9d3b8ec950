/** Amounts in texts and expressions, to see where a number came from. */
import { numbersIn } from '../eval/check.ts';

/** Numbers of fewer digits are counts and percentages, which a question may give in words. */
const DIGITS_MIN = 3;
/** To make shares of percentages. */
const HUNDRED = 100;

/**
 * Every number that a text can be read to hold: "3 287" is three thousand and something, or two numbers of one
 * row; "1,234" has a separator of thousands or of decimals.
 */
export function amountsIn(text: string): number[] {
  const runs = text.match(/\d+(?:[.,]\d+)*/g) ?? [];
  const parts = runs.flatMap((run) => [Number(run.replace(',', '.')), Number(run.replace(/[.,]/g, ''))]);
  return [...numbersIn(text), ...parts].map(Math.abs).filter(Number.isFinite);
}

/** Every number of an observation: those of its texts, and those that it gives as numbers, such as edges of boxes. */
export function amountsOf(value: unknown): number[] {
  if (typeof value === 'number') return [Math.abs(value)];
  if (typeof value === 'string') return amountsIn(value);
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(amountsOf) : [];
}

/** The first amount of an expression that is not known; counts, percentages and 100 need no source. */
export function looseIn(expression: string, known: ReadonlySet<number>): number | undefined {
  const used = (expression.match(/\d+(?:\.\d+)?/g) ?? []).filter(
    (digits) => digits.replace('.', '').length >= DIGITS_MIN,
  );
  return used.map(Number).find((value) => value !== HUNDRED && !known.has(value));
}
