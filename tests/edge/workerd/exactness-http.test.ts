/** R3 over HTTP, through every guard: each limiter admits exactly its quota of fifty requests at once. */
import { beforeAll, expect, it } from 'vitest';
import { stubOf } from '#edge/keys/rpc';
import { generateKey } from '#edge/storage/key-format';
import type { Run } from '#shared/api';
import type { ClientToken } from '#shared/api/client-tokens';
import { FAILED_KEYS_PER_MINUTE } from '#shared/limits';
import { type PlanName, plans } from '#shared/plans';
import { scope } from '#shared/scopes';
import {
  AT_ONCE,
  atOnce,
  bucketWith,
  type Fill,
  fillObject,
  judge,
  keyObject,
  quotaWith,
  SLOW_MS,
  type Trial,
  tokensWith,
} from './exactness.ts';
import {
  answer,
  bodyOf,
  type Client,
  clientOf,
  fetchEdge,
  freeze,
  idOf,
  migrate,
  newKey,
  PNG,
  pngInput,
  script,
  settings,
} from './support.ts';

beforeAll(migrate);

const TRIALS = 3;
const NOON = Date.UTC(2026, 10, 22, 12);
const { free } = plans;

type Case = {
  readonly plan?: PlanName;
  readonly fill?: Fill;
  /** Wishes of the client token that is used in place of the key. */
  readonly token?: object;
  send(client: Client, index: number): Promise<Response>;
  readonly wanted: number;
  /** Names of the policy in a refusal; absent where the quota is none of a plan's rates. */
  readonly policy?: string;
};

const calculate = (client: Client) =>
  client.post('/v1/tools/Calculate', { arguments: { expression: '1 + 1' } });
const upload = (client: Client) => client.send('/v1/images', { method: 'POST', body: PNG });
const slowRun = { question: script(answer('x', { delayMs: 1_000 })), images: [pngInput], max_steps: 1 };
const run = (client: Client) => client.post('/v1/runs', { ...slowRun, background: true });

const CASES: Readonly<Record<string, Case>> = {
  requests: { send: calculate, wanted: free.requestsPerMinute, policy: 'requests' },
  reads: {
    fill: bucketWith('reads', free.readsPerMinute, 17),
    send: (client) => client.send('/v1/limits'),
    wanted: 17,
    policy: 'reads',
  },
  units: { fill: bucketWith('units', free.unitsPerMinute, 13), send: upload, wanted: 13, policy: 'units' },
  subject: {
    token: { scopes: ['tools'] },
    send: calculate,
    wanted: free.subjectRequestsPerMinute,
    policy: 'subject',
  },
  day: { fill: quotaWith('day', 7), send: upload, wanted: 7, policy: 'day' },
  month: { fill: quotaWith('month', 7), send: upload, wanted: 7, policy: 'month' },
  runs: { send: run, wanted: free.concurrentRuns, policy: 'runs' },
  'token-runs': { plan: 'enterprise', token: { max_runs: 7 }, send: run, wanted: 7, policy: 'token-runs' },
  'token-units': {
    plan: 'enterprise',
    token: { max_cost: 9, scopes: ['images'] },
    send: upload,
    wanted: 9,
    policy: 'token-units',
  },
  'client tokens of a key': {
    plan: 'pro',
    fill: tokensWith(9),
    send: (client) => client.post('/v1/client_tokens', { subject: 'u' }),
    wanted: 9,
  },
  'keys of a tenant': {
    plan: 'pro',
    send: (client) => client.post('/v1/keys', { name: 'r3', plan: 'free', scopes: ['tools'] }),
    // The one that asks is one of them.
    wanted: free.keysPerTenant - 1,
  },
};

async function trialOf(
  name: string,
  { plan = 'free', fill, token, send, wanted, policy }: Case,
  trial: number,
) {
  const tenant = `r3-${name.replaceAll(' ', '-')}-${trial}`;
  const key = await newKey(tenant, undefined, { plan, scopes: scope.options });
  let client = clientOf(key);
  if (token) {
    const minted = await client.post('/v1/client_tokens', { subject: 'u', ...token });
    client = clientOf((await bodyOf<ClientToken>(minted, 201)).token);
  }
  await freeze(keyObject(idOf(key)), NOON);
  await fillObject(idOf(key), fill, NOON);
  const replies = await atOnce((index) => send(client, index));
  const refused = replies.filter(({ status }) => status === 429);
  for (const reply of refused) {
    const problem: { 'violated-policies'?: string[] } = await reply.json();
    expect(problem['violated-policies']).toEqual(policy === undefined ? undefined : [policy]);
  }
  const admitted = replies.filter(({ ok }) => ok);
  // Nothing but these two comes back.
  expect(admitted.length + refused.length).toBe(AT_ONCE);
  if (send === run) await Promise.all(admitted.map((reply) => ended(client, reply)));
  return { admitted: admitted.length, wanted };
}

async function ended(client: Client, reply: Response): Promise<void> {
  const { id } = (await reply.json()) as Run;
  expect((await client.post(`/v1/runs/${id}/cancel`, {})).status).toBe(200);
}

it.each(Object.keys(CASES))(
  'R3 over HTTP: %s',
  async (name) => {
    const trials: Trial[] = [];
    for (let trial = 0; trial < TRIALS; trial++) trials.push(await trialOf(name, CASES[name] as Case, trial));
    judge(`${name}, over HTTP`, trials);
  },
  SLOW_MS,
);

it(
  'R3 over HTTP: wrong keys of an address',
  async () => {
    const trials: Trial[] = [];
    for (let trial = 0; trial < TRIALS; trial++) {
      const address = `198.51.100.${100 + trial}`;
      await freeze(stubOf(settings.ADDRESSES, address), NOON);
      const headers = {
        authorization: `Bearer ${generateKey('live').key}`,
        'cf-connecting-ip': address,
      };
      const replies = await atOnce(() => fetchEdge('/v1/tools', { headers }));
      expect(replies.filter(({ status }) => status !== 401 && status !== 429)).toEqual([]);
      const admitted = replies.filter(({ status }) => status === 401).length;
      trials.push({ admitted, wanted: FAILED_KEYS_PER_MINUTE });
    }
    judge('wrong keys of an address, over HTTP', trials);
  },
  SLOW_MS,
);
