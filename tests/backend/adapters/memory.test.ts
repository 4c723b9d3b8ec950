/** Who has which memory, and when it is lent again. */
import { expect, test } from 'vitest';
import { openMemory } from '#backend/tools/adapters/memory';

test('memory is used again, but not by two at once', async () => {
  const lend = openMemory();
  const seen: Float32Array[] = [];
  const note = async (floats: Float32Array): Promise<void> => {
    seen.push(floats);
    await Promise.resolve();
  };
  await Promise.all([lend(6, note), lend(6, note)]);
  await lend(6, note);
  await lend(4, note);
  expect(seen.map(({ length }) => length)).toEqual([6, 6, 6, 4]);
  expect(seen[0]).not.toBe(seen[1]);
  expect([seen[0], seen[1]]).toContain(seen[2]);
});

test('it comes back from whoever fails, and what is said goes through', async () => {
  const lend = openMemory();
  let lost: Float32Array | undefined;
  await expect(
    lend(3, async (floats) => {
      lost = floats;
      throw new Error('no such graph');
    }),
  ).rejects.toThrow('no such graph');
  expect(await lend(3, async (floats) => floats)).toBe(lost);
});

test('no more is kept than is used', async () => {
  const lend = openMemory();
  const all = (): Promise<Float32Array[]> =>
    Promise.all(Array.from({ length: 9 }, () => lend(2, async (floats) => floats)));
  const before = new Set(await all());
  expect(before.size).toBe(9);
  expect((await all()).filter((floats) => before.has(floats))).toHaveLength(4);
});
