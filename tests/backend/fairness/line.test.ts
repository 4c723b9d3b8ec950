import { describe, expect, test } from 'vitest';
import { VirtualCounters } from '#backend/fairness/counters';
import { FairLine } from '#backend/fairness/line';

const never = new AbortController().signal;

function lineOf(places: number, spare = 0, credit = 0) {
  const counters = new VirtualCounters(() => credit);
  const line = new FairLine({ places: () => places, spare, counters });
  const started: string[] = [];
  const turnedAway: string[] = [];
  const enter = (name: string, { cost = 1, signal = never } = {}): void => {
    // The first letter is the tenant.
    void line.enter(name.charAt(0), signal, cost).then(
      () => started.push(name),
      () => turnedAway.push(name),
    );
  };
  return {
    line,
    counters,
    started,
    turnedAway,
    enter,
    settled: () => new Promise((done) => setTimeout(done)),
  };
}

describe('places', () => {
  test('of one tenant go in order of arrival', async () => {
    const { line, started, enter, settled } = lineOf(2);
    for (const name of ['a1', 'a2', 'a3', 'a4']) enter(name);
    await settled();
    expect(started).toEqual(['a1', 'a2']);
    line.leave('a');
    await settled();
    expect(started).toEqual(['a1', 'a2', 'a3']);
    expect([line.running, line.waiting, line.heldBy('a')]).toEqual([2, 1, 2]);
  });

  test('go to whoever has had least', async () => {
    const { line, started, enter, settled } = lineOf(1);
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) enter(name, { cost: name === 'b1' ? 5 : 2 });
    for (let turn = 0; turn < 5; turn++) {
      await settled();
      line.leave((started.at(-1) as string).charAt(0));
    }
    await settled();
    // b and c are lifted to the 2 that a has had, and a2 was there before them; b1 is dear, so b2 comes last.
    expect(started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
  });

  test('that are spare are only for tenants that have none', async () => {
    const { started, enter, settled } = lineOf(2, 1);
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2']) enter(name);
    await settled();
    expect(started).toEqual(['a1', 'a2', 'b1']);
  });

  test('are not lost to those who leave the line, or fail', async () => {
    const { line, counters, started, turnedAway, enter, settled } = lineOf(1);
    const gone = new AbortController();
    enter('a1');
    enter('b1', { signal: gone.signal });
    enter('c1');
    gone.abort(new Error('gone'));
    line.leave('a');
    await settled();
    expect([started, turnedAway]).toEqual([['a1', 'c1'], ['b1']]);
    line.leave('c');
    await expect(line.run('a', never, async () => Promise.reject(new Error('broken')))).rejects.toThrow(
      'broken',
    );
    expect(await line.run('a', never, async () => 'next')).toBe('next');
    await expect(line.enter('a', AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    expect([line.running, line.waiting, line.heldBy('a')]).toEqual([0, 0, 0]);
    // Nobody is present: a newcomer is lifted to the last who left.
    counters.enter('new');
    expect(counters.of('new')).toBe(counters.of('c'));
  });
});

describe('a full line', () => {
  test('knows what comes before a newcomer', async () => {
    const { line, enter, settled } = lineOf(1);
    for (const name of ['a1', 'a2', 'a3', 'a4']) enter(name, { cost: 10 });
    enter('b1', { cost: 10 });
    await settled();
    // a1 runs and counts 10, b was lifted to 10: the order is a2, b1, a3, a4, and of equals the newcomer is last.
    expect(line.costAhead('a')).toBe(40);
    expect(line.costAhead('b')).toBe(30);
    expect(line.costAhead('c')).toBe(20);
  });

  test('makes room for another tenant by turning away the last of the one that has most waiting', async () => {
    const { line, turnedAway, enter, settled } = lineOf(1);
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1']) enter(name);
    expect(line.makeRoomFor('a', () => new Error('full'))).toBe(false);
    expect(line.makeRoomFor('c', () => new Error('full'))).toBe(true);
    await settled();
    expect(turnedAway).toEqual(['a4']);
    expect(line.makeRoomFor('b', () => new Error('full'))).toBe(false);
    line.turnAllAway(() => new Error('stopping'));
    await settled();
    expect([line.waiting, turnedAway.toSorted()]).toEqual([0, ['a2', 'a3', 'a4', 'b1']]);
  });
});
