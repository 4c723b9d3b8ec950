import { parseList } from 'structured-headers';
import { expect, it } from 'vitest';
import { openAiHeaders, rateLimitHeaders, retryHeaders } from '#edge/limits/headers';
import type { Meter } from '#edge/limits/terms';

const meters: readonly Meter[] = [
  { name: 'requests', quota: 20, windowS: 60, remaining: 12, resetS: 24 },
  { name: 'units', quota: 80, windowS: 60, remaining: 40, resetS: 30 },
  { name: 'runs', quota: 2, remaining: 1, resetS: 0 },
];

it('RateLimit and RateLimit-Policy are structured fields of draft-10', () => {
  const headers = rateLimitHeaders(meters);
  expect(headers).toEqual({
    'ratelimit-policy':
      '"requests";q=20;w=60, "units";q=80;w=60;qu="cost-units", "runs";q=2;qu="concurrent-requests"',
    ratelimit: '"requests";r=12;t=24, "units";r=40;t=30, "runs";r=1;t=0',
  });
  for (const value of Object.values(headers)) expect(parseList(value)).toHaveLength(3);
  expect(rateLimitHeaders([])).toEqual({});
});

it('OpenAI reads the same under its own names', () => {
  expect(openAiHeaders(meters)).toEqual({
    'x-ratelimit-limit-requests': '20',
    'x-ratelimit-remaining-requests': '12',
    'x-ratelimit-reset-requests': '24s',
    'x-ratelimit-limit-tokens': '80',
    'x-ratelimit-remaining-tokens': '40',
    'x-ratelimit-reset-tokens': '30s',
  });
  expect(openAiHeaders([])).toEqual({});
});

it.each([
  [1, '1', '1'],
  [999.2, '1', '1000'],
  [3_001, '4', '3001'],
])('after %d ms: Retry-After %s s, retry-after-ms %s', (ms, seconds, milliseconds) => {
  expect(retryHeaders(ms)).toEqual({ 'retry-after': seconds, 'retry-after-ms': milliseconds });
});
