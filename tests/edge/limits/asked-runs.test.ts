/** Which request means which run, where no Idempotency-Key says so. */
import { beforeEach, expect, it } from 'vitest';
import { forgetAsked, markAbandoned } from '#edge/limits/asked-runs';
import { Ledger } from '#edge/limits/ledger';
import type { Asked, Decision } from '#edge/limits/terms';
import type { SqliteDatabase } from '#edge/storage/sqlite';
import { ABANDONED_RUN_MS_MAX, IMPLIED_RETRY_MS_MAX } from '#shared/limits';
import { plans } from '#shared/plans';
import { memoryDatabase } from './memory.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const FREE = { keyId: 'abcdefgh', account: 'a', plan: 'free' } as const;

let database: SqliteDatabase;
let ledger: Ledger;
let count = 0;
beforeEach(() => {
  database = memoryDatabase();
  ledger = new Ledger(database);
});

/** Asks for a run and gives its place back, so that only what is asked about is in the way. */
function ask(run: string, means: Asked['means'], now = NOON, request = 'one'): Decision {
  const wish = { ...FREE, kind: 'run', units: 1, leaseMs: 150_000, asked: { request, run, means } } as const;
  const decision = ledger.admit(wish, `lease-${count++}`, now);
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

it('what is forgotten is what no request can mean any more', () => {
  earlier('a', 'abandoned');
  forgetAsked(database, NOON + IMPLIED_RETRY_MS_MAX);
  expect(earlier('b', 'latest', NOON + IMPLIED_RETRY_MS_MAX - 1)).toBe('a');
  forgetAsked(database, NOON + IMPLIED_RETRY_MS_MAX + 1);
  expect([...database.exec('SELECT run FROM asked_runs')]).toEqual([]);
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
  expect([...database.exec('SELECT run, abandoned_at FROM asked_runs')]).toEqual([
    { run: 'a', abandoned_at: NOON },
  ]);
  const later = NOON + 30_000;
  expect(ask('d', 'abandoned', later)).toMatchObject({ ok: true, earlier: 'a', lease: { kind: 'read' } });
});
