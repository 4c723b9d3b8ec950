/** What a key has used and holds, over minutes, days and months that pass at will. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Ledger } from '#edge/limits/ledger';
import type { Ask, Decision, Lease } from '#edge/limits/terms';
import { addToken, removeToken } from '#edge/limits/tokens';
import { dirtyUsage, markCopied } from '#edge/limits/usage-days';
import type { SqliteDatabase } from '#edge/storage/sqlite';
import { plans } from '#shared/plans';
import { memoryDatabase } from './memory.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let database: SqliteDatabase;
let ledger: Ledger;
let count = 0;
beforeEach(() => {
  database = memoryDatabase();
  ledger = new Ledger(database);
});

const ask = (more: Partial<Ask> = {}): Ask => ({
  keyId: 'abcdefgh',
  account: 'a',
  plan: 'free',
  kind: 'request',
  units: 0,
  ...more,
});
const attested = (tokenId: string): NonNullable<Ask['client']> => ({
  subject: `${tokenId} ${count++}`,
  tokenId,
  attested: { maxRuns: 3, maxUnits: 100, unitsPerDay: 40, expiresAt: NOON + 30 * 3_600_000 },
});
const run = (more: Partial<Ask> = {}): Ask => ask({ kind: 'run', units: 8, leaseMs: 150_000, ...more });
const admit = (wish: Ask, now: number): Decision => ledger.admit(wish, `lease-${count++}`, now);
const leaseOf = (decision: Decision): Lease => {
  if (!decision.ok) throw new Error(`refused by ${decision.violated}`);
  return decision.lease;
};
const admittedOf = (wish: Ask, tries: number, now: number) =>
  Array.from({ length: tries }, () => admit(wish, now)).filter((decision) => decision.ok).length;
const used = (steps: number) => ({
  steps,
  tool_calls: steps - 1,
  input_tokens: 100,
  cached_tokens: 40,
  output_tokens: 9,
  cost_units: steps,
});
const remaining = (name: string, now: number) =>
  ledger.meters('free', undefined, now).find((meter) => meter.name === name)?.remaining;

describe('250 at once, 20 trials with one window between: each limiter admits exactly its quota (R3)', () => {
  const cases: ReadonlyArray<[string, Ask, number]> = [
    ['requests', ask(), plans.free.requestsPerMinute],
    ['reads', ask({ kind: 'read' }), plans.free.readsPerMinute],
    ['subject', ask({ client: { subject: 'user-1' } }), plans.free.subjectRequestsPerMinute],
    ['subject-reads', ask({ kind: 'read', client: { subject: 'user-1' } }), plans.free.subjectReadsPerMinute],
  ];
  it.each(cases)('%s', (_, wish, expected) => {
    const counts = Array.from({ length: 20 }, (__, trial) => admittedOf(wish, 250, NOON + trial * MINUTE));
    expect(counts).toEqual(Array.from({ length: 20 }, () => expected));
  });

  it('all installations of an attested app: half of the plan together, and the other half stays', () => {
    const { requestsPerMinute, readsPerMinute } = plans.free;
    for (const [kind, quota] of [
      ['request', requestsPerMinute],
      ['read', readsPerMinute],
    ] as const) {
      const asked = Array.from({ length: 250 }, (_, index) =>
        admit(ask({ kind, client: attested(`ac_${index}`) }), NOON),
      );
      expect([kind, asked.filter(({ ok }) => ok).length]).toEqual([kind, quota / 2]);
      expect(asked.at(-1)).toMatchObject({ violated: [kind === 'read' ? 'app-reads' : 'app'] });
      expect([kind, admittedOf(ask({ kind }), 250, NOON)]).toEqual([kind, quota / 2]);
    }
  });

  it('cost units of an attested app: those of a day together, and what was not used is given back', () => {
    const start = (index: number) => admit(run({ client: attested(`ac_${index}`) }), NOON + index * MINUTE);
    const leases = [0, 1, 2, 3, 4].map((index) => {
      const lease = leaseOf(start(index));
      ledger.settle(lease, used(8), NOON + index * MINUTE);
      return lease;
    });
    expect(leases.at(-1)).toMatchObject({ appUnitsPerDay: 40, units: 8 });
    expect(start(5)).toMatchObject({ reason: 'rate', violated: ['app-units'] });
    const later = leaseOf(admit(run({ client: attested('ac_9') }), NOON + 20 * 3_600_000));
    ledger.settle(later, 'nothing', NOON + 20 * 3_600_000);
    const left = ledger
      .meters('free', attested('ac_9'), NOON + 20 * 3_600_000)
      .find(({ name }) => name === 'app-units');
    expect(left).toMatchObject({ quota: 40, remaining: 33 });
  });

  it('caps of an attested token: its runs and its units, from the first work on', () => {
    const client = attested('ac_own');
    const start = (wish: Partial<Ask> = {}) => admit(run({ client, units: 1, ...wish }), NOON);
    const leases = [start(), start()].map(leaseOf);
    for (const lease of leases) ledger.settle(lease, used(1), NOON);
    expect(start().ok).toBe(true);
    expect(start()).toMatchObject({ reason: 'quota', violated: ['token-runs'] });
    expect(admit(ask({ kind: 'read', client }), NOON).ok).toBe(true);
  });

  it('places of runs: two at a time, again after each pair has ended', () => {
    for (let trial = 0; trial < 20; trial++) {
      const now = NOON + trial * MINUTE;
      const decisions = Array.from({ length: 50 }, () => admit(run({ units: 1 }), now));
      const leases = decisions.filter((decision) => decision.ok).map(leaseOf);
      expect(leases).toHaveLength(2);
      for (const lease of leases) ledger.settle(lease, used(1), now + 5_000);
    }
  });

  it('units: as many runs of 8 as 80 units have, on a plan with places for them', () => {
    const wish = run({ plan: 'pro', units: 60 });
    const counts = Array.from({ length: 20 }, (_, trial) => {
      const now = NOON + trial * MINUTE;
      const leases = Array.from({ length: 50 }, () => admit(wish, now))
        .filter((one) => one.ok)
        .map(leaseOf);
      for (const lease of leases) ledger.settle(lease, used(60), now + 1_000);
      return leases.length;
    });
    // 480 units a minute; the day has 5,000.
    expect(counts).toEqual([
      ...Array.from({ length: 10 }, () => 8),
      3,
      ...Array.from({ length: 9 }, () => 0),
    ]);
  });
});

describe('refusals', () => {
  it('say which limit, and when to come again: then it is allowed', () => {
    admittedOf(ask(), 20, NOON);
    const refused = admit(ask(), NOON);
    expect(refused).toMatchObject({ ok: false, reason: 'rate', violated: ['requests'], retryAfterMs: 3_000 });
    expect(admit(ask(), NOON + 2_999).ok).toBe(false);
    expect(admit(ask(), NOON + 3_000).ok).toBe(true);
  });

  it('book nothing: a request refused by one limit costs nothing in another', () => {
    admit(run({ units: 1 }), NOON);
    admit(run({ units: 1 }), NOON);
    const before = ledger.meters('free', undefined, NOON);
    for (let time = 0; time < 30; time++) expect(admit(run({ units: 8 }), NOON).ok).toBe(false);
    expect(ledger.meters('free', undefined, NOON)).toEqual(before);
  });

  it('one user of an app does not use up another', () => {
    const first = ask({ client: { subject: 'a' } });
    expect(admittedOf(first, 50, NOON)).toBe(10);
    expect(admittedOf(ask({ client: { subject: 'b' } }), 5, NOON)).toBe(5);
  });
});

describe('the lease of a run', () => {
  it('ends by itself when the run dies, to the millisecond', () => {
    expect(admittedOf(run({ units: 1 }), 5, NOON)).toBe(2);
    expect(admittedOf(run({ units: 1 }), 5, NOON + 149_999)).toBe(0);
    expect(admittedOf(run({ units: 1 }), 5, NOON + 150_000)).toBe(2);
  });

  it('is settled once: repeating it gives no place and no unit twice', () => {
    const lease = leaseOf(admit(run(), NOON));
    admit(run(), NOON);
    for (let time = 0; time < 3; time++) ledger.settle(lease, used(3), NOON + 1);
    expect([remaining('runs', NOON + 1), remaining('day', NOON + 1)]).toEqual([1, 200 - 3 - 8]);
  });

  it('that has ended can still be settled, for the quota', () => {
    const lease = leaseOf(admit(run(), NOON));
    ledger.settle(lease, used(3), NOON + 200_000);
    expect(remaining('day', NOON + 200_000)).toBe(197);
  });

  it('is taken back whole when nothing was done', () => {
    const lease = leaseOf(admit(run(), NOON));
    ledger.settle(lease, 'nothing', NOON);
    expect(['runs', 'day', 'month', 'units', 'requests'].map((name) => remaining(name, NOON))).toEqual([
      2, 200, 4_000, 80, 19,
    ]);
  });
});

describe('quotas', () => {
  const spend = (plan: Ask['plan'], units: number, now: number) => {
    const decision = admit(run({ plan, units }), now);
    if (decision.ok) ledger.settle(decision.lease, used(units), now);
    return decision;
  };

  it('a day has its units and no more; the next day (UTC) has them again', () => {
    for (let minute = 0; minute < 3; minute++)
      expect(spend('free', 60, NOON + minute * MINUTE).ok).toBe(true);
    const refused = spend('free', 21, NOON + 4 * MINUTE);
    expect(refused).toMatchObject({
      ok: false,
      reason: 'quota',
      violated: ['day'],
      retryAfterMs: DAY / 2 - 4 * MINUTE,
    });
    expect(spend('free', 20, NOON + 4 * MINUTE).ok).toBe(true);
    expect(spend('free', 1, NOON + DAY / 2 - 1).ok).toBe(false);
    expect(spend('free', 1, NOON + DAY / 2).ok).toBe(true);
  });

  it('a month has its units, over all of its days; the next month has them again', () => {
    const first = Date.UTC(2026, 10, 1);
    let spent = 0;
    for (let day = 0; day < 30; day++) {
      for (let minute = 0; minute < 4; minute++)
        if (spend('free', 50, first + day * DAY + minute * MINUTE).ok) spent += 50;
    }
    expect(spent).toBe(4_000);
    expect(spend('free', 50, Date.UTC(2026, 10, 30, 23))).toMatchObject({ ok: false });
    expect(spend('free', 50, Date.UTC(2026, 11, 1)).ok).toBe(true);
  });

  it('a run over midnight is settled on the day on which it began', () => {
    const late = NOON + DAY / 2 - 1;
    const lease = leaseOf(admit(run(), late));
    ledger.settle(lease, used(2), late + 10_000);
    expect(dirtyUsage(database).map(({ day, cost_units, steps }) => [day, cost_units, steps])).toEqual([
      ['2026-11-22', 2, 2],
    ]);
    expect(remaining('day', late + 10_000)).toBe(200);
  });
});

describe('client tokens', () => {
  const client = { tokenId: 'tok', subject: 'user-1' };
  const make = (maxRuns: number, maxUnits: number) =>
    addToken(database, { id: 'tok', subject: 'user-1', maxRuns, maxUnits, expiresAt: NOON + 600_000 }, NOON);

  it('has its runs and its units, exactly', () => {
    make(3, 20);
    const one = () => admit(run({ plan: 'pro', units: 8, client }), NOON);
    expect([one().ok, one().ok]).toEqual([true, true]);
    expect(one()).toMatchObject({ ok: false, reason: 'quota', violated: ['token-units'] });
    expect(admit(run({ plan: 'pro', units: 4, client }), NOON).ok).toBe(true);
    expect(admit(run({ plan: 'pro', units: 0, client }), NOON)).toMatchObject({ violated: ['token-runs'] });
  });

  it('gets back what its runs did not use', () => {
    make(9, 10);
    ledger.settle(leaseOf(admit(run({ client }), NOON)), used(2), NOON + 1);
    expect(admit(run({ client }), NOON + 1).ok).toBe(true);
  });

  it('is refused when it is unknown, revoked or past its time, for reads as for work', () => {
    expect(admit(ask({ kind: 'read', client }), NOON)).toMatchObject({ reason: 'token' });
    make(3, 20);
    expect(admit(ask({ kind: 'read', client }), NOON).ok).toBe(true);
    expect(admit(ask({ kind: 'read', client }), NOON + 600_000)).toMatchObject({ reason: 'token' });
    expect([removeToken(database, 'tok'), removeToken(database, 'tok')]).toEqual([true, false]);
    expect(admit(run({ client }), NOON)).toMatchObject({ reason: 'token' });
  });
});

describe('usage', () => {
  it('counts requests, work and tokens; what was taken back is not in it', () => {
    ledger.settle(leaseOf(admit(run(), NOON)), used(3), NOON);
    ledger.settle(leaseOf(admit(run(), NOON)), 'nothing', NOON);
    admit(ask({ kind: 'tool', units: 1 }), NOON);
    admit(ask({ kind: 'image', units: 1 }), NOON);
    admit(ask({ kind: 'read' }), NOON);
    expect(dirtyUsage(database)).toMatchObject([
      {
        requests: 4,
        runs: 1,
        tool_calls: 3,
        images: 1,
        steps: 3,
        input_tokens: 100,
        cached_tokens: 40,
        output_tokens: 9,
        cost_units: 5,
      },
    ]);
    expect(remaining('day', NOON)).toBe(195);
  });

  it('what changes while it is copied is copied again', () => {
    admit(ask(), NOON);
    const rows = dirtyUsage(database);
    admit(ask(), NOON);
    markCopied(database, rows, []);
    expect(dirtyUsage(database)).toMatchObject([{ requests: 2 }]);
    markCopied(database, dirtyUsage(database), []);
    expect(dirtyUsage(database)).toEqual([]);
  });
});

it('what counts no longer is forgotten', () => {
  admit(run({ client: { subject: 'long gone' } }), NOON);
  markCopied(database, dirtyUsage(database), []);
  ledger.prune(NOON + 60 * DAY);
  for (const table of ['buckets', 'run_leases', 'spent', 'tokens', 'usage'])
    expect([table, [...database.exec(`SELECT count(*) AS n FROM ${table}`)][0]?.['n']]).toEqual([table, 0]);
});
