/**
 * R3: fifty at once, twenty times, for each limiter there is: exactly its quota is admitted, and after a period of
 * rest exactly its quota again. Here the objects and the database are asked themselves, on a clock that stands still
 * in each trial; `exactness-http.test.ts` goes through every guard.
 */
import { beforeAll, expect, it } from 'vitest';
import { stubOf } from '#edge/keys/rpc';
import type { Ask, Client, Lease, PolicyName } from '#edge/limits/terms';
import { revokeKey, tryCreateKey } from '#edge/storage/keys';
import { deleteDocument, writeDocument } from '#edge/storage/knowledge';
import { FAILED_KEYS_PER_MINUTE } from '#shared/limits';
import { ATTESTED_SHARE, plans } from '#shared/plans';
import {
  atOnce,
  bucketWith,
  type Fill,
  fillObject,
  judge,
  keyObject,
  MINUTE,
  quotaWith,
  SLOW_MS,
  type Trial,
  tokensWith,
} from './exactness.ts';
import { freeze, migrate, settings } from './support.ts';

beforeAll(migrate);

const TRIALS = 20;
const DAY = 24 * 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 1, 12);
const { free, enterprise } = plans;

type Limiter = Pick<Ask, 'plan' | 'kind' | 'units'> & {
  /** When the trial is (ms): a period after the one before, so that all is there again. */
  at(trial: number): number;
  readonly fill?: Fill;
  readonly subject?: string;
  /** Of a client token that is new in each trial. */
  readonly token?: { readonly maxRuns: number; readonly maxUnits: number };
  /** By as many installations of an attested app, whose cap a day it is. */
  readonly appUnitsPerDay?: number;
  readonly wanted: number;
};

const everyMinute = (trial: number): number => NOON + trial * MINUTE;
const everyDay = (trial: number): number => NOON + trial * DAY;
const everyMonth = (trial: number): number => Date.UTC(2026, 10 + trial, 1, 12);

/**
 * A row for each limit of a plan and of a client token. What is larger than fifty is filled up but for a few, and
 * `plan` is one whose other limits do not come before.
 */
const LIMITERS: Readonly<Record<PolicyName, Limiter>> = {
  requests: { plan: 'free', kind: 'request', units: 0, at: everyMinute, wanted: free.requestsPerMinute },
  reads: {
    plan: 'free',
    kind: 'read',
    units: 0,
    at: everyMinute,
    fill: bucketWith('reads', free.readsPerMinute, 17),
    wanted: 17,
  },
  units: {
    plan: 'enterprise',
    kind: 'tool',
    units: enterprise.unitsPerMinute / 12,
    at: everyMinute,
    wanted: 12,
  },
  subject: {
    plan: 'free',
    kind: 'request',
    units: 0,
    at: everyMinute,
    subject: 'u',
    wanted: free.subjectRequestsPerMinute,
  },
  'subject-reads': {
    plan: 'free',
    kind: 'read',
    units: 0,
    at: everyMinute,
    subject: 'u',
    fill: bucketWith('subject-reads u', free.subjectReadsPerMinute, 17),
    wanted: 17,
  },
  app: {
    plan: 'free',
    kind: 'request',
    units: 0,
    at: everyMinute,
    appUnitsPerDay: 1_000,
    wanted: free.requestsPerMinute * ATTESTED_SHARE,
  },
  'app-reads': {
    plan: 'free',
    kind: 'read',
    units: 0,
    at: everyMinute,
    appUnitsPerDay: 1_000,
    fill: bucketWith('app-reads', free.readsPerMinute * ATTESTED_SHARE, 17),
    wanted: 17,
  },
  'app-units': { plan: 'enterprise', kind: 'tool', units: 3, at: everyDay, appUnitsPerDay: 23, wanted: 7 },
  day: { plan: 'free', kind: 'tool', units: 8, at: everyDay, fill: quotaWith('day', 47), wanted: 5 },
  month: { plan: 'free', kind: 'tool', units: 8, at: everyMonth, fill: quotaWith('month', 47), wanted: 5 },
  runs: { plan: 'free', kind: 'run', units: 1, at: everyMinute, wanted: free.concurrentRuns },
  'token-runs': {
    plan: 'enterprise',
    kind: 'run',
    units: 1,
    at: everyMinute,
    token: { maxRuns: 7, maxUnits: 1_000 },
    wanted: 7,
  },
  'token-units': {
    plan: 'enterprise',
    kind: 'tool',
    units: 3,
    at: everyMinute,
    token: { maxRuns: 1, maxUnits: 20 },
    wanted: 6,
  },
};

async function trialOf(name: PolicyName, trial: number): Promise<Trial> {
  const { plan, kind, units, at, fill, subject, token, appUnitsPerDay, wanted } = LIMITERS[name];
  const id = `r3-${name}`;
  const object = keyObject(id);
  const now = at(trial);
  await freeze(object, now);
  await fillObject(id, fill, now);
  const tokenId = `${name}-${trial}`;
  if (token) await object.addToken({ id: tokenId, subject: 'u', ...token, expiresAt: now + MINUTE });
  let installations = 0;
  const clientOf = (): Client | undefined => {
    if (token) return { subject: 'u', tokenId };
    if (appUnitsPerDay === undefined) return subject === undefined ? undefined : { subject };
    const installation = `${name}-${trial}-${installations++}`;
    const attested = { maxRuns: 1, maxUnits: 100, unitsPerDay: appUnitsPerDay, expiresAt: now + MINUTE };
    return { subject: installation, tokenId: installation, attested };
  };
  const askOf = (): Ask => {
    const client = clientOf();
    const ask = { keyId: id, account: 'r3', plan, kind, units, leaseMs: 600_000 };
    return client ? { ...ask, client } : ask;
  };
  const leases: Lease[] = [];
  const refusals = new Set<string>();
  for (const decision of await atOnce(() => object.admit(askOf()))) {
    if (decision.ok) leases.push(decision.lease);
    else for (const violated of decision.violated) refusals.add(violated);
  }
  // It was this limit that stood in the way, and no other.
  expect([...refusals]).toEqual([name]);
  if (kind === 'run') await Promise.all(leases.map((lease) => object.settle(lease, 'nothing')));
  return { admitted: leases.length, wanted };
}

const names = Object.keys(LIMITERS) as PolicyName[];

it.each(names)(
  'R3: %s',
  async (name) => {
    const trials: Trial[] = [];
    for (let trial = 0; trial < TRIALS; trial++) trials.push(await trialOf(name, trial));
    judge(name, trials);
  },
  SLOW_MS,
);

type Counted = {
  readonly wanted: number;
  /** How many of fifty were let in; leaves everything as it was. */
  admitted(trial: number): Promise<number>;
};

const COUNTED: Readonly<Record<string, Counted>> = {
  'wrong keys of an address': {
    wanted: FAILED_KEYS_PER_MINUTE,
    admitted: async (trial) => {
      const address = stubOf(settings.ADDRESSES, '192.0.2.200');
      await freeze(address, everyMinute(trial));
      return (await atOnce(() => address.fail())).filter((wait) => wait === 0).length;
    },
  },
  'client tokens of a key': {
    wanted: 9,
    admitted: async (trial) => {
      const now = everyMinute(trial);
      await freeze(keyObject('r3-tokens'), now);
      await fillObject('r3-tokens', tokensWith(9), now);
      const token = { subject: 'u', maxRuns: 1, maxUnits: 1, expiresAt: now + MINUTE };
      const added = await atOnce((index) =>
        keyObject('r3-tokens').addToken({ ...token, id: `ct_new${index}` }),
      );
      return added.filter((isAdded) => isAdded).length;
    },
  },
  'keys of a tenant': {
    wanted: free.keysPerTenant,
    admitted: async () => {
      const wish = { mode: 'test', name: 'r3', tenant: 'r3-keys', plan: 'free' } as const;
      const made = (await atOnce(() => tryCreateKey(settings.DB, wish, NOON))).flatMap((key) => key ?? []);
      for (const { id } of made) await revokeKey(settings.DB, id, NOON);
      return made.length;
    },
  },
  'documents of a tenant': {
    wanted: 7,
    admitted: async (trial) => {
      if (trial === 0) await fillDocuments(free.documentsPerTenant - 7);
      const max = free.documentsPerTenant;
      const written = await atOnce(async (index) => {
        const place = { tenant: 'r3-documents', id: `new-${index}` };
        const row = await writeDocument(
          settings.DB,
          place,
          { title: 't', text: 'x' },
          { before: undefined, max, now: NOON },
        );
        return typeof row === 'object' ? { place, row } : undefined;
      });
      const made = written.flatMap((one) => one ?? []);
      for (const { place, row } of made) await deleteDocument(settings.DB, place, row.etag);
      return made.length;
    },
  },
};

async function fillDocuments(count: number): Promise<void> {
  const insert = settings.DB.prepare(
    "INSERT INTO knowledge (tenant, id, title, text, etag, created_at, updated_at) VALUES ('r3-documents', ?, 't', 't', 'e', 1, 1)",
  );
  for (let index = 0; index < count; index++) await insert.bind(`old-${index}`).run();
}

it.each(Object.keys(COUNTED))(
  'R3: %s',
  async (name) => {
    const { admitted, wanted } = COUNTED[name] as Counted;
    const trials: Trial[] = [];
    for (let trial = 0; trial < TRIALS; trial++) trials.push({ admitted: await admitted(trial), wanted });
    judge(name, trials);
  },
  SLOW_MS,
);
