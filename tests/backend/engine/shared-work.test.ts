import { expect, test } from 'vitest';
import { SharedWork } from '#backend/engine/shared-work';

const never = new AbortController().signal;

test('is done once for all who wait, and anew afterwards', async () => {
  const work = new SharedWork<number>();
  let started = 0;
  const start = async (): Promise<number> => ++started;
  expect(await Promise.all([work.run('a', never, start), work.run('a', never, start)])).toEqual([1, 1]);
  expect(await work.run('a', never, start)).toBe(2);
});

test('goes on when one leaves, and is given up when the last one has', async () => {
  const work = new SharedWork<string>();
  const [one, two] = [new AbortController(), new AbortController()];
  let given: AbortSignal | undefined;
  const start = (signal: AbortSignal): Promise<string> => {
    given = signal;
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  };
  const waiting = [one, two].map(({ signal }) => work.run('a', signal, start));
  one.abort(new Error('one left'));
  await expect(waiting[0]).rejects.toThrow('one left');
  expect(given?.aborted).toBe(false);
  two.abort(new Error('two left'));
  // Who comes now begins anew: nobody joins work that is being given up.
  await expect(waiting[1]).rejects.toThrow('two left');
  expect(given?.aborted).toBe(true);
  expect(await work.run('a', never, async () => 'fresh')).toBe('fresh');
});

test('fails for all who wait, and is forgotten', async () => {
  const work = new SharedWork<string>();
  const start = async (): Promise<string> => {
    throw new Error('no memory');
  };
  const waiting = [work.run('a', never, start), work.run('a', never, start)];
  for (const one of waiting) await expect(one).rejects.toThrow('no memory');
  expect(await work.run('a', never, async () => 'fresh')).toBe('fresh');
});
