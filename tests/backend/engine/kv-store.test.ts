import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KvSequence, SLOT_BLOCK } from '#backend/engine/kv-sequence';
import { type CellLayout, type Cells, commonPrefix, KvStore } from '#backend/engine/kv-store';

const IMAGE = 9;
const layout: CellLayout = { imageToken: IMAGE, imageTokens: 2 };
const shape = { layers: 1, heads: 2, headSize: 2 };

/** Numbers are tokens, strings are images. */
function cells(...parts: ReadonlyArray<number | string>): Cells {
  return {
    ids: parts.flatMap((part) => (typeof part === 'string' ? [IMAGE, IMAGE] : [part])),
    images: parts.filter((part) => typeof part === 'string'),
  };
}

/** A sequence whose row k has the value k in every place. */
function filled(length: number, sequence = new KvSequence(shape)): KvSequence {
  for (let row = sequence.length; row < length; row++) {
    const rows = new Float32Array(4).fill(row);
    sequence.append([rows, rows], { offset: 0, stride: 1, count: 1 });
  }
  return sequence;
}

function rowsOf(sequence: KvSequence): number[] {
  return Array.from({ length: sequence.ownLength }, (_, row) => {
    const values = [0, 1].flatMap((head) => {
      const start = (head * sequence.capacity + row) * shape.headSize;
      return [...sequence.key(0).subarray(start, start + 2), ...sequence.value(0).subarray(start, start + 2)];
    });
    expect(new Set(values).size).toBe(1);
    return values[0] as number;
  });
}

describe('sequences', () => {
  test('grow in blocks and keep every head’s rows', () => {
    const sequence = filled(SLOT_BLOCK + 3);
    expect(sequence.capacity).toBe(2 * SLOT_BLOCK);
    expect(rowsOf(sequence)).toEqual(Array.from({ length: SLOT_BLOCK + 3 }, (_, row) => row));
  });

  test('several rows of a padded batch are written head by head', () => {
    const sequence = new KvSequence(shape);
    // Two rows of a batch, two heads each, three tokens wide; the second row has two tokens.
    const batch = Float32Array.of(...Array(12).fill(-1), 5, 5, 6, 6, -1, -1, 5, 5, 6, 6, -1, -1);
    sequence.append([batch, batch], { offset: 12, stride: 3, count: 2 });
    expect(rowsOf(sequence)).toEqual([5, 6]);
  });

  test('are cut back by length, and go on from there', () => {
    const sequence = filled(5);
    sequence.truncate(2);
    expect(rowsOf(filled(4, sequence))).toEqual([0, 1, 2, 3]);
  });

  test('behind a prefix keep only what is their own', () => {
    const prefix = filled(3).freeze();
    const sequence = filled(5, new KvSequence(shape, prefix));
    expect([sequence.length, sequence.ownLength, sequence.capacity]).toEqual([5, 2, SLOT_BLOCK]);
    expect(rowsOf(sequence)).toEqual([3, 4]);
    expect(() => sequence.truncate(2)).toThrow(RangeError);
    expect(rowsOf(sequence.copy(4))).toEqual([3]);
    expect(sequence.copy(4).prefix).toBe(prefix);
    const shorter = sequence.copy(2);
    expect([shorter.prefix, rowsOf(shorter)]).toEqual([undefined, [0, 1]]);
  });

  test('a copy has its own memory', () => {
    const original = filled(4);
    const copy = original.copy(2);
    original.key(0).fill(-1);
    expect(rowsOf(copy)).toEqual([0, 1]);
  });
});

describe('common prefix', () => {
  test.each([
    [cells(1, 2, 3), cells(1, 2, 4), 2],
    [cells(1, 'a', 2), cells(1, 'a', 3), 3],
    [cells(1, 'a', 2), cells(1, 'b', 2), 1],
    [cells('a', 'b', 1), cells('a', 'c', 1), 2],
    [cells('a', 'a'), cells('a'), 2],
    [cells(), cells(1), 0],
  ])('%j and %j share %i', (a, b, expected) => {
    expect(commonPrefix(a, b, layout)).toBe(expected);
    expect(commonPrefix(b, a, layout)).toBe(expected);
  });

  test('is what a plain comparison of labelled cells gives', () => {
    const parts = fc.array(fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constantFrom('a', 'b')), {
      maxLength: 12,
    });
    const labels = (list: ReadonlyArray<number | string>): string[] =>
      list.flatMap((part) => (typeof part === 'string' ? [`${part}0`, `${part}1`] : [String(part)]));
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const [left, right] = [labels(a), labels(b)];
        const differs = left.findIndex((label, index) => label !== right[index]);
        expect(commonPrefix(cells(...a), cells(...b), layout)).toBe(differs === -1 ? left.length : differs);
      }),
      { seed: 1 },
    );
  });
});

describe('the store', () => {
  test('gives a run its own sequence back, less the last cell when nothing is new', () => {
    const store = new KvStore(shape, layout, 10_000);
    const sequence = filled(3);
    store.park('run', cells(1, 2, 3), sequence);
    expect(store.acquire('run', cells(1, 2, 3))).toBe(sequence);
    expect(sequence.length).toBe(2);
    expect(store.acquire('run', cells(1, 2, 3)).length).toBe(0);
  });

  test('cuts at the first cell that differs', () => {
    const store = new KvStore(shape, layout, 10_000);
    store.park('run', cells(1, 'a', 2, 3), filled(5));
    expect(rowsOf(store.acquire('run', cells(1, 'a', 5, 6, 7)))).toEqual([0, 1, 2]);
  });

  test('copies what another run began with, and leaves it that', () => {
    const store = new KvStore(shape, layout, 10_000);
    store.park('first', cells(1, 2, 3, 4), filled(4));
    const other = store.acquire('second', cells(1, 2, 7, 8));
    other.key(0).fill(-1);
    expect(other.length).toBe(2);
    expect(rowsOf(store.acquire('first', cells(1, 2, 3, 4, 5)))).toEqual([0, 1, 2, 3]);
  });

  test('another image, another sequence', () => {
    const store = new KvStore(shape, layout, 10_000);
    store.park('run', cells('a', 1, 2), filled(4));
    expect(store.acquire('run', cells('b', 1, 2)).length).toBe(0);
  });

  test('lets the least recently used go when full', () => {
    const store = new KvStore(shape, layout, 2 * SLOT_BLOCK);
    store.park('old', cells(1, 1, 1), filled(3));
    store.park('new', cells(2, 2, 2), filled(3));
    store.acquire('reader', cells(1, 1, 5));
    store.park('newest', cells(3, 3, 3), filled(3));
    expect([store.has('old'), store.has('new'), store.has('newest')]).toEqual([true, false, true]);
    expect(store.tokens).toBeLessThanOrEqual(2 * SLOT_BLOCK);
  });

  test('holds no more of a tenant than its part, and lets the oldest of that go', () => {
    const store = new KvStore(shape, layout, 10 * SLOT_BLOCK, 2 * SLOT_BLOCK);
    store.park('other', cells(9, 8, 7), filled(3), 'b');
    for (const run of ['one', 'two', 'three']) store.park(run, cells(1, 2, 3), filled(3), 'a');
    expect([store.has('one'), store.has('two'), store.has('three'), store.has('other')]).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect([store.tokensOf('a'), store.tokensOf('b'), store.evictions]).toEqual([
      2 * SLOT_BLOCK,
      SLOT_BLOCK,
      1,
    ]);
  });

  test('when full, lets the oldest of the tenant go that holds most', () => {
    const store = new KvStore(shape, layout, 3 * SLOT_BLOCK);
    store.park('quiet', cells(5, 6, 7), filled(3), 'small');
    for (const run of ['one', 'two', 'three', 'four']) store.park(run, cells(1, 2, 3), filled(3), 'flood');
    expect([store.has('quiet'), store.has('three'), store.has('four')]).toEqual([true, true, true]);
    expect(store.fill).toBe(1);
  });

  test('gives a tenant nothing that another has parked, be it under the same name', () => {
    const store = new KvStore(shape, layout, 10_000);
    const mine = filled(4);
    store.park('run', cells(1, 2, 3, 4), mine, 'a');
    expect(store.acquire('run', cells(1, 2, 3, 4, 5), 'b').length).toBe(0);
    store.park('run', cells(1, 2, 3, 4), filled(4), 'b');
    expect(store.acquire('run', cells(1, 2, 3, 4, 5), 'a')).toBe(mine);
  });

  test('refers to a shared beginning, and never cuts it', () => {
    const store = new KvStore(shape, layout, 10_000);
    store.share([1, 2, 3], filled(3));
    expect([store.hasPrefix([1, 2, 3]), store.hasPrefix([1, 2])]).toEqual([true, false]);
    const one = store.acquire('one', cells(1, 2, 3, 4, 5));
    const two = store.acquire('two', cells(1, 2, 3, 6));
    expect([one.length, two.length, one.prefix === two.prefix]).toEqual([3, 3, true]);
    store.park('one', cells(1, 2, 3, 4, 5), filled(5, one));
    expect(store.acquire('one', cells(1, 2, 3, 4, 5, 6))).toBe(one);
    expect(rowsOf(one)).toEqual([3, 4]);
    store.park('one', cells(1, 2, 3, 4, 5), one);
    // All of the prompt is the beginning: its last cell is still to be computed.
    expect(store.acquire('three', cells(1, 2, 3)).length).toBe(2);
    expect(store.acquire('four', cells(1, 2, 9)).length).toBe(2);
  });

  test('of shared beginnings the least recently used goes first', () => {
    const store = new KvStore(shape, layout, 6);
    store.share([1, 2, 3], filled(3));
    store.share([4, 5, 6], filled(3));
    store.acquire('reader', cells(1, 2, 3, 4));
    store.share([7, 8, 9], filled(3));
    expect([store.hasPrefix([1, 2, 3]), store.hasPrefix([4, 5, 6])]).toEqual([true, false]);
  });
});
