/**
 * How large the tests of reliability are. `RELIABILITY_ROUNDS=50`, as `npm run bench -- reliability` sets it, makes
 * them full size; without it they are a fiftieth, so that `npm test` stays short.
 */
export const FULL_ROUNDS = 50;

/** So many of `full` as the rounds are of FULL_ROUNDS, rounded up, at least one. */
export function shareOf(full: number, rounds: number): number {
  return Math.max(1, Math.ceil((full * rounds) / FULL_ROUNDS));
}

/** A test that does more has more time: in proportion, since each round waits for the one before. */
export function patienceMs(ms: number, rounds: number): number {
  return ms * Math.max(1, rounds);
}

/** @throws Error for what is no whole number of 1 or more: a test of nothing would pass. */
export function roundsOf(text: string | undefined): number {
  const rounds = Number(text ?? 1);
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new Error(`RELIABILITY_ROUNDS is a whole number from 1, got ${JSON.stringify(text)}`);
  return rounds;
}
