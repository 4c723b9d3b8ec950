/**
 * One key, one Durable Object: its limits, its leases, its tokens, its usage. Single-threaded, so that
 * a check and its booking are one. Its alarm copies usage to D1 and forgets what counts no longer.
 */
import { DurableObject } from 'cloudflare:workers';
import { readEnvironment, type Settings } from '#edge/env';
import { markAbandoned } from '#edge/limits/asked-runs';
import { Ledger } from '#edge/limits/ledger';
import type { Ask, Client, Decision, Lease, Meter, Spent } from '#edge/limits/terms';
import { addToken, type NewToken, removeToken } from '#edge/limits/tokens';
import { dirtyUsage, dirtyUse, markCopied, noteUse } from '#edge/limits/usage-days';
import type { SqliteDatabase } from '#edge/storage/sqlite';
import { copyUsage } from '#edge/storage/usage';
import { USAGE_DELAY_MS } from '#shared/limits';
import type { PlanName } from '#shared/plans';
import type { KeyRpc } from './rpc.ts';

export class KeyObject extends DurableObject implements KeyRpc {
  /** Replaced by tests, which count across minutes and months. */
  clock: () => number = Date.now;
  readonly #settings: Settings;
  readonly #database: SqliteDatabase;
  readonly #ledger: Ledger;
  #isArmed = false;

  constructor(context: DurableObjectState, bindings: unknown) {
    super(context, bindings as Cloudflare.Env);
    const { storage } = context;
    this.#settings = readEnvironment(bindings);
    this.#database = {
      exec: (query, ...values) => storage.sql.exec(query, ...values),
      transaction: (body) => storage.transactionSync(body),
    };
    this.#ledger = new Ledger(this.#database);
  }

  async admit(ask: Ask): Promise<Decision> {
    const now = this.clock();
    const decision = this.#ledger.admit(ask, crypto.randomUUID(), now);
    noteUse(this.#database, ask.keyId, now);
    this.#arm();
    return decision;
  }

  async settle(lease: Lease, spent: Spent): Promise<void> {
    this.#ledger.settle(lease, spent, this.clock());
    this.#arm();
  }

  async abandon(run: string): Promise<void> {
    markAbandoned(this.#database, run, this.clock());
  }

  async meters(plan: PlanName, client?: Client): Promise<Meter[]> {
    return this.#ledger.meters(plan, client, this.clock());
  }

  async addToken(token: NewToken): Promise<boolean> {
    return addToken(this.#database, token, this.clock());
  }

  async removeToken(id: string): Promise<boolean> {
    return removeToken(this.#database, id);
  }

  override async alarm(): Promise<void> {
    this.#isArmed = false;
    const rows = dirtyUsage(this.#database);
    const uses = dirtyUse(this.#database);
    // A database that fails makes the alarm fail, which is repeated later.
    if (rows.length + uses.length > 0) await copyUsage(this.#settings.DB, rows, uses);
    markCopied(this.#database, rows, uses);
    this.#ledger.prune(this.clock());
    this.#arm();
  }

  /** In memory only: after an eviction the first change arms it again. */
  #arm(): void {
    if (this.#isArmed || dirtyUsage(this.#database).length + dirtyUse(this.#database).length === 0) return;
    this.#isArmed = true;
    void this.ctx.storage.setAlarm(Date.now() + USAGE_DELAY_MS);
  }
}
