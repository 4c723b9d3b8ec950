/** The limiter alone: exact counts, whatever the rate, the cost and the moment. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bucket, correct, type Rate, take } from '#edge/limits/gcra';
import { plans } from '#shared/plans';

const NOW = 1_800_000_000_000;
const rate: Rate = { quota: 20, windowMs: 60_000 };

function admissions(
  of: Rate,
  tries: number,
  now: number,
  bucket?: Bucket,
): { count: number; bucket: Bucket } {
  let count = 0;
  let state = bucket ?? { debt: 0, at: now };
  for (let index = 0; index < tries; index++) {
    const taken = take(of, state, 1, now);
    state = taken.bucket;
    if (taken.allowed) count++;
  }
  return { count, bucket: state };
}

const rates = fc.record({
  quota: fc.integer({ min: 1, max: 100_000 }),
  windowMs: fc.constantFrom(1_000, 10_000, 60_000),
});

describe('take', () => {
  it('admits the quota at once and not one more; after one idle window the same again (20 trials)', () => {
    let bucket: Bucket | undefined;
    for (let trial = 0; trial < 20; trial++) {
      const round = admissions(rate, 50, NOW + trial * 60_000, bucket);
      expect([trial, round.count]).toEqual([trial, 20]);
      bucket = round.bucket;
    }
  });

  it('allows again exactly when it said, and not a millisecond before', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 50 }), (of, cost) => {
        const units = Math.min(cost, of.quota);
        const full = take(of, undefined, of.quota, NOW).bucket;
        const { allowed, retryAfterMs } = take(of, full, units, NOW);
        expect(allowed).toBe(false);
        expect(take(of, full, units, NOW + retryAfterMs).allowed).toBe(true);
        expect(take(of, full, units, NOW + retryAfterMs - 1).allowed).toBe(false);
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it('in no span of time admits more than the quota and what has come back, nor refuses what is there', () => {
    const arrivals = fc.array(
      fc.record({ gap: fc.integer({ min: 0, max: 9_000 }), units: fc.integer({ min: 1, max: 8 }) }),
      {
        minLength: 1,
        maxLength: 80,
      },
    );
    fc.assert(
      fc.property(rates, arrivals, (of, list) => {
        let bucket: Bucket | undefined;
        let now = NOW;
        const taken: Array<{ now: number; units: number }> = [];
        for (const { gap, units } of list) {
          now += gap;
          const { allowed, bucket: after } = take(of, bucket, units, now);
          bucket = after;
          // What must be allowed: for every start of a span, quota and income minus what was taken in it.
          const room = [...taken.map((one) => one.now), now].map((start) => {
            const within = taken.filter((one) => one.now >= start).reduce((sum, one) => sum + one.units, 0);
            return of.quota * of.windowMs + (now - start) * of.quota - within * of.windowMs;
          });
          expect(allowed).toBe(units * of.windowMs <= Math.min(...room));
          if (allowed) taken.push({ now, units });
        }
      }),
      { seed: 5, numRuns: 400 },
    );
  });

  it('a clock that is set back gives nothing and takes nothing', () => {
    const full = take(rate, undefined, 20, NOW).bucket;
    expect(take(rate, full, 1, NOW - 3_600_000)).toMatchObject({ allowed: false, remaining: 0 });
    expect(take(rate, take(rate, full, 1, NOW - 3_600_000).bucket, 20, NOW + 60_000).allowed).toBe(true);
  });

  it('tells what remains and when all is back', () => {
    expect(take(rate, undefined, 5, NOW)).toMatchObject({
      allowed: true,
      remaining: 15,
      resetMs: 15_000,
      retryAfterMs: 0,
    });
    expect(take(rate, undefined, 21, NOW)).toMatchObject({
      allowed: false,
      retryAfterMs: Number.POSITIVE_INFINITY,
    });
  });
});

describe('correct', () => {
  it('gives back at once what was taken too much', () => {
    const bucket = take(rate, undefined, 8, NOW).bucket;
    expect(take(rate, correct(rate, bucket, -5, 0, NOW), 0, NOW).remaining).toBe(17);
  });

  it('never lets more through than if the true cost had been taken at first', () => {
    const work = fc.record({
      gap: fc.integer({ min: 0, max: 20_000 }),
      most: fc.integer({ min: 1, max: 16 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      lasts: fc.integer({ min: 0, max: 90_000 }),
    });
    fc.assert(
      fc.property(fc.array(work, { minLength: 1, maxLength: 30 }), (list) => {
        let clock = NOW;
        const events = list.flatMap(({ gap, most, share, lasts }) => {
          clock += gap;
          const cost = Math.round(most * share);
          return [
            { at: clock, book: most, cost, held: 0 },
            { at: clock + lasts, book: cost - most, cost: 0, held: lasts },
          ];
        });
        let real: Bucket = { debt: 0, at: NOW };
        let ideal: Bucket = { debt: 0, at: NOW };
        for (const { at, book, cost, held } of events.sort((a, b) => a.at - b.at)) {
          real = correct(rate, real, book, held, at);
          ideal = correct(rate, ideal, cost, 0, at);
          expect(real.debt).toBeGreaterThanOrEqual(ideal.debt);
        }
      }),
      { seed: 6, numRuns: 2_000 },
    );
  });
});

describe('the table of plans', () => {
  it.each(Object.entries(plans))(
    '%s: each limit can admit the largest run, and stays in exact numbers',
    (_, plan) => {
      expect(plan.stepsPerRun).toBeLessThanOrEqual(Math.min(plan.unitsPerMinute, plan.unitsPerDay));
      expect(plan.unitsPerDay).toBeLessThanOrEqual(plan.unitsPerMonth);
      for (const value of Object.values(plan)) expect(Number.isSafeInteger(value * 60_000)).toBe(true);
    },
  );

  it('a higher rank has nothing less', () => {
    const rows = Object.values(plans).sort((a, b) => a.rank - b.rank);
    for (const [index, plan] of rows.slice(1).entries()) {
      for (const [field, value] of Object.entries(rows[index] ?? {}))
        expect([field, plan[field as keyof typeof plan] >= value]).toEqual([field, true]);
    }
  });
});
