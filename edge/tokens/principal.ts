/** What stands behind a JWT: a client token of ours, or an app that Firebase attests. */
import type { Settings } from '#edge/env';
import type { Client } from '#edge/limits/terms';
import { type Principal, principalOf } from '#edge/principal';
import { sha256Hex } from '#edge/storage/digest';
import { activeKey, type KeyRecord } from '#edge/storage/keys';
import { keyId } from '#shared/api/keys';
import { clientScope } from '#shared/scopes';
import { verifyAppCheck } from './app-check.ts';
import { claimedKey, verifyClientToken } from './client-token.ts';

/** What the caller sends beside a token of App Check. */
export type AppHeaders = { readonly keyId: string | undefined; readonly instance: string | undefined };

/**
 * Made by the app once for each installation, and kept: who has it sees the runs of that installation. It says whose
 * data is meant and nothing of limits, for an app that lies can make as many as it likes.
 */
const INSTANCE_FORM = /^[\w-]{16,128}$/;

/** 'expired' for a token that was good, 'unattested' for an app that is not proved. */
export async function principalOfToken(
  settings: Settings,
  token: string,
  app: AppHeaders,
  now: number,
): Promise<Principal | 'expired' | 'unattested' | undefined> {
  const claimed = claimedKey(token);
  if (claimed !== undefined) return ofClientToken(settings, claimed, token, now);
  const id = keyId.safeParse(app.keyId);
  return id.success ? ofApp(settings, id.data, token, app.instance, now) : undefined;
}

async function ofClientToken(
  settings: Settings,
  kid: string,
  token: string,
  now: number,
): Promise<Principal | 'expired' | undefined> {
  // The signature first: a token that is none costs no look-up.
  const claims = await verifyClientToken(rootSecret(settings), kid, token, now);
  if (typeof claims !== 'object') return claims;
  const key = await activeKey(settings.DB, kid, now);
  return key && clientPrincipal(key, claims.scopes, claims.sub, { subject: claims.sub, tokenId: claims.jti });
}

async function ofApp(
  settings: Settings,
  id: string,
  token: string,
  instance: string | undefined,
  now: number,
): Promise<Principal | 'expired' | 'unattested' | undefined> {
  const key = await activeKey(settings.DB, id, now);
  if (!key?.appCheck) return undefined;
  if (instance === undefined || !INSTANCE_FORM.test(instance)) return 'unattested';
  const found = await verifyAppCheck(settings, key.appCheck, token, now);
  if (found === undefined) return 'unattested';
  if (found === 'expired') return found;
  const { scopes, max_runs: maxRuns, max_cost: maxUnits, cost_per_day: unitsPerDay } = key.appCheck;
  const tokenId = await attestedId(token);
  return clientPrincipal(key, scopes, `${found.app}/${instance}`, {
    subject: tokenId,
    tokenId,
    attested: { maxRuns, maxUnits, unitsPerDay, expiresAt: found.expiresAt },
  });
}

/** Of what is signed: the signature's own text could be written in more than one way. */
async function attestedId(token: string): Promise<string> {
  return `ac_${(await sha256Hex(token.slice(0, token.lastIndexOf('.')))).slice(0, 32)}`;
}

/** Never more than the key has, and never what makes further credentials. Each owner has data of its own. */
async function clientPrincipal(
  key: KeyRecord,
  scopes: readonly string[],
  owner: string,
  client: Client,
): Promise<Principal> {
  const own = principalOf(key);
  return {
    ...own,
    // No tenant's name holds a tilde, so this one cannot be another tenant's.
    tenant: `${key.tenant}~${(await sha256Hex(owner)).slice(0, 32)}`,
    scopes: clientScope.options.filter((scope) => scopes.includes(scope) && own.scopes.includes(scope)),
    client,
  };
}

/** Of which the secrets of all keys are made. */
export function rootSecret({ TOKEN_SECRET, BACKEND_SECRET }: Settings): string {
  return TOKEN_SECRET ?? BACKEND_SECRET;
}
