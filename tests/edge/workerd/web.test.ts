/** What pages on the web may do with a key (CORS), and what clients may keep (ETag). */
import { beforeAll, describe, expect, it } from 'vitest';
import { allowOrigins } from '#edge/storage/key-web';
import type { Run } from '#shared/api';
import {
  answer,
  bodyOf,
  type Client,
  call,
  clientOf,
  fetchEdge,
  idOf,
  migrate,
  newClient,
  newKey,
  ocrRun,
  pngInput,
  problemOf,
  script,
  settings,
} from './support.ts';

const TENANT = 'web';
let key: string;
let client: Client;
beforeAll(async () => {
  await migrate();
  key = await newKey(TENANT);
  client = clientOf(key);
});

const images = [pngInput];
const body = { question: ocrRun(), images };

describe('CORS', () => {
  const APP = 'https://app.example.com';
  const preflight = (origin: string) =>
    fetchEdge('/v1/runs', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
  beforeAll(() => allowOrigins(settings.DB, idOf(key), [APP]));

  it('lets a page call whose origin the key lists', async () => {
    const { status, headers } = await preflight(APP);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(APP);
    expect(headers.get('access-control-allow-headers')).toContain('idempotency-key');
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    const reply = await client.post('/v1/runs', body, { origin: APP });
    expect(reply.headers.get('access-control-allow-origin')).toBe(APP);
    expect(reply.headers.get('access-control-expose-headers')).toContain('x-request-id');
    expect(reply.headers.get('vary')).toContain('origin');
    await reply.text();
  });

  it('lets the SDKs and apps of a page send and read what they need', async () => {
    const { headers } = await preflight(APP);
    const sent = headers.get('access-control-allow-headers')?.split(', ');
    for (const name of [
      'x-key-id',
      'x-app-instance',
      'x-stainless-retry-count',
      'x-stainless-os',
      'if-match',
    ])
      expect(sent).toContain(name);
    const reply = await client.send('/v1/models', { headers: { origin: APP } });
    const exposed = reply.headers.get('access-control-expose-headers')?.split(', ') ?? [];
    for (const name of ['retry-after-ms', 'x-should-retry', 'www-authenticate'])
      expect(exposed).toContain(name);
    const told = [...reply.headers.keys()].filter((name) => /^(x-ratelimit|ratelimit|openai)-/.test(name));
    for (const name of told) expect(exposed).toContain(name);
    await reply.text();
  });

  it('lets it read why it was refused', async () => {
    const refused = await fetchEdge('/v1/tools', { headers: { origin: APP } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, APP]);
    const missing = await client.send('/v1/runs/run_0', { headers: { origin: APP } });
    expect([missing.status, missing.headers.get('access-control-allow-origin')]).toEqual([404, APP]);
  });

  it.each([
    'https://evil.test',
    'null',
    'https://app.example.com.evil.test',
    'http://app.example.com',
    `https://${'x'.repeat(400)}`,
  ])('grants nothing to %s', async (origin) => {
    for (const reply of [await preflight(origin), await client.send('/v1/tools', { headers: { origin } })]) {
      expect(reply.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('grants nothing to a listed page that calls with another key', async () => {
    const reply = await (await newClient(TENANT)).send('/v1/tools', { headers: { origin: APP } });
    expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });

  it('refuses to list what is no origin', async () => {
    for (const origin of ['*', 'null', 'app.example.com', 'https://a.com/', 'http://a.com']) {
      await expect(allowOrigins(settings.DB, idOf(key), [origin])).rejects.toThrow('an origin');
    }
  });
});

describe('what may be kept', () => {
  it('a run that has ended, and the tools: 304 while they are the same', async () => {
    const run = await bodyOf<Run>(await client.post('/v1/runs', body));
    for (const path of [`/v1/runs/${run.id}`, '/v1/tools']) {
      const first = await client.send(path);
      const etag = first.headers.get('etag') ?? '';
      expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
      expect(first.headers.get('cache-control')).toBe('private, no-cache');
      await first.text();
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`]) {
        const again = await client.send(path, { headers: { 'if-none-match': known } });
        expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
      }
      expect((await client.send(path, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    }
    const stranger = await newClient('web-stranger');
    const etag = (await client.send(`/v1/runs/${run.id}`)).headers.get('etag') ?? '';
    await problemOf(await stranger.send(`/v1/runs/${run.id}`, { headers: { 'if-none-match': etag } }), 404);
  });

  it('nothing else', async () => {
    const slow = script(call('OCR', { image: 'image-0' }, { delayMs: 500 }), answer('x'));
    const going = await client.post('/v1/runs', { question: slow, images, background: true });
    const path = going.headers.get('location') ?? '';
    const paths = [
      path,
      '/v1/runs',
      '/v1/webhooks/secret?url=https%3A%2F%2Fhooks.test%2F',
      '/v1/nothing',
      '/healthz',
    ];
    for (const reply of [going, ...(await Promise.all(paths.map((at) => client.send(at))))]) {
      expect([reply.url, reply.headers.get('cache-control')]).toEqual([reply.url, 'no-store']);
      expect(reply.headers.get('etag')).toBeNull();
    }
  });

  it('server-timing says where the time went', async () => {
    const reply = await client.post('/v1/runs', body);
    expect(reply.headers.get('server-timing')).toMatch(
      /^planner;dur=\d+, tools;dur=\d+, run;dur=\d+, edge;dur=\d+$/,
    );
    expect((await client.send('/v1/nothing')).headers.get('server-timing')).toMatch(/^edge;dur=\d+$/);
  });
});
