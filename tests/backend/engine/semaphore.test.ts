import { expect, test } from 'vitest';
import { Semaphore } from '#backend/engine/semaphore';

const never = new AbortController().signal;

test('at most so many at a time, in order of arrival', async () => {
  const semaphore = new Semaphore(2);
  const started: number[] = [];
  const release: Array<() => void> = [];
  const tasks = [0, 1, 2, 3].map((id) =>
    semaphore.run(never, async () => {
      started.push(id);
      await new Promise<void>((resolve) => release.push(resolve));
    }),
  );
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  for (let index = 0; index < 4; index++) {
    release[index]?.();
    await tasks[index];
    await Promise.resolve();
  }
  expect(started).toEqual([0, 1, 2, 3]);
});

test('a waiting task that is aborted leaves its place', async () => {
  const semaphore = new Semaphore(1);
  let free = (): void => {};
  const first = semaphore.run(never, () => new Promise<void>((resolve) => (free = resolve)));
  const controller = new AbortController();
  const second = semaphore.run(controller.signal, async () => 'second');
  const third = semaphore.run(never, async () => 'third');
  controller.abort(new Error('gone'));
  await expect(second).rejects.toThrow('gone');
  free();
  await first;
  expect(await third).toBe('third');
});

test('a failing task frees its place', async () => {
  const semaphore = new Semaphore(1);
  await expect(semaphore.run(never, async () => Promise.reject(new Error('broken')))).rejects.toThrow(
    'broken',
  );
  expect(await semaphore.run(never, async () => 'next')).toBe('next');
});
