import { describe, expect, test } from 'vitest';
import { DraftLength, lookUp } from '#backend/engine/drafts';

describe('prompt look-up', () => {
  test.each([
    ['what followed the last three tokens', [1, 2, 3, 4, 5, 9, 1, 2, 3], 2, [4, 5]],
    ['the latest place of several', [1, 2, 7, 1, 2, 8, 1, 2], 1, [8]],
    ['two tokens where three are nowhere else', [1, 2, 7, 5, 1, 2], 3, [7, 5, 1]],
    ['nothing where nothing repeats', [1, 2, 3, 4], 4, []],
    ['nothing when nothing is wanted', [1, 1, 1, 1], 0, []],
  ])('gives %s', (_, context, count, expected) => {
    expect(lookUp(context, count)).toEqual(expected);
  });
});

describe('the length of a draft', () => {
  test('falls with wrong drafts and with the size of the batch, and rises again', () => {
    const length = new DraftLength();
    const start = length.next(1);
    expect(start).toBeGreaterThan(length.next(16));
    for (let wrong = 0; wrong < 20; wrong++) length.learn(4, 0);
    const low = length.next(1);
    expect(low).toBeLessThan(start);
    for (let right = 0; right < 20; right++) length.learn(4, 4);
    expect(length.next(1)).toBeGreaterThan(start);
    expect(length.counts).toEqual({ proposed: 160, accepted: 80 });
  });
});
