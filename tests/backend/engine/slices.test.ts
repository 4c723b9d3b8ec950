import { expect, test } from 'vitest';
import { Slices } from '#backend/engine/slices';

/** Each piece takes so many milliseconds of a clock that stands still otherwise. */
function slicesOf(had: Readonly<Record<string, number>> = {}) {
  const clock = { ms: 0 };
  const slices = new Slices({ of: (tenant) => had[tenant] ?? 0 }, () => clock.ms);
  const done: string[] = [];
  const piece = (name: string, ms: number): Promise<string> =>
    slices.run(name.charAt(0), () => {
      clock.ms += ms;
      done.push(name);
      return name;
    });
  return { slices, done, piece };
}

test('short pieces are done in one go, in their order', async () => {
  const { done, piece } = slicesOf();
  setImmediate(() => done.push('others'));
  expect(await Promise.all([piece('a1', 0), piece('a2', 0), piece('a3', 0)])).toEqual(['a1', 'a2', 'a3']);
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual(['a1', 'a2', 'a3', 'others']);
});

test('between long ones others have the thread', async () => {
  const { done, piece } = slicesOf();
  setImmediate(() => done.push('others'));
  await Promise.all([piece('a1', 1), piece('a2', 1), piece('a3', 1)]);
  expect(done).toEqual(['a1', 'a2', 'others', 'a3']);
});

test('who has had less than all that wait does not wait, who has had as much does', async () => {
  const { done, piece } = slicesOf({ a: 100, b: 5, c: 5 });
  const all = [piece('a1', 3), piece('b1', 3), piece('c1', 3), piece('a2', 3)];
  expect(done).toEqual(['b1', 'c1']);
  await Promise.all(all);
  expect(done).toEqual(['b1', 'c1', 'a1', 'a2']);
  const more = [piece('b2', 1), piece('c2', 1), piece('a3', 1)];
  expect(done.slice(4)).toEqual([]);
  await Promise.all(more);
  // Of the waiting, too, whoever has had least is first.
  expect(done.slice(4)).toEqual(['b2', 'c2', 'a3']);
});

test('a piece that throws rejects, and the next is done all the same', async () => {
  const { slices, piece } = slicesOf();
  const broken = slices.run('a', () => {
    throw new Error('too long');
  });
  const next = piece('a2', 1);
  await expect(broken).rejects.toThrow('too long');
  expect(await next).toBe('a2');
  // It begins anew once all is done.
  expect(await piece('a3', 1)).toBe('a3');
});
