import { describe, expect, test } from 'vitest';
import { AcceptanceRate, Drafter, type DraftWish, lookUp, noDraft } from '#backend/engine/drafts';
import { DRAFT_TABLES_MAX } from '#shared/limits';

describe('prompt look-up', () => {
  test.each([
    ['what followed the last three tokens', [1, 2, 3, 4, 5, 9, 1, 2, 3], 2, [4, 5]],
    ['the latest place of several', [1, 2, 7, 1, 2, 8, 1, 2], 1, [8]],
    ['two tokens where three are nowhere else', [1, 2, 7, 5, 1, 2], 3, [7, 5, 1]],
    ['nothing where nothing repeats', [1, 2, 3, 4], 4, []],
  ])('gives %s', (_, context, count, expected) => {
    expect(lookUp(context, count).tokens).toEqual(expected);
  });
});

describe('the length of a draft', () => {
  test('falls with wrong drafts and rises with right ones', () => {
    const rate = new AcceptanceRate();
    const start = rate.worth(8);
    for (let wrong = 0; wrong < 20; wrong++) rate.learn(4, 0);
    const low = rate.worth(8);
    expect(low).toBeLessThan(start);
    for (let right = 0; right < 20; right++) rate.learn(4, 4);
    expect(rate.worth(8)).toBeGreaterThan(start);
  });

  test('follows what a pass costs besides its width', () => {
    const rate = new AcceptanceRate();
    expect(rate.worth(0)).toBe(0);
    expect(rate.worth(0.5)).toBe(0);
    expect(rate.worth(8)).toBeGreaterThan(rate.worth(2));
    expect(rate.worth(1e9)).toBe(8);
  });
});

describe('a drafter', () => {
  const costs = { fixed: (rows: number) => 16 / rows };
  const wish = (context: readonly number[], change: Partial<DraftWish> = {}): DraftWish => ({
    tenant: undefined,
    context,
    rows: 1,
    countMax: 4,
    permitted: (tokens) => tokens,
    ...change,
  });
  const turn = [10, 11, 12, 13, 14, 15];

  test('asks the prompt first, then the tenant’s own turns, then the public ones', () => {
    const drafter = new Drafter(costs, [[10, 11, 20, 21]]);
    drafter.learn('a', [1, 2, 3], turn);
    const propose = (context: readonly number[], tenant?: string) =>
      drafter.propose(wish(context, { tenant }));
    expect(propose([5, 10, 11, 7, 5, 10, 11], 'a')).toEqual({ tokens: [7, 5, 10, 11], kind: 'prompt 3' });
    expect(propose([4, 10, 11], 'a')).toEqual({ tokens: [12, 13, 14, 15], kind: 'tenant 2' });
    expect(propose([4, 10, 11])).toEqual({ tokens: [20, 21], kind: 'public 2' });
    expect(propose([8, 9], 'a')).toBe(noDraft);
  });

  test('never drafts from the turns of another tenant, nor from those of nobody', () => {
    const drafter = new Drafter(costs);
    drafter.learn('a', [1, 2, 3], turn);
    drafter.learn(undefined, [1, 2, 3], turn);
    for (const tenant of ['b', undefined])
      for (let end = 2; end < turn.length; end++)
        expect(drafter.propose(wish(turn.slice(0, end), { tenant }))).toBe(noDraft);
  });

  test('forgets the tenant that was longest away', () => {
    const drafter = new Drafter(costs);
    for (let tenant = 0; tenant <= DRAFT_TABLES_MAX; tenant++) {
      drafter.learn(`${tenant}`, [], turn);
      drafter.learn('busy', [], turn);
    }
    expect(drafter.propose(wish([10, 11], { tenant: '0' }))).toBe(noDraft);
    expect(drafter.propose(wish([10, 11], { tenant: 'busy' })).kind).toBe('tenant 2');
  });

  test('proposes what the turn may have, and no more than there is room for', () => {
    const drafter = new Drafter(costs, [turn]);
    expect(drafter.propose(wish([10, 11], { countMax: 1 })).tokens).toEqual([12]);
    expect(drafter.propose(wish([10, 11], { countMax: -3 }))).toBe(noDraft);
    expect(drafter.propose(wish([10, 11], { permitted: (tokens) => tokens.slice(0, 2) })).tokens).toEqual([
      12, 13,
    ]);
    expect(drafter.propose(wish([10, 11], { permitted: () => [] }))).toBe(noDraft);
  });

  test('learns what became of the drafts of each kind, and counts', () => {
    const drafter = new Drafter(costs, [turn]);
    const context = [10, 11];
    const start = drafter.propose(wish(context, { countMax: 16 }));
    for (let wrong = 0; wrong < 20; wrong++) drafter.verified({ tokens: [1, 2], kind: 'public 2' }, 0);
    expect(drafter.propose(wish(context, { countMax: 16 })).tokens.length).toBeLessThan(start.tokens.length);
    expect(drafter.propose(wish([5, 6, 7, 8, 9, 5, 6], { countMax: 16 })).tokens.length).toBe(5);
    drafter.verified(noDraft, 0);
    expect(drafter.counts).toEqual({ proposed: 40, accepted: 0 });
  });

  test('is shorter in a large batch', () => {
    const drafter = new Drafter(costs, [turn]);
    const alone = drafter.propose(wish([10, 11])).tokens.length;
    expect(drafter.propose(wish([10, 11], { rows: 16 })).tokens.length).toBeLessThan(alone);
  });
});
