/**
 * What a key has used and holds, in SQLite. All is checked before anything is booked, in one
 * transaction of a single-threaded object: so the counts are exact, however many ask at once.
 * Every method takes its time as an argument.
 */

import { firstRow, type SqliteDatabase } from '#edge/storage/sqlite';
import { LEASE_KEPT_MS } from '#shared/limits';
import { type PlanName, plans } from '#shared/plans';
import { earlierRun, forgetAsked, markEnded, noteAsked, takeUp } from './asked-runs.ts';
import { type Bucket, correct, type Rate, take } from './gcra.ts';
import { countHeld, forgetLeases, hold, leaseHeldFor, leaveToOthers, release, share } from './leases.ts';
import { appUnits, bucketOf, isoDay, QUOTA_NAMES, quotaOf, ratePolicies } from './policies.ts';
import { SCHEMA } from './tables.ts';
import type { Ask, Client, Decision, Kind, Lease, Meter, PolicyName, RateName, Spent } from './terms.ts';
import { addToToken, tokenRefusal } from './tokens.ts';
import { addUsage, type UsageChange } from './usage-days.ts';

type Check = {
  readonly meter: Meter;
  readonly reason: 'rate' | 'quota';
  readonly refusedForMs?: number;
  book(): void;
};

/** When a run's place may be free again cannot be known; asking so much later does no harm. */
const RETRY_RUN_MS = 2_000;

export class Ledger {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    for (const statement of SCHEMA) database.exec(statement);
  }

  /** Books what is asked for, or says which limits stand against it. `id` is new for each call. */
  admit(ask: Ask, id: string, now: number): Decision {
    return this.#database.transaction(() => {
      const { run, asked } = ask;
      const earlier = asked && earlierRun(this.#database, asked, now);
      const held = run === undefined ? undefined : leaseHeldFor(this.#database, run, ask.units, now);
      // What is there or booked already costs no more than a look, and is as little refused.
      const isNew = earlier === undefined && held === undefined;
      const decision = this.#admit(isNew ? ask : { ...ask, kind: 'read', units: 0 }, id, now);
      // A refusal leaves all as it was.
      if (!decision.ok) return decision;
      if (earlier !== undefined) {
        if (asked?.means !== 'latest') takeUp(this.#database, earlier, now);
        return { ...decision, earlier };
      }
      if (asked && run !== undefined) noteAsked(this.#database, run, asked, now);
      if (held) share(this.#database, held, untilOf(ask, now));
      return held ? { ...decision, lease: held } : decision;
    });
  }

  /** Within a transaction. */
  #admit(ask: Ask, id: string, now: number): Decision {
    const gone = tokenRefusal(this.#database, ask, now);
    if (gone) return gone;
    const checks = this.#checks(ask, now);
    const refused = checks.filter((check) => check.refusedForMs !== undefined);
    if (refused.length > 0) return refusal(refused);
    for (const check of checks) check.book();
    const lease = leaseOf(ask, id, now);
    if (ask.kind === 'run') hold(this.#database, lease, ask.run, untilOf(ask, now));
    addToToken(this.#database, lease, ask.kind === 'run' ? 1 : 0, ask.units);
    if (ask.kind !== 'read') addUsage(this.#database, lease, admitted(ask));
    return {
      ok: true,
      lease,
      meters: this.#checks({ ...ask, units: 0 }, now, true).map(({ meter }) => meter),
    };
  }

  /** Books what an admission has cost in the end. A run is settled once: its place is free afterwards. */
  settle(lease: Lease, spent: Spent, now: number): void {
    this.#database.transaction(() => {
      if (lease.kind === 'run' && !this.#leave(lease, spent, now)) return;
      const units = spent === 'nothing' ? 0 : spent.cost_units;
      const change = units - lease.units;
      const rate = ratePolicies.find(({ name }) => name === 'units')?.rateOf(plans[lease.plan]);
      if (rate) this.#correct('units', rate, lease, change, now);
      if (lease.appUnitsPerDay !== undefined)
        this.#correct('app-units', appUnits(lease.appUnitsPerDay), lease, change, now);
      for (const name of QUOTA_NAMES) this.#spend(quotaOf(name, plans[lease.plan], lease.at).period, change);
      addToToken(this.#database, lease, lease.kind === 'run' && spent === 'nothing' ? -1 : 0, change);
      addUsage(this.#database, lease, settled(lease, spent, change));
    });
  }

  /** Gives the place of a run back. @returns whether that is for this lease to do, now */
  #leave(lease: Lease, spent: Spent, now: number): boolean {
    if (spent === 'nothing' && leaveToOthers(this.#database, lease)) return false;
    const left = release(this.#database, lease);
    if (left?.run && spent !== 'nothing') markEnded(this.#database, left.run, now);
    return left !== undefined;
  }

  /** Every limit of the plan as it stands. */
  meters(plan: PlanName, client: Client | undefined, now: number): Meter[] {
    const ask = { keyId: '', account: '', plan, units: 0, ...(client ? { client } : {}) };
    const named = new Map<PolicyName, Meter>();
    for (const kind of ['read', 'run'] as const) {
      for (const { meter } of this.#checks({ ...ask, kind }, now, true)) named.set(meter.name, meter);
    }
    return [...named.values()];
  }

  /** Forgets what counts no longer. */
  prune(now: number): void {
    this.#database.exec('DELETE FROM buckets WHERE at < ?', now - LEASE_KEPT_MS);
    forgetLeases(this.#database, now - LEASE_KEPT_MS);
    this.#database.exec('DELETE FROM spent WHERE touched_at < ?', now - 40 * LEASE_KEPT_MS);
    forgetAsked(this.#database, now);
    this.#database.exec('DELETE FROM tokens WHERE expires_at < ?', now - LEASE_KEPT_MS);
    this.#database.exec('DELETE FROM usage WHERE dirty = 0 AND day < ?', isoDay(now - 40 * LEASE_KEPT_MS));
  }

  /** `looking` takes nothing and asks for nothing: it only reads the meters. */
  #checks(ask: Ask, now: number, looking = false): Check[] {
    const checks = ratePolicies.flatMap((policy): Check[] => {
      const asked = policy.unitsOf(ask);
      if (asked === undefined) return [];
      const rate = policy.rateOf(plans[ask.plan], ask.client);
      const name = bucketOf(policy.name, ask.client);
      const { allowed, bucket, remaining, retryAfterMs, resetMs } = take(
        rate,
        this.#bucket(name),
        looking ? 0 : asked,
        now,
      );
      const resetS = Math.ceil((allowed ? resetMs : retryAfterMs) / 1000);
      const meter = {
        name: policy.name,
        quota: rate.quota,
        windowS: rate.windowMs / 1000,
        remaining,
        resetS,
      };
      const book = () => this.#save(name, bucket);
      return [{ meter, reason: 'rate', book, ...(allowed ? {} : { refusedForMs: retryAfterMs }) }];
    });
    if (ask.kind === 'read' || ask.kind === 'request') return checks;
    const quotas = QUOTA_NAMES.map((name) => this.#checkQuota(name, ask, now));
    return [...checks, ...quotas, ...(ask.kind === 'run' ? [this.#checkRuns(ask, now, looking)] : [])];
  }

  #checkQuota(name: (typeof QUOTA_NAMES)[number], { plan, units }: Ask, now: number): Check {
    const { period, quota, windowS, leftMs } = quotaOf(name, plans[plan], now);
    const spent = Number(
      firstRow(this.#database, 'SELECT units FROM spent WHERE period = ?', period)?.['units'] ?? 0,
    );
    const remaining = Math.max(0, quota - spent);
    return {
      meter: { name, quota, windowS, remaining, resetS: Math.ceil(leftMs / 1000) },
      reason: 'quota',
      ...(units > remaining ? { refusedForMs: leftMs } : {}),
      book: () => this.#spend(period, units, now),
    };
  }

  #checkRuns({ plan }: Ask, now: number, looking: boolean): Check {
    const quota = plans[plan].concurrentRuns;
    const held = countHeld(this.#database, now);
    const full = held >= quota && !looking;
    return {
      meter: {
        name: 'runs',
        quota,
        remaining: Math.max(0, quota - held),
        resetS: full ? RETRY_RUN_MS / 1000 : 0,
      },
      reason: 'rate',
      ...(full ? { refusedForMs: RETRY_RUN_MS } : {}),
      book: () => undefined,
    };
  }

  #bucket(name: string): Bucket | undefined {
    const row = firstRow(this.#database, 'SELECT debt, at FROM buckets WHERE name = ?', name);
    return row && { debt: Number(row['debt']), at: Number(row['at']) };
  }

  #save(name: string, { debt, at }: Bucket): void {
    this.#database.exec('INSERT OR REPLACE INTO buckets (name, debt, at) VALUES (?, ?, ?)', name, debt, at);
  }

  #correct(name: RateName, rate: Rate, lease: Lease, change: number, now: number): void {
    if (change !== 0) this.#save(name, correct(rate, this.#bucket(name), change, now - lease.at, now));
  }

  #spend(period: string, units: number, now = 0): void {
    if (units === 0) return;
    this.#database.exec(
      `INSERT INTO spent (period, units, touched_at) VALUES (?1, ?2, ?3)
        ON CONFLICT (period) DO UPDATE SET units = units + ?2, touched_at = max(touched_at, ?3)`,
      period,
      units,
      now,
    );
  }
}

function untilOf({ leaseMs = 0 }: Ask, now: number): number {
  return now + leaseMs;
}

function leaseOf({ keyId, account, plan, kind, units, client }: Ask, id: string, at: number): Lease {
  const token = client?.tokenId === undefined ? {} : { tokenId: client.tokenId };
  const app = client?.attested ? { appUnitsPerDay: client.attested.unitsPerDay } : {};
  return { id, keyId, account, plan, kind, units, at, ...token, ...app };
}

/** What stands longest decides when to come again; a quota that is used up outweighs a rate. */
function refusal(refused: readonly Check[]): Decision {
  const retryAfterMs = Math.max(...refused.map((check) => check.refusedForMs ?? 0));
  return {
    ok: false,
    reason: refused.some((check) => check.reason === 'quota') ? 'quota' : 'rate',
    violated: refused.map((check) => check.meter.name),
    retryAfterMs,
    meters: refused.map((check) => check.meter),
  };
}

const ADMITTED: Readonly<Record<Kind, UsageChange>> = {
  read: {},
  request: { requests: 1 },
  tool: { requests: 1, tool_calls: 1 },
  image: { requests: 1, images: 1 },
  run: { requests: 1, runs: 1 },
};

function admitted({ kind, units }: Ask): UsageChange {
  return { ...ADMITTED[kind], cost_units: units };
}

function settled({ kind }: Lease, spent: Spent, cost_units: number): UsageChange {
  if (spent !== 'nothing') return { ...spent, cost_units };
  const { requests: _, ...work } = ADMITTED[kind];
  // The request was made all the same.
  const undone = Object.fromEntries(Object.entries(work).map(([field, count]) => [field, -count]));
  return { ...undone, cost_units };
}
