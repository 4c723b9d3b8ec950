/** A new secret for a key: the one before it ends, at once or after its grace. */
import { beforeAll, describe, expect, it } from 'vitest';
import { rotateKey } from '#edge/storage/key-changes';
import { activeKey, createKey, type KeyRecord, revokeKey, verifyKey } from '#edge/storage/keys';
import { createdKey } from '#shared/api/keys';
import { scope } from '#shared/scopes';
import { bodyOf, clientOf, migrate, newClient, problemOf, settings } from './support.ts';

beforeAll(migrate);

const ALL = scope.options;
const admin = (tenant: string, grant = {}) => newClient(tenant, { scopes: ALL, ...grant });
const idIn = (key: string) => key.split('_')[2] ?? '';

describe('rotation', () => {
  const NOW = 1_800_000_000_000;
  async function keyed(tenant: string, expiresAt?: number): Promise<{ key: string; record: KeyRecord }> {
    const wish = {
      mode: 'live',
      name: '',
      tenant,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    } as const;
    const { id, key } = await createKey(settings.DB, wish, NOW);
    const record = await activeKey(settings.DB, id, NOW);
    if (!record) throw new Error('no key');
    return { key, record };
  }
  const holds = async (key: string, now: number) => (await verifyKey(settings.DB, key, now)) !== undefined;

  it('without grace the old secret ends at once and the id stays', async () => {
    const { key, record } = await keyed('rotate');
    const next = (await rotateKey(settings.DB, record, 0, NOW)) ?? '';
    expect(idIn(next)).toBe(record.id);
    expect([await holds(key, NOW), await holds(next, NOW)]).toEqual([false, true]);
  });

  it('with grace both hold until it ends, to the millisecond', async () => {
    const { key, record } = await keyed('rotate');
    const next = (await rotateKey(settings.DB, record, 1_000, NOW)) ?? '';
    expect([
      await holds(key, NOW + 999),
      await holds(key, NOW + 1_000),
      await holds(next, NOW + 1_000),
    ]).toEqual([true, false, true]);
  });

  it('a second rotation ends the first secret: there are never three', async () => {
    const { key, record } = await keyed('rotate');
    const second = (await rotateKey(settings.DB, record, 60_000, NOW)) ?? '';
    const third = (await rotateKey(settings.DB, record, 60_000, NOW + 1)) ?? '';
    expect([await holds(key, NOW + 2), await holds(second, NOW + 2), await holds(third, NOW + 2)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('grace never outlives the key, and an expired or revoked key is not rotated', async () => {
    const { key, record } = await keyed('rotate', NOW + 500);
    const next = (await rotateKey(settings.DB, record, 60_000, NOW)) ?? '';
    expect([await holds(key, NOW + 499), await holds(key, NOW + 500), await holds(next, NOW + 500)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(await rotateKey(settings.DB, record, 60_000, NOW + 500)).toBeUndefined();
    const revoked = await keyed('rotate');
    await revokeKey(settings.DB, revoked.record.id, NOW);
    // The record is from before: what is stored decides.
    expect(await rotateKey(settings.DB, revoked.record, 0, NOW)).toBeUndefined();
  });

  it('of two at once one wins, so that no secret is lost unseen', async () => {
    const { record } = await keyed('rotate');
    const made = await Promise.all(
      Array.from({ length: 8 }, () => rotateKey(settings.DB, record, 60_000, NOW)),
    );
    const known = await Promise.all(made.map((key) => (key === undefined ? false : holds(key, NOW + 1))));
    // Two hold at most: the last one and, in its grace, the one before.
    expect(known.filter(Boolean).length).toBeLessThanOrEqual(2);
    expect(known.filter(Boolean).length).toBeGreaterThanOrEqual(1);
  });

  it('over the API', async () => {
    const client = await admin('rotate-api');
    const made = createdKey.parse(await bodyOf(await client.post('/v1/keys', { scopes: ['tools'] }), 201));
    const next = createdKey.parse(
      await bodyOf(await client.post(`/v1/keys/${made.id}/rotate`, { grace_s: 600 })),
    );
    expect(Date.parse(next.previous_expires_at ?? '')).toBeGreaterThan(Date.now());
    expect((await clientOf(made.key).send('/v1/tools')).status).toBe(200);
    expect((await clientOf(next.key).send('/v1/tools')).status).toBe(200);
    await problemOf(await client.post(`/v1/keys/${made.id}/rotate`, { grace_s: 604_801 }), 422);
  });
});
