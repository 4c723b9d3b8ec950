/** What an administrator sees of a key. Pure. */
import type { KeyWeb } from '#edge/storage/key-web';
import { type KeyRecord, statusOf } from '#edge/storage/keys';
import type { ApiKey } from '#shared/api/keys';

export function keyView(key: KeyRecord, now: number, { origins, imageHosts }: KeyWeb = {}): ApiKey {
  return {
    id: key.id,
    object: 'key',
    name: key.name,
    mode: key.mode,
    status: statusOf(key, now),
    scopes: [...key.scopes],
    plan: key.plan,
    ...(key.tools ? { tools: [...key.tools] } : {}),
    ...(key.models ? { models: [...key.models] } : {}),
    ...(key.addresses ? { addresses: [...key.addresses] } : {}),
    ...(key.appCheck ? { app_check: key.appCheck } : {}),
    ...(origins ? { origins: [...origins] } : {}),
    ...(imageHosts ? { image_hosts: [...imageHosts] } : {}),
    created_at: isoTime(key.createdAt),
    ...timeOf('expires_at', key.expiresAt),
    ...timeOf('revoked_at', key.revokedAt),
    ...timeOf('previous_expires_at', key.previousExpiresAt),
    ...timeOf('last_used_at', key.lastUsedAt),
  };
}

function timeOf<Name extends string>(name: Name, time: number | undefined): Partial<Record<Name, string>> {
  return time === undefined ? {} : ({ [name]: isoTime(time) } as Record<Name, string>);
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}
