/** Limits as headers: RateLimit and RateLimit-Policy (draft-10 of the IETF), and the names of OpenAI. Pure. */
import { type Item, serializeList } from 'structured-headers';
import type { Meter } from './terms.ts';

/** `qu` of the draft; a plain count of requests needs none. */
const UNIT: Readonly<Partial<Record<Meter['name'], string>>> = {
  units: 'cost-units',
  day: 'cost-units',
  month: 'cost-units',
  'token-units': 'cost-units',
  'app-units': 'cost-units',
  runs: 'concurrent-requests',
};

export function rateLimitHeaders(meters: readonly Meter[]): Record<string, string> {
  if (meters.length === 0) return {};
  return {
    'ratelimit-policy': serializeList(meters.map(policyItem)),
    ratelimit: serializeList(meters.map(stateItem)),
  };
}

function policyItem({ name, quota, windowS }: Meter): Item {
  const unit = UNIT[name];
  return [
    name,
    new Map<string, string | number>([
      ['q', quota],
      ...(windowS === undefined ? [] : [['w', windowS] as const]),
      ...(unit === undefined ? [] : [['qu', unit] as const]),
    ]),
  ];
}

function stateItem({ name, remaining, resetS }: Meter): Item {
  return [
    name,
    new Map([
      ['r', remaining],
      ['t', resetS],
    ]),
  ];
}

/** For the compatible routes. OpenAI counts tokens where we count cost units. */
export function openAiHeaders(meters: readonly Meter[]): Record<string, string> {
  const named = [
    ['requests', meters.find(({ name }) => name === 'requests')],
    ['tokens', meters.find(({ name }) => name === 'units')],
  ] as const;
  return Object.fromEntries(
    named.flatMap(([label, meter]) =>
      meter
        ? [
            [`x-ratelimit-limit-${label}`, String(meter.quota)],
            [`x-ratelimit-remaining-${label}`, String(meter.remaining)],
            [`x-ratelimit-reset-${label}`, `${meter.resetS}s`],
          ]
        : [],
    ),
  );
}

/** When to come again, for HTTP and for the SDKs that read milliseconds. Never earlier than `t` of RateLimit. */
export function retryHeaders(ms: number): Record<string, string> {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return { 'retry-after': String(seconds), 'retry-after-ms': String(Math.max(1, Math.ceil(ms))) };
}
