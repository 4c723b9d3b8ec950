/** Tokens in apps: what they may, what ends them, and the forgeries that must not pass. */
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { stubOf } from '#edge/keys/rpc';
import { routes } from '#edge/routes/index';
import { hmacHex } from '#edge/storage/digest';
import { revokeKey } from '#edge/storage/keys';
import type { Run } from '#shared/api';
import { type ClientToken, clientToken } from '#shared/api/client-tokens';
import { clientScope, scope } from '#shared/scopes';
import {
  answer,
  bodyOf,
  type Client,
  clientOf,
  freeze,
  idOf,
  migrate,
  newKey,
  pngInput,
  problemOf,
  script,
  settings,
  upload,
} from './support.ts';

let key: string;
let server: Client;
beforeAll(async () => {
  await migrate();
  key = await newKey('apps', undefined, { scopes: scope.options });
  server = clientOf(key);
});

const mint = async (wish: object = {}, by: Client = server): Promise<ClientToken> =>
  clientToken.parse(await bodyOf(await by.post('/v1/client_tokens', { subject: 'user-1', ...wish }), 201));
const runBody = { question: script(answer('x')), images: [pngInput], max_steps: 2 };

describe('POST /v1/client_tokens', () => {
  it('gives a token of ten minutes that can ask a question with a photo', async () => {
    const made = await mint();
    expect(Date.parse(made.expires_at) - Date.now()).toBeGreaterThan(590_000);
    expect(Date.parse(made.expires_at) - Date.now()).toBeLessThanOrEqual(600_000);
    const app = clientOf(made.token);
    await upload(app);
    expect(await bodyOf<Run>(await app.post('/v1/runs', runBody))).toMatchObject({ status: 'succeeded' });
  });

  it.each([
    ['no subject', { subject: undefined }],
    ['59 seconds', { ttl: 59 }],
    ['more than an hour', { ttl: 3_601 }],
    ['an administrator', { scopes: ['keys:admin'] }],
    ['a minter', { scopes: ['tokens:mint'] }],
    ['a cap of nothing', { max_runs: 0 }],
  ])('422: %s', async (_, wish) => {
    await problemOf(await server.post('/v1/client_tokens', { subject: 'u', ...wish }), 422);
  });

  it('403: a scope that the key lacks', async () => {
    const narrow = clientOf(await newKey('apps', undefined, { scopes: ['tokens:mint', 'runs:read'] }));
    await mint({ scopes: ['runs:read'] }, narrow);
    await problemOf(await narrow.post('/v1/client_tokens', { subject: 'u', scopes: ['images'] }), 403);
  });
});

describe('a client token', () => {
  it('reaches exactly the routes of its scopes, and never those that make or show credentials', async () => {
    for (const only of clientScope.options) {
      const app = clientOf((await mint({ scopes: [only] })).token);
      for (const { method, path, isPublic, scope: needed } of routes) {
        if (isPublic) continue;
        const to = path.replace(/:\w+/g, 'nothing');
        const { status } = await app.send(to, { method, ...(method === 'GET' ? {} : { body: 'x' }) });
        expect([only, method, path, status === 403]).toEqual([
          only,
          method,
          path,
          needed !== only && needed !== 'any',
        ]);
      }
    }
    const all = clientOf((await mint({ scopes: clientScope.options })).token);
    for (const path of ['/v1/keys', '/v1/client_tokens'])
      await problemOf(await all.post(path, { subject: 'u' }), 403);
    await problemOf(await all.send('/v1/usage'), 403);
  }, 240_000);

  it('has its runs and no more, however many ask at once; it is told not to try again', async () => {
    const app = clientOf((await mint({ max_runs: 3 })).token);
    const replies = await Promise.all(Array.from({ length: 12 }, () => app.post('/v1/runs', runBody)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(3);
    const [refused] = replies.filter(({ status }) => status === 429);
    if (!refused) throw new Error('nobody was refused');
    expect(refused.headers.get('x-should-retry')).toBe('false');
    expect(await problemOf(refused, 429)).toMatchObject({
      code: 'quota_exceeded',
      'violated-policies': ['token-runs'],
    });
  });

  it('has its cost units and no more', async () => {
    const app = clientOf((await mint({ max_cost: 2, scopes: ['images', 'runs:write'] })).token);
    await upload(app);
    await problemOf(await app.post('/v1/runs', runBody), 429);
    await upload(app);
    await problemOf(await app.send('/v1/images', { method: 'POST', body: 'x' }), 429);
  });

  it('ends when it is revoked, when its key is, and at its time', async () => {
    const made = await mint({ scopes: ['tools'] });
    const app = clientOf(made.token);
    expect((await app.send('/v1/tools')).status).toBe(200);
    expect((await server.send(`/v1/client_tokens/${made.id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await problemOf(await app.send('/v1/tools'), 401)).toMatchObject({ code: 'expired_token' });
    await problemOf(await server.send(`/v1/client_tokens/${made.id}`, { method: 'DELETE' }), 404);

    const other = await newKey('apps', undefined, { scopes: scope.options });
    const orphan = clientOf((await mint({ scopes: ['tools'] }, clientOf(other))).token);
    expect((await orphan.send('/v1/tools')).status).toBe(200);
    await revokeKey(settings.DB, idOf(other), Date.now());
    await problemOf(await orphan.send('/v1/tools'), 401);

    const late = await newKey('apps', undefined, { scopes: scope.options });
    const old = clientOf((await mint({ scopes: ['tools'] }, clientOf(late))).token);
    await freeze(stubOf(settings.KEYS, idOf(late)), Date.now() + 601_000);
    await problemOf(await old.send('/v1/tools'), 401);
  });

  it('loses what its key loses', async () => {
    const weak = await newKey('apps', undefined, { scopes: ['tokens:mint', 'tools', 'images'] });
    const app = clientOf((await mint({ scopes: ['tools'] }, clientOf(weak))).token);
    await settings.DB.prepare(`UPDATE api_keys SET scopes = '["tokens:mint"]' WHERE id = ?`)
      .bind(idOf(weak))
      .run();
    await problemOf(await app.send('/v1/tools'), 403);
  });

  it('sees the runs and images of its own subject alone', async () => {
    const [ann, ann2, bob] = await Promise.all([
      mint({ subject: 'ann' }),
      mint({ subject: 'ann' }),
      mint({ subject: 'bob' }),
    ]);
    const image = await upload(clientOf(ann.token));
    const run = await bodyOf<Run>(await clientOf(ann.token).post('/v1/runs', runBody));
    for (const path of [`/v1/images/${image.id}`, `/v1/runs/${run.id}`, `/v1/runs/${run.id}/events`]) {
      expect((await clientOf(ann2.token).send(path)).status).toBe(200);
      await problemOf(await clientOf(bob.token).send(path), 404);
      await problemOf(await server.send(path), 404);
    }
  });
});

describe('forged client tokens: 401', () => {
  const NOW_S = Math.floor(Date.now() / 1000);
  const caps = { scopes: ['tools'], max_runs: 1, max_cost: 1 };
  const secret = async (id: string, root = settings.BACKEND_SECRET) =>
    new TextEncoder().encode(await hmacHex(root, `client-token/${id}`));
  const claims = {
    ...caps,
    iss: 'taco-edge',
    aud: 'taco-edge/v1',
    sub: 'u',
    jti: `ct_${'0'.repeat(32)}`,
    iat: NOW_S,
    exp: NOW_S + 600,
  };
  const head = () => ({ alg: 'HS256', typ: 'taco-client+jwt', kid: idOf(key) });
  const signed = async (body: object, header: object = {}, by?: Uint8Array) =>
    new SignJWT({ ...body })
      .setProtectedHeader({ ...head(), ...header })
      .sign(by ?? (await secret(idOf(key))));

  const forgeries: ReadonlyArray<[string, () => Promise<string>]> = [
    ['alg none', async () => new UnsecuredJWT({ ...claims }).encode()],
    [
      'alg none with our type',
      async () =>
        (await signed(claims)).replace(
          /^[^.]+/,
          btoa(JSON.stringify({ ...head(), alg: 'none' })).replace(/=+$/, ''),
        ),
    ],
    [
      'alg none without a signature',
      async () =>
        `${btoa(JSON.stringify({ ...head(), alg: 'none' })).replace(/=+$/, '')}.${(await signed(claims)).split('.')[1]}.`,
    ],
    [
      'RS256 by a key of its own',
      async () =>
        new SignJWT({ ...claims })
          .setProtectedHeader({ ...head(), alg: 'RS256' })
          .sign((await generateKeyPair('RS256')).privateKey),
    ],
    ['another secret', async () => signed(claims, {}, await secret(idOf(key), 'a guess of a secret'))],
    ['the secret of another key', async () => signed(claims, {}, await secret('AAAAAAAA'))],
    ['another kid', async () => signed(claims, { kid: 'AAAAAAAA' })],
    ['a jku header', async () => signed(claims, { jku: 'https://evil.test/jwks' })],
    ['a jwk header', async () => signed(claims, { jwk: { kty: 'oct', k: 'AAAA' } })],
    ['another type', async () => signed(claims, { typ: 'JWT' })],
    ['a past end', async () => signed({ ...claims, iat: NOW_S - 700, exp: NOW_S - 100 })],
    ['an end in ten years', async () => signed({ ...claims, exp: NOW_S + 315_360_000 })],
    ['a beginning in the future', async () => signed({ ...claims, iat: NOW_S + 3_000, exp: NOW_S + 3_600 })],
    ['no end', async () => signed({ ...claims, exp: undefined })],
    ['another audience', async () => signed({ ...claims, aud: 'other' })],
    ['another issuer', async () => signed({ ...claims, iss: 'other' })],
    ['a scope that no client has', async () => signed({ ...claims, scopes: ['keys:admin'] })],
    ['a claim too many', async () => signed({ ...claims, tenant: 'other' })],
    ['a good signature, but never booked', async () => signed(claims)],
    ['a cut signature', async () => (await signed(claims)).slice(0, -2)],
    ['no JSON', async () => 'a.b.c'],
  ];
  it.each(forgeries)('%s', async (_, forge) => {
    const token = await forge();
    const problem = await problemOf(await clientOf(token).send('/v1/tools'), 401);
    expect(problem.error.type).toBe('authentication_error');
    expect(JSON.stringify(problem)).not.toContain(token);
  });
});
