/** Examples of keys, client tokens, usage and limits. */
import { ids, runUsage } from './examples.ts';
import type { Examples } from './operation.ts';

const CREATED = '2026-11-23T08:30:00.000Z';

export const keyIds = { key: 'k7Qm2ZxA', token: `ct_${'0123456789abcdef'.repeat(2)}` } as const;

const key = {
  id: keyIds.key,
  object: 'key',
  name: 'server of the shop app',
  mode: 'live',
  status: 'active',
  scopes: ['runs:write', 'runs:read', 'images', 'tokens:mint'],
  plan: 'pro',
  created_at: CREATED,
};

export const keyRequests: Examples = {
  server: {
    summary: 'For the server of an app: it asks, and makes tokens for the app',
    value: {
      name: 'server of the shop app',
      scopes: ['runs:write', 'runs:read', 'images', 'tokens:mint'],
      plan: 'pro',
      addresses: ['203.0.113.0/24'],
      origins: ['https://shop.example'],
      image_hosts: ['photos.shop.example'],
    },
  },
  narrow: {
    summary: 'For one tool, in tests',
    value: { name: 'calculator', mode: 'test', scopes: ['tools'], tools: ['Calculate'] },
  },
};

export const keyChanges: Examples = {
  renamed: { summary: 'Another name, from any address', value: { name: 'shop', clear: ['addresses'] } },
};

export const rotations: Examples = {
  hour: { summary: 'The old secret holds for an hour', value: { grace_s: 3600 } },
};

export const oneKey: Examples = {
  server: { summary: 'A key', value: { ...key, last_used_at: '2026-11-23T09:10:00.000Z' } },
};

export const freshKey: Examples = {
  made: {
    summary: 'A key with its secret, shown this once',
    value: { ...key, key: `taco_live_${keyIds.key}_and_49_more_letters` },
  },
};

export const keyPage: Examples = {
  one: { summary: 'One key', value: { object: 'list', data: [key] } },
};

export const tokenRequests: Examples = {
  user: {
    summary: 'For one user of an app, for ten minutes',
    value: { subject: 'user-17', ttl: 600, scopes: ['runs:write', 'runs:read', 'images'], max_runs: 20 },
  },
};

export const freshToken: Examples = {
  made: {
    summary: 'A token to hand to the app',
    value: {
      id: keyIds.token,
      object: 'client_token',
      token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTE3In0.c2lnbmF0dXJl',
      subject: 'user-17',
      scopes: ['runs:write', 'runs:read', 'images'],
      max_runs: 20,
      max_cost: 200,
      expires_at: '2026-11-23T08:40:00.000Z',
    },
  },
};

export const usageReport: Examples = {
  day: {
    summary: 'One day',
    value: {
      object: 'usage',
      from: '2026-11-23',
      to: '2026-11-23',
      data: [
        {
          day: '2026-11-23',
          requests: 12,
          runs: 8,
          tool_calls: 11,
          images: 3,
          steps: 21,
          input_tokens: 9_410,
          cached_tokens: 7_020,
          output_tokens: 502,
          cost_units: 24,
        },
      ],
    },
  },
};

export const limitsReport: Examples = {
  pro: {
    summary: 'Two of the limits of a key',
    value: {
      object: 'limits',
      plan: 'pro',
      data: [
        { name: 'requests', quota: 120, window_s: 60, remaining: 119, reset_s: 1 },
        { name: 'runs', quota: 10, remaining: 9, reset_s: 0 },
      ],
    },
  },
};

export const endpoint = 'https://shop.example/hooks/taco';

export const webhookEndpoints: Examples = {
  shop: { summary: 'The endpoint of a shop', value: { url: endpoint } },
};

export const secret: Examples = {
  secret: {
    summary: 'What a library of Standard Webhooks verifies with',
    value: { endpoint, secret: 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=' },
  },
};

export const delivery: Examples = {
  completed: {
    summary: 'A run has its answer',
    value: {
      type: 'run.completed',
      timestamp: '2026-11-23T08:30:01.480Z',
      data: {
        id: ids.run,
        object: 'run',
        status: 'succeeded',
        question: 'What is the total?',
        answer: '24.25',
        usage: runUsage,
        created_at: CREATED,
        finished_at: '2026-11-23T08:30:01.480Z',
        expires_at: '2026-11-24T08:30:00.000Z',
      },
    },
  },
};
