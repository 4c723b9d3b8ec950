import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boundObservation,
  type Conversation,
  conversation,
  imageIndex,
  imagesOf,
} from '#shared/conversation';
import { OBSERVATION_CHARS_MAX } from '#shared/limits';

const digest = (digit: string) => digit.repeat(64);

const run: Conversation = {
  question: 'What is the total?',
  images: [digest('a'), digest('b')],
  steps: [
    { text: 'x', observation: { text: '' } },
    { text: 'y', observation: {}, image: digest('c') },
  ],
};

test('images are numbered as they came: those of the request, then those that tools made', () => {
  expect(imagesOf(run)).toEqual([digest('a'), digest('b'), digest('c')]);
});

test('a conversation refuses what it does not know and digests that are none', () => {
  expect(conversation.safeParse(run).success).toBe(true);
  expect(conversation.safeParse({ ...run, user: 'x' }).success).toBe(false);
  expect(conversation.safeParse({ ...run, images: ['../../etc/passwd'] }).success).toBe(false);
  expect(conversation.safeParse({ ...run, images: [] }).success).toBe(false);
});

test.each([
  ['image-0', 3, 0],
  ['image-2', 3, 2],
  ['image-3', 3, undefined],
  ['image-0', 0, undefined],
  ['image--1', 3, undefined],
  ['image-', 3, undefined],
  ['image-1.5', 3, undefined],
  ['image-1e0', 3, undefined],
  ['../7/image-1', 3, undefined],
  ['image-1/../image-0', 3, undefined],
  ['image-1\n', 3, undefined],
  ['Image-1', 3, undefined],
])('%j among %i images is %j', (name, count, expected) => {
  expect(imageIndex(name, count)).toBe(expected);
});

describe('the planner is never shown more than its bound', () => {
  test('a small observation stays as it is', () => {
    const observation = { text: 'TOTAL 12.00' };
    expect(boundObservation(observation)).toBe(observation);
  });

  test('a long text is cut, and says so', () => {
    const bounded = boundObservation({ text: 'a'.repeat(OBSERVATION_CHARS_MAX * 2), pages: 1 });
    expect(bounded).toMatchObject({ pages: 1, truncated: true });
    expect(JSON.stringify(bounded).length).toBeGreaterThan(OBSERVATION_CHARS_MAX - 100);
  });

  test('what cannot be cut becomes an error', () => {
    const regions = Array.from({ length: 5_000 }, (_, index) => index);
    expect(boundObservation({ regions })).toMatchObject({ error: { code: 'observation_too_large' } });
  });

  test('any mix of texts and other values stays within it', () => {
    const length = fc.integer({ min: 0, max: OBSERVATION_CHARS_MAX + 100 });
    const fill = fc.constantFrom('a', '"', '\n', '\u0000', '😀', 'é');
    fc.assert(
      fc.property(length, length, fill, (first, second, character) => {
        const observation = { text: character.repeat(first), numbers: Array(second >> 1).fill(1) };
        expect(JSON.stringify(boundObservation(observation)).length).toBeLessThanOrEqual(
          OBSERVATION_CHARS_MAX,
        );
      }),
      // Slipped through once: the text was only a little longer than what had to go.
      { examples: [[100, 15_960, 'a']] },
    );
  });
});
