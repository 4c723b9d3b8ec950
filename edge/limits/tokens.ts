/**
 * Client tokens of a key, each with what it may still do. One that is revoked is gone. Tokens of an attested app
 * are counted in the same way, from their first work on.
 */

import { firstRow, type SqliteDatabase } from '#edge/storage/sqlite';
import { CLIENT_TOKENS_MAX } from '#shared/limits';
import type { Ask, Decision, Lease } from './terms.ts';

export type NewToken = {
  readonly id: string;
  readonly subject: string;
  readonly maxRuns: number;
  readonly maxUnits: number;
  readonly expiresAt: number;
};

/** False when the key has as many living tokens as it may. */
export function addToken(database: SqliteDatabase, token: NewToken, now: number): boolean {
  const added = firstRow(
    database,
    `INSERT INTO tokens (id, subject, max_runs, runs, max_units, units, expires_at)
      SELECT ?1, ?2, ?3, 0, ?4, 0, ?5
        WHERE (SELECT count(*) FROM tokens WHERE expires_at > ?6 AND id GLOB 'ct_*') < ?7 RETURNING id`,
    token.id,
    token.subject,
    token.maxRuns,
    token.maxUnits,
    token.expiresAt,
    now,
    CLIENT_TOKENS_MAX,
  );
  return added !== undefined;
}

/** Whether there was such a token. */
export function removeToken(database: SqliteDatabase, id: string): boolean {
  return firstRow(database, 'DELETE FROM tokens WHERE id = ? RETURNING id', id) !== undefined;
}

/** Why the token of an ask does not let it pass; undefined when it does, or there is none. */
export function tokenRefusal(database: SqliteDatabase, ask: Ask, now: number): Decision | undefined {
  const id = ask.client?.tokenId;
  if (id === undefined || (ask.client?.attested && !isWork(ask))) return undefined;
  noteAttested(database, ask);
  const row = firstRow(database, 'SELECT * FROM tokens WHERE id = ? AND expires_at > ?', id, now);
  const refused = { ok: false, retryAfterMs: 0, meters: [] } as const;
  if (!row) return { ...refused, reason: 'token', violated: [] };
  if (ask.kind === 'run' && Number(row['runs']) >= Number(row['max_runs']))
    return { ...refused, reason: 'quota', violated: ['token-runs'] };
  if (ask.units > 0 && Number(row['units']) + ask.units > Number(row['max_units']))
    return { ...refused, reason: 'quota', violated: ['token-units'] };
  return undefined;
}

function isWork({ kind, units }: Ask): boolean {
  return kind === 'run' || units > 0;
}

/** The caps are those of the key as they stand: a change of them holds for tokens that are in use. */
function noteAttested(database: SqliteDatabase, { client }: Ask): void {
  if (client?.attested === undefined || client.tokenId === undefined) return;
  const { maxRuns, maxUnits, expiresAt } = client.attested;
  database.exec(
    `INSERT INTO tokens (id, subject, max_runs, runs, max_units, units, expires_at) VALUES (?1, ?2, ?3, 0, ?4, 0, ?5)
      ON CONFLICT (id) DO UPDATE SET max_runs = ?3, max_units = ?4`,
    client.tokenId,
    client.subject,
    maxRuns,
    maxUnits,
    expiresAt,
  );
}

export function addToToken(database: SqliteDatabase, { tokenId }: Lease, runs: number, units: number): void {
  if (tokenId === undefined || (runs === 0 && units === 0)) return;
  database.exec('UPDATE tokens SET runs = runs + ?, units = units + ? WHERE id = ?', runs, units, tokenId);
}
