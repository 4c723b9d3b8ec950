import { expect, test } from 'vitest';
import { KvPool } from '#backend/engine/kv-pool';
import { KvSequence, SLOT_BLOCK } from '#backend/engine/kv-sequence';
import { KvStore } from '#backend/engine/kv-store';

const shape = { layers: 1, heads: 2, headSize: 2 };
/** Of the buffers of one block. */
const BLOCK_BYTES = 2 * 2 * SLOT_BLOCK * 2 * Float32Array.BYTES_PER_ELEMENT;

function written(sequence: KvSequence, length: number): KvSequence {
  for (let row = sequence.length; row < length; row++) {
    const rows = new Float32Array(4).fill(row + 1);
    sequence.append([rows, rows], { offset: 0, stride: 1, count: 1 });
  }
  return sequence;
}

test('memory that is given back is taken again, without what was in it', () => {
  const pool = new KvPool(shape);
  const first = written(new KvSequence(shape, undefined, pool), 5);
  const [buffer] = first.buffers;
  // What was cut off lies in the memory still.
  first.truncate(2);
  first.free();
  expect([first.length, first.capacity, pool.bytes]).toEqual([0, 0, BLOCK_BYTES]);
  const second = written(new KvSequence(shape, undefined, pool), 1);
  expect(second.buffers[0]).toBe(buffer);
  expect(pool.bytes).toBe(0);
  expect(second.buffers.every((each) => each.filter((value) => value !== 0).length === 4)).toBe(true);
});

test('a sequence that grows gives its smaller memory back', () => {
  const pool = new KvPool(shape);
  const sequence = written(new KvSequence(shape, undefined, pool), SLOT_BLOCK + 1);
  expect([sequence.capacity, pool.bytes]).toEqual([2 * SLOT_BLOCK, BLOCK_BYTES]);
});

test('no more is kept than the pool may have, and nothing of sequences without one', () => {
  const pool = new KvPool(shape, BLOCK_BYTES);
  const sequences = [1, 2].map(() => written(new KvSequence(shape, undefined, pool), 1));
  for (const sequence of sequences) sequence.free();
  written(new KvSequence(shape), 1).free();
  expect(pool.bytes).toBe(BLOCK_BYTES);
});

test('what the store lets go is not in what another step gets', () => {
  const store = new KvStore(shape, { imageToken: 9 }, SLOT_BLOCK);
  const ids = [1, 2, 3, 4];
  const parked = written(store.acquire('run 1', { ids, images: [] }), 4);
  const buffers = parked.buffers;
  store.park('run 1', { ids, images: [] }, parked);
  const other = written(store.acquire('run 2', { ids: [5, 6], images: [] }), 2);
  // There is room for one alone: run 1 goes, and its memory is the next one's.
  store.park('run 2', { ids: [5, 6], images: [] }, other);
  const next = written(store.acquire('run 3', { ids: [7, 8], images: [] }), 1);
  expect(next.buffers[0]).toBe(buffers[0]);
  expect(other.buffers[0]).not.toBe(buffers[0]);
  expect([...(next.buffers[0] as Float32Array)].filter((value) => value !== 0)).toEqual([1, 1, 1, 1]);
});
