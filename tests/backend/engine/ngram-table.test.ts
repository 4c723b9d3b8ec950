import { expect, test } from 'vitest';
import { NgramTable } from '#backend/engine/ngram-table';

test('goes on as the longest known context did, for as long as it is known', () => {
  const table = new NgramTable(100);
  table.learn([1, 2, 3, 4, 5]);
  table.learn([9, 2, 3, 7]);
  table.learn([9, 2, 3, 7]);
  expect(table.continuation([1, 2, 3], 8).tokens).toEqual([4, 5]);
  expect(table.continuation([9, 2, 3], 8).tokens).toEqual([7]);
  expect(table.continuation([8, 2, 3], 8).tokens).toEqual([7]);
  expect(table.continuation([1, 2, 3], 1).tokens).toEqual([4]);
  expect(table.continuation([3], 8).tokens).toEqual([]);
  expect(table.continuation([6, 6], 8).tokens).toEqual([]);
  expect(table.continuation([1, 2, 3], 8).matched).toBe(3);
  expect(table.continuation([8, 2, 3], 8).matched).toBe(2);
});

test('what follows in no usual way is not proposed, and a habit can change', () => {
  const table = new NgramTable(100);
  for (const last of [1, 2]) table.learn([5, 6, last]);
  expect(table.continuation([5, 6], 1).tokens).toEqual([]);
  for (let time = 0; time < 5; time++) table.learn([5, 6, 2]);
  expect(table.continuation([5, 6], 1).tokens).toEqual([2]);
});

test('tokens before `from` are context only', () => {
  const table = new NgramTable(100);
  table.learn([1, 2, 3, 4], 3);
  expect(table.continuation([1, 2], 1).tokens).toEqual([]);
  expect(table.continuation([2, 3], 1).tokens).toEqual([4]);
});

test('holds no more contexts than it may, and forgets the oldest', () => {
  const table = new NgramTable(12);
  table.learn([1, 2, 3]);
  for (let token = 10; token < 500; token++) {
    table.learn([token, token + 1, token + 2, token + 3]);
    expect(table.size).toBeLessThanOrEqual(12);
  }
  expect(table.continuation([1, 2], 1).tokens).toEqual([]);
  expect(table.continuation([499, 500], 1).tokens).toEqual([501]);
});
