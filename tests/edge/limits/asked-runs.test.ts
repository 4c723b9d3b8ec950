/** Which request means which run, where no Idempotency-Key says so. */
import { beforeEach, expect, it } from 'vitest';
import { forgetAsked, markAbandoned } from '#edge/limits/asked-runs';
import { Ledger } from '#edge/limits/ledger';
import type { Ask, Asked, Decision } from '#edge/limits/terms';
import type { SqliteDatabase } from '#edge/storage/sqlite';
import {
  ABANDONED_RUN_MS_MAX,
  IMPLIED_RETRY_MS_MAX,
  LOST_ANSWER_MS_MAX,
  LOST_ANSWER_MS_MIN,
} from '#shared/limits';
import { plans } from '#shared/plans';
import { memoryDatabase } from './memory.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const USED = {
  steps: 1,
  tool_calls: 0,
  input_tokens: 9,
  cached_tokens: 0,
  output_tokens: 9,
  cost_units: 1,
};
const FREE = { keyId: 'abcdefgh', account: 'a', plan: 'free' } as const;

let database: SqliteDatabase;
let ledger: Ledger;
let count = 0;
beforeEach(() => {
  database = memoryDatabase();
  ledger = new Ledger(database);
});

function runAsked(run: string, means: Asked['means'], request = 'one'): Ask {
  return { ...FREE, kind: 'run', units: 1, leaseMs: 150_000, run, asked: { request, means } };
}

/** Asks for a run and gives its place back, so that only what is asked about is in the way. */
function ask(run: string, means: Asked['means'], now = NOON, request = 'one'): Decision {
  const decision = ledger.admit(runAsked(run, means, request), `lease-${count++}`, now);
  if (decision.ok && decision.earlier === undefined) ledger.settle(decision.lease, 'nothing', now);
  return decision;
}
const earlier = (...args: Parameters<typeof ask>): string | undefined => {
  const decision = ask(...args);
  if (!decision.ok) throw new Error(`refused by ${decision.violated}`);
  return decision.earlier;
};

it('a counted retry means the latest run of its request, as often as it comes', () => {
  expect(earlier('a', 'latest')).toBeUndefined();
  expect(earlier('b', 'abandoned', NOON + 1)).toBeUndefined();
  expect(earlier('c', 'latest', NOON + 2)).toBe('b');
  expect(earlier('d', 'latest', NOON + 3)).toBe('b');
  expect(earlier('e', 'latest', NOON + 4, 'another')).toBeUndefined();
  expect(earlier('f', 'none', NOON + 5)).toBeUndefined();
  expect(earlier('g', 'latest', NOON + 6)).toBe('f');
});

it('one that counts nothing means a run that was abandoned, once', () => {
  earlier('a', 'abandoned');
  expect(earlier('b', 'abandoned', NOON + 1)).toBeUndefined();
  markAbandoned(database, 'a', NOON + 2);
  expect(earlier('c', 'abandoned', NOON + 3, 'another')).toBeUndefined();
  expect(earlier('d', 'abandoned', NOON + 3)).toBe('a');
  expect(earlier('e', 'abandoned', NOON + 4)).toBeUndefined();
});

it('a mark and a memory end', () => {
  earlier('a', 'abandoned');
  markAbandoned(database, 'a', NOON);
  expect(earlier('b', 'abandoned', NOON + ABANDONED_RUN_MS_MAX)).toBeUndefined();
  expect(earlier('c', 'latest', NOON + ABANDONED_RUN_MS_MAX + IMPLIED_RETRY_MS_MAX)).toBeUndefined();
});

it('one that may have lost its answer means the run that ended seconds ago, twice', () => {
  expect(earlier('a', 'abandoned-or-lost')).toBeUndefined();
  expect(earlier('b', 'abandoned-or-lost', NOON + LOST_ANSWER_MS_MIN)).toBeUndefined();
  const end = NOON + 30_000;
  const held = ledger.admit(runAsked('c', 'abandoned-or-lost'), 'c', end - 20_000);
  if (!held.ok) throw new Error('refused');
  expect(earlier('d', 'abandoned-or-lost', end - 1)).toBeUndefined();
  ledger.settle(held.lease, USED, end);
  expect(earlier('e', 'abandoned', end + LOST_ANSWER_MS_MIN)).toBeUndefined();
  expect(earlier('f', 'abandoned-or-lost', end + LOST_ANSWER_MS_MIN, 'another')).toBeUndefined();
  const second = end + LOST_ANSWER_MS_MAX;
  expect(earlier('g', 'abandoned-or-lost', second)).toBe('c');
  expect(earlier('h', 'abandoned-or-lost', second + LOST_ANSWER_MS_MIN - 1)).toBeUndefined();
  expect(earlier('i', 'abandoned-or-lost', second + LOST_ANSWER_MS_MIN)).toBe('c');
  expect(earlier('j', 'abandoned-or-lost', second + 2 * LOST_ANSWER_MS_MIN)).toBeUndefined();
});

it('an answer counts as lost neither at once nor for long', () => {
  const held = ledger.admit(runAsked('a', 'abandoned-or-lost'), 'a', NOON);
  if (!held.ok) throw new Error('refused');
  ledger.settle(held.lease, USED, NOON);
  expect(earlier('b', 'abandoned-or-lost', NOON + LOST_ANSWER_MS_MIN - 1)).toBeUndefined();
  expect(earlier('c', 'abandoned-or-lost', NOON + LOST_ANSWER_MS_MAX + 1)).toBeUndefined();
  expect(earlier('d', 'abandoned-or-lost', NOON + LOST_ANSWER_MS_MAX)).toBe('a');
});

it('what is forgotten is what no request can mean any more', () => {
  earlier('a', 'abandoned');
  forgetAsked(database, NOON + IMPLIED_RETRY_MS_MAX);
  expect(earlier('b', 'latest', NOON + IMPLIED_RETRY_MS_MAX - 1)).toBe('a');
  forgetAsked(database, NOON + IMPLIED_RETRY_MS_MAX + 1);
  expect([...database.exec('SELECT run FROM run_requests')]).toEqual([]);
});

it('an earlier run costs a read, though no run would be admitted; a refusal leaves the mark and notes nothing', () => {
  earlier('a', 'abandoned');
  markAbandoned(database, 'a', NOON);
  for (let index = 0; index < plans.free.concurrentRuns; index++)
    ledger.admit({ ...FREE, kind: 'run', units: 1, leaseMs: 150_000 }, `held-${index}`, NOON);
  for (let index = 0; index < plans.free.readsPerMinute; index++)
    ledger.admit({ ...FREE, kind: 'read', units: 0 }, `read-${index}`, NOON);
  expect(ask('b', 'abandoned')).toMatchObject({ ok: false, violated: ['reads'] });
  expect(ask('c', 'abandoned', NOON, 'another')).toMatchObject({ ok: false, violated: ['runs'] });
  expect([...database.exec('SELECT run, abandoned_at FROM run_requests')]).toEqual([
    { run: 'a', abandoned_at: NOON },
  ]);
  const later = NOON + 30_000;
  expect(ask('d', 'abandoned', later)).toMatchObject({ ok: true, earlier: 'a', lease: { kind: 'read' } });
});
