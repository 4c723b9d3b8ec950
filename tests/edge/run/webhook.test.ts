/** When a webhook is tried again, and when no more. */
import { expect, it } from 'vitest';
import { nextWebhookAt } from '#edge/run/webhook';
import { WEBHOOK_ATTEMPTS_MAX, WEBHOOK_RETRY_MS } from '#shared/limits';

const NOW = 1_000_000;
const pauses = (random: number) =>
  Array.from(
    { length: WEBHOOK_ATTEMPTS_MAX - 1 },
    (_, index) => (nextWebhookAt(index + 1, NOW, WEBHOOK_RETRY_MS, random) ?? 0) - NOW,
  );

it('each pause is four times the one before: the last attempt comes within eight hours', () => {
  expect(pauses(0.5)).toEqual([5_000, 20_000, 80_000, 320_000, 1_280_000, 5_120_000, 20_480_000]);
  const all = pauses(0.5).reduce((sum, pause) => sum + pause, 0);
  expect(all / 3_600_000).toBeCloseTo(7.6, 1);
});

it('chance moves each pause by up to a fifth, and no two bounds overlap', () => {
  expect(pauses(0)).toEqual(pauses(0.5).map((pause) => pause * 0.8));
  expect(pauses(1)).toEqual(pauses(0.5).map((pause) => pause * 1.2));
});

it('there is none after the last attempt', () => {
  expect(nextWebhookAt(WEBHOOK_ATTEMPTS_MAX - 1, NOW, WEBHOOK_RETRY_MS, 0)).toBeGreaterThan(NOW);
  expect(nextWebhookAt(WEBHOOK_ATTEMPTS_MAX, NOW, WEBHOOK_RETRY_MS, 0)).toBeUndefined();
});
