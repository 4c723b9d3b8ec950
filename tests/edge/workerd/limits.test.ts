/** Limits over the API: told in headers, closed for work when they cannot be asked. `exactness.test.ts` counts. */
import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#edge/app';
import { stubOf } from '#edge/keys/rpc';
import { generateKey } from '#edge/storage/key-format';
import type { Run } from '#shared/api';
import { limitsState } from '#shared/api/usage';
import { checkReply } from '../../spec/reply.ts';
import {
  answer,
  bodyOf,
  call,
  clientOf,
  fetchEdge,
  freeze,
  idOf,
  insideStub,
  migrate,
  newClient,
  newKey,
  pngInput,
  problemOf,
  script,
  settings,
} from './support.ts';

beforeAll(migrate);

const NOON = Date.UTC(2026, 10, 22, 12);
const keyObject = (id: string) => stubOf(settings.KEYS, id);
const calculate = { arguments: { expression: '1 + 1' } };

describe('headers', () => {
  it('tell the limits on every reply, and on a refusal when to come again', async () => {
    const key = await newKey('headers', undefined, { plan: 'free' });
    await freeze(keyObject(idOf(key)), NOON);
    const client = clientOf(key);
    const first = await client.post('/v1/tools/Calculate', calculate);
    expect(first.headers.get('ratelimit-policy')).toContain(
      '"requests";q=20;w=60, "units";q=80;w=60;qu="cost-units"',
    );
    expect(first.headers.get('ratelimit')).toContain('"requests";r=19;t=3');
    for (let time = 1; time < 20; time++) await client.post('/v1/tools/Calculate', calculate);

    const refused = await client.post('/v1/tools/Calculate', calculate);
    const header = (name: string) => refused.headers.get(name);
    expect([header('retry-after'), header('retry-after-ms'), header('x-should-retry')]).toEqual([
      '3',
      '3000',
      'true',
    ]);
    expect(header('ratelimit')).toBe('"requests";r=0;t=3');
    expect(await problemOf(refused, 429)).toMatchObject({
      code: 'rate_limited',
      'violated-policies': ['requests'],
    });
    // Reads have limits of their own, so a run can still be polled.
    expect((await client.send('/v1/limits')).headers.get('ratelimit')).toContain('"reads";r=239');
    await freeze(keyObject(idOf(key)), NOON + 3_000);
    expect((await client.post('/v1/tools/Calculate', calculate)).status).toBe(200);
  });

  it('an SDK is told not to try again when a quota is used up', async () => {
    const key = await newKey('quota', undefined, { plan: 'free' });
    // Of today and tomorrow, should midnight come between.
    await insideStub(keyObject(idOf(key)), ({ sql }) => {
      for (const day of [Date.now(), Date.now() + 86_400_000]) {
        const period = `day ${new Date(day).toISOString().slice(0, 10)}`;
        sql.exec('INSERT INTO spent (period, units, touched_at) VALUES (?, 200, ?)', period, Date.now());
      }
    });
    const refused = await clientOf(key).post('/v1/runs', {
      question: script(answer('x')),
      images: [pngInput],
      max_steps: 1,
    });
    expect(refused.headers.get('x-should-retry')).toBe('false');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(86_400);
    const problem = await problemOf(refused, 429);
    expect(problem).toMatchObject({ code: 'quota_exceeded', 'violated-policies': ['day'] });
    // What costs no unit still works.
    expect((await clientOf(key).post('/v1/tools/Calculate', calculate)).status).toBe(200);
  });
});

describe('a run', () => {
  const slow = {
    question: script(call('Calculate', { expression: '1' }, { delayMs: 300 }), answer('x', { delayMs: 300 })),
    images: [pngInput],
    background: true,
  };

  it('holds its place until it ends, and then costs what it used', async () => {
    const client = await newClient('places', { plan: 'free' });
    const replies = await Promise.all(Array.from({ length: 4 }, () => client.post('/v1/runs', slow)));
    expect(replies.map(({ status }) => status).sort()).toEqual([202, 202, 429, 429]);
    const stateOf = async () => {
      const { data } = limitsState.parse(await bodyOf(await client.send('/v1/limits')));
      return Object.fromEntries(data.map(({ name, remaining }) => [name, remaining]));
    };
    expect(await stateOf()).toMatchObject({ runs: 0, day: 200 - 16 });
    let steps = 0;
    for (const reply of replies.filter(({ status }) => status === 202)) {
      const { id } = (await reply.json()) as Run;
      const run = await bodyOf<Run>(await client.send(`/v1/runs/${id}`, { headers: { prefer: 'wait=20' } }));
      expect(run.finished_at).toBeDefined();
      steps += run.usage.steps;
    }
    expect(steps).toBeLessThan(16);
    await expect
      .poll(stateOf, { timeout: 20_000 })
      .toMatchObject({ runs: 2, day: 200 - steps, month: 4_000 - steps });
    expect((await client.post('/v1/runs', slow)).status).toBe(202);
  });

  it('that cannot begin costs nothing and holds nothing', async () => {
    const client = await newClient('stillborn', { plan: 'free' });
    const image = { type: 'image_id', image_id: `img_${'0'.repeat(64)}` };
    for (let time = 0; time < 5; time++)
      await problemOf(await client.post('/v1/runs', { ...slow, images: [image] }), 422);
    const { data } = limitsState.parse(await bodyOf(await client.send('/v1/limits')));
    expect(data).toContainEqual(expect.objectContaining({ name: 'runs', remaining: 2 }));
    expect(data).toContainEqual(expect.objectContaining({ name: 'day', remaining: 200 }));
  });

  it('has no more steps and images than the plan', async () => {
    const client = await newClient('plan-bounds', { plan: 'free' });
    const wishes = [{ max_steps: 9 }, { images: Array.from({ length: 5 }, () => pngInput) }];
    for (const wish of wishes) {
      const problem = await problemOf(await client.post('/v1/runs', { ...slow, ...wish }), 403);
      expect(problem).toMatchObject({ code: 'not_allowed', error: { param: Object.keys(wish)[0] } });
    }
  });
});

describe('before any key is looked at', () => {
  it('429 in place of 401 for an address with too many wrong keys; a right key still passes', async () => {
    const from = { 'cf-connecting-ip': '198.51.100.4' };
    await freeze(stubOf(settings.ADDRESSES, '198.51.100.4'), NOON);
    const wrong = () =>
      fetchEdge('/v1/tools', { headers: { authorization: `Bearer ${generateKey('live').key}`, ...from } });
    const statuses = [];
    for (let time = 0; time < 12; time++) statuses.push((await wrong()).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    expect((await wrong()).headers.get('retry-after')).toBe('6');
    expect((await (await newClient('right')).send('/v1/limits', { headers: from })).status).toBe(200);
    expect(
      (
        await fetchEdge('/v1/tools', {
          headers: { authorization: 'Bearer x', 'cf-connecting-ip': '198.51.100.5' },
        })
      ).status,
    ).toBe(401);
  });

  it.each([
    ['refuses', { limit: async () => ({ success: false }) }, '198.51.100.7', 429],
    ['lets this machine pass', { limit: async () => ({ success: false }) }, '127.0.0.1', 200],
    ['lets pass when it fails', { limit: () => Promise.reject(new Error('gone')) }, '198.51.100.7', 200],
  ])('the counter of addresses %s', async (_, ADDRESS_RATE, address, status) => {
    const request = new Request('https://edge.test/healthz', { headers: { 'cf-connecting-ip': address } });
    const reply = await createApp().fetch(request, { ...env, ADDRESS_RATE });
    expect((await checkReply('GET', '/healthz', reply)).status).toBe(status);
  });

  it('counts the addresses of one /64 together', async () => {
    const seen: string[] = [];
    const limit = async ({ key }: { key: string }) => ({ success: seen.push(key) > 0 });
    for (const address of ['2001:db8::1', '2001:db8::2']) {
      const request = new Request('https://edge.test/healthz', { headers: { 'cf-connecting-ip': address } });
      await checkReply(
        'GET',
        '/healthz',
        await createApp().fetch(request, { ...env, ADDRESS_RATE: { limit } }),
      );
    }
    expect(seen[0]).toBe('2001:db8::/64');
    expect(seen).toEqual([seen[0], seen[0]]);
  });
});

describe('a limiter that does not answer', () => {
  const gone = () => Promise.reject(new Error('gone'));
  const KEYS = {
    idFromName: (name: string) => name,
    get: () => ({ admit: gone, settle: gone, meters: gone, addToken: gone }),
  };
  const send = async (method: string, path: string, body?: string) => {
    const authorization = `Bearer ${await newKey('unlimited', undefined, { scopes: ['runs:write', 'tools', 'images', 'tokens:mint'] })}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const reply = await createApp().fetch(
      new Request(`https://edge.test${path}`, { method, headers, ...(body ? { body } : {}) }),
      { ...env, KEYS },
      createExecutionContext(),
    );
    return checkReply(method, path, reply);
  };

  it('lets reads pass', async () => {
    const reply = await send('GET', '/v1/tools');
    expect([reply.status, reply.headers.get('ratelimit')]).toEqual([200, null]);
  });

  it.each([
    ['/v1/tools/Calculate', JSON.stringify(calculate)],
    ['/v1/images', 'bytes'],
    ['/v1/client_tokens', '{"subject":"u"}'],
    ['/v1/runs', JSON.stringify({ question: script(answer('x')), images: [pngInput] })],
  ])('refuses work: POST %s', async (path, body) => {
    const reply = await send('POST', path, body);
    expect([reply.headers.get('retry-after'), reply.headers.get('x-should-retry')]).toEqual(['1', 'true']);
    expect(await problemOf(reply, 503)).toMatchObject({ code: 'limits_unavailable' });
  });
});
