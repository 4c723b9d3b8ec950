import { expect, test } from 'vitest';
import { costOf, Forecast } from '#backend/fairness/forecast';

function forecastOf() {
  const clock = { ms: 0 };
  const forecast = new Forecast(() => clock.ms);
  /** `together` steps of so much, that end at once after `ms`. */
  const steps = (
    together: number,
    ms: number,
    cost: number | undefined,
    kind: 'first' | 'later' = 'first',
  ) => {
    for (let step = 0; step < together; step++) forecast.begin();
    clock.ms += ms;
    for (let step = 0; step < together; step++) forecast.end(kind, ms, cost);
  };
  return { clock, forecast, steps };
}

test('a token that is written costs two that are read, and one that was kept none', () => {
  expect(costOf({ prompt_tokens: 100, cached_tokens: 70, completion_tokens: 20 })).toBe(70);
});

test('knows nothing before the first step', () => {
  const { forecast } = forecastOf();
  expect([forecast.msOf(100), forecast.usualCost('first'), forecast.usualMs('later')]).toEqual([
    undefined,
    0,
    0,
  ]);
});

test('takes the rate of steps that run together, and leaves out the time in which nothing runs', () => {
  const { clock, forecast, steps } = forecastOf();
  for (let round = 0; round < 10; round++) {
    steps(4, 200, 50);
    clock.ms += 5_000;
  }
  // 200 tokens in 200 ms.
  expect(forecast.msOf(300)).toBeCloseTo(300);
  expect(forecast.usualMs('first')).toBeCloseTo(200);
});

test('forgets what is older than the last 64 steps', () => {
  const { forecast, steps } = forecastOf();
  steps(10, 60_000, 10);
  for (let round = 0; round < 70; round++) steps(1, 10, 100);
  expect(forecast.msOf(1_000)).toBeCloseTo(100);
});

test('sees that nothing gets done', () => {
  const { clock, forecast, steps } = forecastOf();
  steps(1, 1_000, 100);
  forecast.begin();
  clock.ms += 9_000;
  expect(forecast.msOf(100)).toBeCloseTo(10_000);
});

test('counts steps that were given up for the part that they took', () => {
  const { forecast, steps } = forecastOf();
  steps(1, 1_000, 100);
  steps(1, 500, undefined);
  expect(forecast.msOf(100)).toBeCloseTo(1_000);
  expect(forecast.usualCost('first')).toBe(100);
});

test('first steps and later ones are two kinds', () => {
  const { forecast, steps } = forecastOf();
  steps(1, 1_000, 900);
  expect(forecast.usualCost('later')).toBe(900);
  steps(1, 100, 90, 'later');
  expect([forecast.usualCost('first'), forecast.usualCost('later')]).toEqual([900, 90]);
});
