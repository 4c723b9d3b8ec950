/** A command line that cannot be followed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Throws UsageError. */
export function wholeNumber(name: string, value: string, least: number): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isInteger(number) && number >= least) return number;
  throw new UsageError(`--${name} expects a whole number from ${least} on, got ${JSON.stringify(value)}`);
}

/** A share such as 0.01. Throws UsageError. */
export function share(name: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new UsageError(`--${name} expects a number from 0 to 1, got ${JSON.stringify(value)}`);
}
