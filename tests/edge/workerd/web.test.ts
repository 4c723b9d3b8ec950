/** Images by URL and by form, webhooks, CORS, ETag: what a key lets happen on the web. */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, it } from 'vitest';
import { allowImageHosts, allowOrigins } from '#edge/storage/key-web';
import type { Image, Run } from '#shared/api';
import { type WebhookSecret, webhookEvent } from '#shared/api/webhook';
import type { EgressDelivery } from '#shared/contract';
import { WEBHOOK_ATTEMPTS_MAX } from '#shared/limits';
import { REFUSED_URLS } from '../../shared/egress-corpus.ts';
import {
  answer,
  bodyOf,
  type Client,
  call,
  clientOf,
  fetchEdge,
  insideObject,
  migrate,
  newClient,
  newKey,
  objectOf,
  ocrRun,
  PNG,
  pngInput,
  problemOf,
  script,
  settings,
  upload,
} from './support.ts';

const TENANT = 'web';
let key: string;
let client: Client;
const idOf = (of: string) => of.split('_')[2] ?? '';
beforeAll(async () => {
  await migrate();
  key = await newKey(TENANT);
  client = clientOf(key);
  await allowImageHosts(settings.DB, idOf(key), ['photos.test', '*.cdn.test', 'nowhere.test']);
});

const images = [pngInput];
const body = { question: ocrRun(), images };

describe('POST /v1/images', () => {
  const form = (...parts: Array<[string, string | Blob]>) => {
    const data = new FormData();
    for (const [name, value] of parts) data.append(name, value);
    return data;
  };
  const send = (what: BodyInit, headers: Record<string, string> = {}) =>
    client.send('/v1/images', { method: 'POST', body: what, headers });
  const file = () => new Blob([PNG], { type: 'image/png' });

  it('takes a form, base64, a data URL and a URL: the same bytes have the same id', async () => {
    const { id } = await upload(client);
    const replies = [
      await send(form(['note', 'mine'], ['photo', file()])),
      await client.post('/v1/images', pngInput),
      await client.post('/v1/images', { ...pngInput, data: `data:image/png;base64,${pngInput.data}` }),
    ];
    for (const reply of replies) expect((await bodyOf<Image>(reply, 201)).id).toBe(id);
    const fetched = await client.post('/v1/images', { type: 'url', url: 'https://photos.test/photo.png' });
    expect(await bodyOf<Image>(fetched, 201)).toMatchObject({ width: 5, height: 4, media_type: 'image/png' });
  });

  const bad: ReadonlyArray<[string, () => [BodyInit, string?]]> = [
    ['no boundary', () => ['--x\r\n', 'multipart/form-data']],
    ['another boundary', () => ['--x\r\n\r\n--x--', 'multipart/form-data; boundary=y']],
    [
      'cut short',
      () => [
        '--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\nabc',
        'multipart/form-data; boundary=x',
      ],
    ],
    ['no file', () => [form(['note', 'mine'])]],
    ['two files', () => [form(['a', file()], ['b', file()])]],
    [
      '1,000 files',
      () => [form(...Array.from({ length: 1_000 }, (_, n): [string, Blob] => [`f${n}`, new Blob(['x'])]))],
    ],
    ['nothing', () => ['', 'multipart/form-data; boundary=x']],
  ];
  it.each(bad)('400 invalid_multipart: %s', async (_, make) => {
    const [what, type] = make();
    const reply = await send(what, type === undefined ? {} : { 'content-type': type });
    expect(await problemOf(reply, 400)).toMatchObject({ code: 'invalid_multipart' });
  });

  it('415: a form whose file is no image', async () => {
    const reply = await send(form(['photo', new Blob(['hello'], { type: 'image/png' })]));
    expect(await problemOf(reply, 415)).toMatchObject({ code: 'unsupported_media_type' });
  });

  it.each([
    ['another type in the data URL', { ...pngInput, data: `data:image/jpeg;base64,${pngInput.data}` }],
    ['another type than the bytes', { ...pngInput, media_type: 'image/jpeg' }],
    [
      'another type, twice',
      { ...pngInput, media_type: 'image/jpeg', data: `data:image/jpeg;base64,${pngInput.data}` },
    ],
    [
      'a nested data URL',
      { ...pngInput, data: `data:image/png;base64,data:image/png;base64,${pngInput.data}` },
    ],
    ['a data URL without base64', { ...pngInput, data: 'data:image/png,abc' }],
    ['a data URL without a comma', { ...pngInput, data: 'data:image/png;base64' }],
    ['an empty data URL', { ...pngInput, data: 'data:image/png;base64,' }],
    ['no base64', { ...pngInput, data: '!!!!' }],
    ['an id', { type: 'image_id', image_id: `img_${'0'.repeat(64)}` }],
    ['a list', [pngInput]],
  ])('422: %s', async (_, what) => {
    await problemOf(await client.post('/v1/images', what), 422);
  });
});

describe('an image URL', () => {
  const run = (by: Client, url: string) => by.post('/v1/runs', { ...body, images: [{ type: 'url', url }] });

  it('is fetched for a run and kept for the tenant', async () => {
    const done = await bodyOf<Run>(await run(client, 'https://a.b.cdn.test/photo.png'));
    expect(done).toMatchObject({ status: 'succeeded', answer: '7.10' });
    expect((await client.send(`/v1/images/${done.images[0]}`)).status).toBe(200);
  });

  it.each([
    ['of a host that the key does not list', 'https://other.test/photo.png'],
    ['of a host that leads into a private network', 'https://nowhere.test/photo.png'],
  ])('422 url_not_allowed: %s', async (_, url) => {
    expect(await problemOf(await run(client, url), 422)).toMatchObject({
      code: 'url_not_allowed',
      errors: [{ path: 'images.0.url' }],
    });
  });

  it('422 url_not_allowed: by default, of any host', async () => {
    const problem = await problemOf(await run(await newClient(TENANT), 'https://photos.test/photo.png'), 422);
    expect(problem.code).toBe('url_not_allowed');
  });

  it('422 url_unreachable: where there is none', async () => {
    const problem = await problemOf(await run(client, 'https://photos.test/none.png'), 422);
    expect(problem).toMatchObject({ code: 'url_unreachable', errors: [{ path: 'images.0.url' }] });
  });

  it(`422 url_not_allowed: ${REFUSED_URLS.length} URLs, as image and as webhook`, async () => {
    for (const url of REFUSED_URLS) {
      const replies = [run(client, url), client.post('/v1/runs', { ...body, webhook_url: url })];
      for (const reply of await Promise.all(replies)) {
        expect([url, (await problemOf(reply, 422)).code]).toEqual([url, 'url_not_allowed']);
      }
    }
  });
});

describe('a webhook', () => {
  const delivered = async (path: string): Promise<EgressDelivery[]> =>
    (await fetch(`${settings.BACKEND_URLS[0]}/_deliveries?path=${path}`)).json();
  const until = async (path: string, count: number): Promise<EgressDelivery[]> => {
    for (let wait = 0; wait < 400; wait++) {
      const all = await delivered(path);
      if (all.length >= count) return all;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${path} was not delivered ${count} times`);
  };
  const start = (path: string, question = ocrRun()) =>
    client
      .post('/v1/runs', { question, images, webhook_url: `https://hooks.test${path}` })
      .then((reply) => bodyOf<Run>(reply));
  const secret = async (path: string, by: Client = client) => {
    const url = encodeURIComponent(`https://hooks.test${path}`);
    return (await bodyOf<WebhookSecret>(await by.send(`/v1/webhooks/secret?url=${url}`))).secret;
  };

  it('tells the end of the run, signed so that a Standard Webhooks library verifies it', async () => {
    const run = await start('/once');
    const [delivery] = await until('/once', 1);
    const known = await secret('/once');
    expect(await secret('/once?run=1')).toBe(known);
    const verified = new Webhook(known).verify(delivery?.body ?? '', delivery?.headers ?? {});
    const { images: _, steps: __, ...summary } = run;
    expect(webhookEvent.parse(verified)).toEqual({
      type: 'run.completed',
      timestamp: run.finished_at,
      data: summary,
    });
    expect(delivery?.headers['webhook-id']).toBe(`msg_${run.id}`);
    const forged = (delivery?.body ?? '').replace('7.10', '9.10');
    expect(() => new Webhook(known).verify(forged, delivery?.headers ?? {})).toThrow();
    const stranger = await secret('/once', await newClient(TENANT));
    // Nor does another key's secret of this endpoint verify it, or this key's of another endpoint.
    for (const other of [stranger, await secret('/twice'), await secret('/once/')]) {
      expect(() => new Webhook(other).verify(delivery?.body ?? '', delivery?.headers ?? {})).toThrow();
    }
  });

  it('is tried again until it is taken, each time under the same id', async () => {
    await start('/fails-2/x');
    const all = await until('/fails-2/x', 3);
    expect(new Set(all.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await delivered('/fails-2/x')).toHaveLength(3);
  });

  it('is not tried again where the receiver is gone', async () => {
    const run = await start('/gone/x');
    await until('/gone/x', 1);
    for (let wait = 0; (await runDurableObjectAlarm(objectOf(TENANT, run.id))) && wait < 3; wait++);
    expect(await delivered('/gone/x')).toHaveLength(1);
  });

  it('tells of a run that failed, and of one that was canceled', async () => {
    await start('/failed', script(answer('x', { fault: 'unavailable', times: 99 })));
    expect(webhookEvent.parse(JSON.parse((await until('/failed', 1))[0]?.body ?? '')).type).toBe(
      'run.failed',
    );
    const going = await bodyOf<Run>(
      await client.post('/v1/runs', {
        question: script(call('OCR', { image: 'image-0' }, { delayMs: 800 }), answer('x')),
        images,
        webhook_url: 'https://hooks.test/canceled',
        background: true,
      }),
      202,
    );
    await client.post(`/v1/runs/${going.id}/cancel`, {});
    expect(webhookEvent.parse(JSON.parse((await until('/canceled', 1))[0]?.body ?? '')).type).toBe(
      'run.canceled',
    );
  });

  it('is signed with both secrets after a rotation', async () => {
    const [before, elsewhere] = [await secret('/rotated'), await secret('/elsewhere')];
    const url = 'https://hooks.test/rotated';
    const { secret: after, endpoint } = await bodyOf<WebhookSecret>(
      await client.post('/v1/webhooks/secret/rotate', { url }),
    );
    expect(endpoint).toBe(url);
    expect(after).not.toBe(before);
    expect([await secret('/rotated'), await secret('/elsewhere')]).toEqual([after, elsewhere]);
    await start('/rotated');
    const [delivery] = await until('/rotated', 1);
    for (const each of [before, after]) {
      expect(() => new Webhook(each).verify(delivery?.body ?? '', delivery?.headers ?? {})).not.toThrow();
    }
  });

  it('stops after the last attempt, and the run is forgotten at its time', async () => {
    const run = await start('/fails-99/x');
    await until('/fails-99/x', 1);
    await insideObject(TENANT, run.id, (storage) => {
      storage.sql.exec('UPDATE run SET webhook_attempts = ?, webhook_at = 1', WEBHOOK_ATTEMPTS_MAX - 1);
    });
    const stateOf = () =>
      insideObject(TENANT, run.id, ({ sql }) =>
        sql.exec('SELECT webhook_attempts, webhook_at FROM run').one(),
      );
    await runDurableObjectAlarm(objectOf(TENANT, run.id));
    const last = { webhook_attempts: WEBHOOK_ATTEMPTS_MAX, webhook_at: null };
    expect(await stateOf()).toEqual(last);
    const { length } = await delivered('/fails-99/x');
    await runDurableObjectAlarm(objectOf(TENANT, run.id));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await stateOf()).toEqual(last);
    expect(await delivered('/fails-99/x')).toHaveLength(length);
    const alarm = await insideObject(TENANT, run.id, (storage) => storage.getAlarm());
    expect(alarm).toBe(Date.parse(run.expires_at));
  });

  it('422: an endpoint that no webhook could go to has no secret', async () => {
    for (const query of ['', '?url=x', '?url=http%3A%2F%2Fhooks.test', '?url=https%3A%2F%2F10.0.0.1%2F']) {
      expect(await problemOf(await client.send(`/v1/webhooks/secret${query}`), 422)).toMatchObject({
        errors: [{ path: 'url' }],
      });
    }
  });

  it('422: where its host leads into a private network, before anything is started', async () => {
    const reply = await client.post('/v1/runs', { ...body, webhook_url: 'https://nowhere.test/x' });
    expect(await problemOf(reply, 422)).toMatchObject({
      code: 'url_not_allowed',
      errors: [{ path: 'webhook_url' }],
    });
  });
});

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
