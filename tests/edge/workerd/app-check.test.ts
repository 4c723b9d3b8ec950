/** Apps that Firebase App Check attests, from a local issuer. */
import { SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyAppCheck } from '#edge/tokens/app-check';
import type { Run } from '#shared/api';
import { appCheck } from '#shared/api/keys';
import { scope } from '#shared/scopes';
import {
  answer,
  bodyOf,
  clientOf,
  idOf,
  migrate,
  newKey,
  pngInput,
  problemOf,
  script,
  settings,
} from './support.ts';

let key: string;
beforeAll(async () => {
  await migrate();
  key = await newKey('apps', undefined, { scopes: scope.options });
});

const runBody = { question: script(answer('x')), images: [pngInput], max_steps: 2 };

describe('Firebase App Check, from a local issuer', () => {
  const issuer = new URL(settings.APP_CHECK_JWKS_URL).origin;
  const config = appCheck.parse({ issuer: 'https://firebaseappcheck.test/123', audience: 'projects/123' });
  const now = () => Math.floor(Date.now() / 1000);
  const issue = async (more: object = {}, kid = 'first'): Promise<string> => {
    const claims = {
      iss: config.issuer,
      aud: ['projects/123', 'projects/name'],
      sub: '1:123:ios:abc',
      iat: now(),
      exp: now() + 3_600,
      ...more,
    };
    const query = new URLSearchParams({ claims: JSON.stringify(claims), kid });
    return (await fetch(`${issuer}/sign?${query}`)).text();
  };
  let app: string;
  beforeAll(async () => {
    app = await newKey('attested', undefined, { appCheck: config });
  });
  const send = (token: string, headers: Record<string, string> = {}) =>
    clientOf(token).send('/v1/tools', {
      headers: { 'x-key-id': idOf(app), 'x-app-instance': 'installation-0001', ...headers },
    });

  it('lets the app in, with the scopes of a client', async () => {
    const token = await issue();
    expect((await send(token)).status).toBe(200);
    const headers = { 'x-key-id': idOf(app), 'x-app-instance': 'installation-0001' };
    await problemOf(await clientOf(token).send('/v1/keys', { headers }), 403);
    await problemOf(await clientOf(token).send('/v1/usage', { headers }), 403);
  });

  it('each installation has data of its own', async () => {
    const token = await issue();
    const at = (instance: string) => ({ 'x-key-id': idOf(app), 'x-app-instance': instance });
    const reply = await clientOf(token).post('/v1/runs', runBody, at('installation-0001'));
    const { id } = await bodyOf<Run>(reply);
    expect((await clientOf(token).send(`/v1/runs/${id}`, { headers: at('installation-0001') })).status).toBe(
      200,
    );
    await problemOf(await clientOf(token).send(`/v1/runs/${id}`, { headers: at('installation-0002') }), 404);
  });

  it('caps each token, whatever installations it names, and all tokens together', async () => {
    const caps = { ...config, max_runs: 2, max_cost: 100, cost_per_day: 8 };
    const capped = idOf(await newKey('capped', undefined, { appCheck: caps }));
    let installations = 0;
    const start = (token: string) => {
      const instance = `installation-${String(++installations).padStart(8, '0')}`;
      const headers = { 'x-key-id': capped, 'x-app-instance': instance };
      return clientOf(token).post('/v1/runs', runBody, headers);
    };
    const first = await issue({ jti: 'first' });
    const replies = await Promise.all(Array.from({ length: 6 }, () => start(first)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(2);
    const [refused] = replies.filter(({ status }) => status === 429);
    if (!refused) throw new Error('nobody was refused');
    expect(await problemOf(refused, 429)).toMatchObject({ 'violated-policies': ['token-runs'] });
    // The signature in another base64 spelling is the same token, and here no longer a good one or a capped one.
    expect((await start(`${first}=`)).status).not.toBe(200);

    // A unit for each image and one for each run's step: the day's eight are soon used, by new tokens too.
    const statuses: number[] = [];
    for (let index = 0; index < 6; index++) {
      const reply = await start(await issue({ jti: `next-${index}` }));
      statuses.push(reply.status);
      if (reply.status === 429)
        expect(await problemOf(reply, 429)).toMatchObject({ 'violated-policies': ['app-units'] });
    }
    expect(statuses).toContain(200);
    expect(statuses.at(-1)).toBe(429);
    const other = await issue({ jti: 'other' });
    const headers = { 'x-key-id': capped, 'x-app-instance': 'installation-0009' };
    expect((await clientOf(other).send('/v1/tools', { headers })).status).toBe(200);
    const limits = await bodyOf<{ data: Array<{ name: string; quota: number; remaining: number }> }>(
      await clientOf(other).send('/v1/limits', { headers }),
    );
    expect(limits.data.find(({ name }) => name === 'app-units')).toMatchObject({ quota: 8 });
  });

  it('has the scopes that the key gives to its app', async () => {
    const narrow = { ...config, scopes: ['tools' as const] };
    const headers = {
      'x-key-id': idOf(await newKey('narrow', undefined, { appCheck: narrow })),
      'x-app-instance': 'installation-0001',
    };
    const token = await issue();
    expect((await clientOf(token).send('/v1/tools', { headers })).status).toBe(200);
    await problemOf(await clientOf(token).post('/v1/runs', runBody, headers), 403);
  });

  it.each([
    ['another issuer', { iss: 'https://firebaseappcheck.test/456' }, 403],
    ['another project', { aud: ['projects/456'] }, 403],
    ['no app', { sub: undefined }, 403],
    ['no end', { exp: undefined }, 403],
    ['a past end', { exp: 1_000_000_000 }, 401],
  ])('refuses %s', async (_, more, status) => {
    await problemOf(await send(await issue(more)), status);
  });

  it('refuses what has no key, a key without App Check, no installation, and a signature by the public key', async () => {
    const token = await issue();
    await problemOf(await clientOf(token).send('/v1/tools'), 401);
    await problemOf(await send(token, { 'x-key-id': idOf(key) }), 401);
    expect(await problemOf(await send(token, { 'x-app-instance': 'short' }), 403)).toMatchObject({
      code: 'attestation_failed',
    });
    const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as {
      keys: Array<{ n: string }>;
    };
    const confused = await new SignJWT({
      iss: config.issuer,
      aud: config.audience,
      sub: 'x',
      iat: now(),
      exp: now() + 60,
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: 'first' })
      .sign(new TextEncoder().encode(keys[0]?.n));
    await problemOf(await send(confused), 403);
  });

  it('learns new keys of the issuer, but asks at most once a minute', async () => {
    const at = Date.now() + 24 * 3_600_000;
    const verify = async (token: string, ms: number) => verifyAppCheck(settings, config, token, at + ms);
    const far = { exp: Math.floor(at / 1000) + 3_600 };
    const first = await issue(far);
    expect(await verify(first, 0)).toEqual({ app: '1:123:ios:abc', expiresAt: far.exp * 1000 });
    const second = await issue(far, 'second');
    expect(await verify(second, 59_000)).toBeUndefined();
    expect(await verify(second, 61_000)).toMatchObject({ app: '1:123:ios:abc' });
    expect(await verify(await issue(far, 'third'), 62_000)).toBeUndefined();
  });
});
