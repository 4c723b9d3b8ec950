/** Keys: what each may reach, hand out and lose. The matrix is made from the table of routes itself. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '#edge/route';
import { routes } from '#edge/routes/index';
import { activeKey } from '#edge/storage/keys';
import { apiKey, createdKey, keyList } from '#shared/api/keys';
import { scope } from '#shared/scopes';
import {
  bodyOf,
  type Client,
  clientOf,
  fetchEdge,
  migrate,
  newClient,
  newKey,
  problemOf,
  settings,
} from './support.ts';

beforeAll(migrate);

const ALL = scope.options;
const admin = (tenant: string, grant = {}) => newClient(tenant, { scopes: ALL, ...grant });
const headers = { 'content-type': 'application/json' };
const idIn = (key: string) => key.split('_')[2] ?? '';

/** A request that gets past the guards and does no harm there. */
function probe(client: Client, { method, path }: Route): Promise<Response> {
  const to = path.replace(/:\w+/g, 'nothing');
  return client.send(to, { method, ...(method === 'GET' ? {} : { body: 'x' }) });
}

describe('the matrix of routes and scopes', () => {
  const guarded = routes.filter((route) => !route.isPublic);

  it('every route is public or names its scope', () => {
    expect(guarded.filter((route) => route.scope === undefined)).toEqual([]);
    expect(routes.filter((route) => route.isPublic).map((route) => route.path)).toEqual([
      '/healthz',
      '/readyz',
      '/openapi.json',
      '/docs',
    ]);
  });

  it.each(ALL)('a key with the scope %s reaches what names it, and nothing else', async (only) => {
    const client = await newClient('matrix', { scopes: [only] });
    for (const route of guarded) {
      const { status } = await probe(client, route);
      const isOpen = route.scope === only || route.scope === 'any';
      expect([route.method, route.path, status === 403], `${status}`).toEqual([
        route.method,
        route.path,
        !isOpen,
      ]);
      expect(status).not.toBe(401);
      expect(status).toBeLessThan(500);
    }
  });

  it('nobody gets past without a key', async () => {
    for (const { method, path } of guarded) {
      const response = await fetchEdge(path.replace(/:\w+/g, 'nothing'), { method });
      expect([path, response.status]).toEqual([path, 401]);
    }
  });

  it('403 names the scope that is missing', async () => {
    const client = await newClient('matrix', { scopes: ['runs:read'] });
    const response = await client.send('/v1/keys');
    expect(response.headers.get('www-authenticate')).toContain('keys:admin');
    expect(await problemOf(response, 403)).toMatchObject({ code: 'insufficient_scope' });
  });
});

describe('/v1/keys', () => {
  it('makes, shows, lists, changes and revokes; the secret is shown once', async () => {
    const client = await admin('own');
    const wish = { name: 'app', scopes: ['runs:read'], tools: ['OCR'], plan: 'pro', mode: 'test' };
    const response = await client.post('/v1/keys', wish);
    const made = createdKey.parse(await bodyOf(response, 201));
    expect(made).toMatchObject({ ...wish, status: 'active' });
    expect(response.headers.get('location')).toBe(`/v1/keys/${made.id}`);
    expect((await clientOf(made.key).send(`/v1/runs/run_${'0'.repeat(32)}`)).status).toBe(404);

    const shown = apiKey.parse(await bodyOf(await client.send(`/v1/keys/${made.id}`)));
    expect(JSON.stringify(shown)).not.toContain(made.key);
    const list = keyList.parse(await bodyOf(await client.send('/v1/keys')));
    expect(list.data).toContainEqual(shown);

    const patch = {
      method: 'PATCH',
      headers,
      body: JSON.stringify({ scopes: ['images'], clear: ['tools'] }),
    };
    const changed = apiKey.parse(await bodyOf(await client.send(`/v1/keys/${made.id}`, patch)));
    expect(changed).toMatchObject({ scopes: ['images'], name: 'app' });
    expect(changed.tools).toBeUndefined();
    await problemOf(await clientOf(made.key).send(`/v1/runs/run_${'0'.repeat(32)}`), 403);

    expect((await client.send(`/v1/keys/${made.id}`, { method: 'DELETE' })).status).toBe(204);
    await problemOf(await clientOf(made.key).send('/v1/images/x'), 401);
    expect(await bodyOf(await client.send(`/v1/keys/${made.id}`))).toMatchObject({ status: 'revoked' });
    expect(await problemOf(await client.send(`/v1/keys/${made.id}`, patch), 409)).toMatchObject({
      code: 'key_not_active',
    });
  });

  it('sets the pages and image hosts of a key; what is left out stays, and what is cleared is gone', async () => {
    const client = await admin('web-lists');
    const origins = ['http://localhost:3000', 'https://app.example.com'];
    const image_hosts = ['*.cdn.example.com'];
    const made = createdKey.parse(await bodyOf(await client.post('/v1/keys', { origins, image_hosts }), 201));
    expect(made).toMatchObject({ origins, image_hosts });
    const calling = (origin: string) => clientOf(made.key).send('/v1/tools', { headers: { origin } });
    const allowed = async (origin: string) =>
      (await calling(origin)).headers.get('access-control-allow-origin');
    expect(await allowed('https://app.example.com')).toBe('https://app.example.com');

    const patch = async (body: object) =>
      bodyOf(
        await client.send(`/v1/keys/${made.id}`, { method: 'PATCH', headers, body: JSON.stringify(body) }),
      );
    expect(await patch({ origins: ['https://new.example.com'] })).toMatchObject({
      origins: ['https://new.example.com'],
      image_hosts,
    });
    expect(await allowed('https://app.example.com')).toBeNull();
    expect(await allowed('https://new.example.com')).toBe('https://new.example.com');
    const cleared = apiKey.parse(await patch({ clear: ['origins', 'image_hosts'] }));
    expect([cleared.origins, cleared.image_hosts]).toEqual([undefined, undefined]);
    expect(await allowed('https://new.example.com')).toBeNull();
    const list = keyList.parse(await bodyOf(await client.send('/v1/keys')));
    expect(list.data.find(({ id }) => id === made.id)).toEqual(apiKey.parse(cleared));
  });

  it('404: the key of another tenant, over every method', async () => {
    const theirs = idIn(await newKey('theirs'));
    const client = await admin('mine');
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', '{}'],
      ['DELETE', '', undefined],
      ['POST', '/rotate', '{}'],
    ] as const) {
      const response = await client.send(`/v1/keys/${theirs}${path}`, {
        method,
        ...(body ? { body, headers } : {}),
      });
      expect(await problemOf(response, 404)).toMatchObject({ code: 'not_found' });
    }
    const list = keyList.parse(await bodyOf(await client.send('/v1/keys')));
    expect(list.data.map((key) => key.id)).not.toContain(theirs);
    expect((await activeKey(settings.DB, theirs, Date.now()))?.id).toBe(theirs);
  });

  const beyond: ReadonlyArray<[string, object, string]> = [
    ['a scope that it lacks', { scopes: ['usage:read'] }, 'scopes.0'],
    ['a higher plan', { plan: 'enterprise' }, 'plan'],
    ['a tool outside of its list', { tools: ['OCR', 'Crop'] }, 'tools.1'],
    ['all tools', { tools: undefined }, 'tools'],
    ['another address', { addresses: ['0.0.0.0/0'] }, 'addresses.0'],
    ['a longer life', { expires_at: '2999-01-01T00:00:00Z' }, 'expires_at'],
    ['a life without end', { expires_at: undefined }, 'expires_at'],
  ];
  it.each(beyond)('403: a key does not hand out %s', async (_, wish, path) => {
    const expiresAt = Date.now() + 60_000;
    const grant = {
      scopes: ['keys:admin', 'images'],
      plan: 'pro',
      tools: ['OCR'],
      addresses: ['192.0.2.0/24'],
    } as const;
    const client = clientOf(await newKey('bounded', expiresAt, grant));
    const fine = {
      scopes: ['images'],
      tools: ['OCR'],
      addresses: ['192.0.2.0/24'],
      expires_at: new Date(expiresAt).toISOString(),
    };
    const from = { 'cf-connecting-ip': '192.0.2.7' };
    await bodyOf(await client.post('/v1/keys', fine, from), 201);
    const problem = await problemOf(await client.post('/v1/keys', { ...fine, ...wish }, from), 403);
    expect(problem).toMatchObject({ code: 'not_allowed', error: { param: path } });
  });

  it('403: nor does it take more by rotating a key that has more, or by changing itself', async () => {
    const tenant = 'ladder';
    const strong = idIn(await newKey(tenant, undefined, { scopes: ALL, plan: 'enterprise' }));
    const key = await newKey(tenant, undefined, { scopes: ['keys:admin'], plan: 'free' });
    const client = clientOf(key);
    await problemOf(await client.post(`/v1/keys/${strong}/rotate`, {}), 403);
    for (const change of [{ plan: 'pro' }, { scopes: ['keys:admin', 'runs:write'] }]) {
      const patch = { method: 'PATCH', headers, body: JSON.stringify(change) };
      await problemOf(await client.send(`/v1/keys/${idIn(key)}`, patch), 403);
    }
  });

  it.each([
    ['an unknown scope', { scopes: ['root'] }, 'scopes.0'],
    ['no scope', { scopes: [] }, 'scopes'],
    ['an unknown tool', { tools: ['rm'] }, 'tools.0'],
    ['an address that is none', { addresses: ['300.1.1.1'] }, 'addresses.0'],
    ['a time that has passed', { expires_at: '2001-01-01T00:00:00Z' }, 'expires_at'],
    ['another tenant', { tenant: 'theirs' }, ''],
    [
      'a page with a path',
      { origins: ['https://ok.example.com', 'https://app.example.com/path'] },
      'origins.1',
    ],
    ['a wildcard of all pages', { origins: ['*'] }, 'origins.0'],
    ['a host with a scheme', { image_hosts: ['https://x.example.com'] }, 'image_hosts.0'],
    ['a wildcard of all hosts', { image_hosts: ['*'] }, 'image_hosts.0'],
    [
      'an App Check issuer without TLS',
      { app_check: { issuer: 'http://x.test', audience: 'a' } },
      'app_check.issuer',
    ],
  ])('422: %s', async (_, wish, path) => {
    const client = await admin('faults');
    expect((await problemOf(await client.post('/v1/keys', wish), 422)).error.param).toBe(path);
  });

  it('429: no more valid keys than the plan has, also when they are asked for at once', async () => {
    const client = await admin('many', { plan: 'free' });
    const replies = await Promise.all(
      Array.from({ length: 12 }, () => client.post('/v1/keys', { scopes: ['images'] })),
    );
    const statuses = replies.map((reply) => reply.status).sort();
    expect(statuses).toEqual([
      ...Array.from({ length: 4 }, () => 201),
      ...Array.from({ length: 8 }, () => 429),
    ]);
  });
});

describe('restrictions of a key', () => {
  it('addresses: only from the listed ranges, and from nowhere when no address is known', async () => {
    const client = await newClient('addresses', { addresses: ['203.0.113.0/24', '2001:db8::/32'] });
    const statusFrom = async (address?: string) =>
      (
        await client.send(
          '/v1/tools',
          address === undefined ? {} : { headers: { 'cf-connecting-ip': address } },
        )
      ).status;
    expect(await statusFrom('203.0.113.9')).toBe(200);
    expect(await statusFrom('::ffff:203.0.113.9')).toBe(200);
    expect(await statusFrom('2001:db8:1::1')).toBe(200);
    expect(await statusFrom('203.0.114.9')).toBe(403);
    expect(await statusFrom('2001:db9::1')).toBe(403);
    expect(await statusFrom()).toBe(403);
  });

  it('tools: others are refused when they are named', async () => {
    const client = await newClient('one-tool', { tools: ['OCR'] });
    const named = await client.post('/v1/tools/Calculate', { arguments: { expression: '1' } });
    expect(await problemOf(named, 403)).toMatchObject({ code: 'not_allowed' });
    const run = await client.post('/v1/runs', {
      question: 'x',
      images: [{ type: 'image_id', image_id: `img_${'0'.repeat(64)}` }],
      tools: ['Crop'],
    });
    expect(await problemOf(run, 403)).toMatchObject({ code: 'not_allowed' });
  });
});
