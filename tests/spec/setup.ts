/** Runs in every test file: a reply that was not as described fails the file, even where a client passed over it. */
import { afterAll, expect } from 'vitest';
import { checked } from './checked.ts';

// biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern that no fixture is wanted
afterAll(({}, file) => {
  const { replies, events, faults } = checked;
  // The reporter adds these up for the last lines of the run.
  if (replies > 0) Object.assign(file.meta, { checked: { replies, events } });
  expect(faults).toEqual([]);
});
