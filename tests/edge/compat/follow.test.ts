/** A stream for clients that cannot resume: it must go on through restarts, and never end in silence. */
import { expect, it, vi } from 'vitest';
import { followRun, type Translation } from '#edge/compat/follow';
import type { AppContext } from '#edge/route';

type Watch = (after: number) => Promise<ReadableStream<Uint8Array> | 'ended' | 'full' | null>;

const started = 'id: 1\ndata: {"type":"run.started","seq":1}\n\n';
const step = 'id: 2\ndata: {"type":"step.started","seq":2}\n\n';
const ended = 'id: 3\ndata: {"type":"run.completed","seq":3,"run":{}}\n\n';

/** Gives the texts one by one, then breaks off or closes. */
function stream(texts: readonly string[], end: 'break' | 'close' = 'break'): ReadableStream<Uint8Array> {
  const left = [...texts];
  return new ReadableStream({
    pull(controller) {
      const text = left.shift();
      if (text !== undefined) controller.enqueue(new TextEncoder().encode(text));
      else if (end === 'close') controller.close();
      else controller.error(new Error('the object went away'));
    },
  });
}

const translation: Translation = {
  event: (event) => `${'seq' in event ? event.seq : 'x'},`,
  failure: (error) => `failed: ${(error as Error).message}`,
};

function follow(watch: Watch): Promise<ReadableStream<Uint8Array>> {
  const RUNS = { idFromName: (name: string) => name, get: () => ({ watch }) };
  const c = { var: { settings: { RUNS }, principal: { tenant: 't' } } } as unknown as AppContext;
  return followRun(c, 'run_1', translation);
}

const read = async (watch: Watch) => new Response(await follow(watch)).text();

it('gives each event once, however the pieces are cut', async () => {
  const text = started + step + ended;
  for (const size of [1, 7, 50, text.length]) {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    expect(await read(async () => stream(pieces, 'close'))).toBe('1,2,3,');
  }
});

it('passes comments on, which keep the connection alive', async () => {
  const watch = async () => stream(['retry: 1000\n\n', started, ': ping\n\n', ended], 'close');
  expect(await read(watch)).toBe('1,: ping\n\n3,');
});

it('goes on after the last event that it saw when the object restarts', async () => {
  const cursors: number[] = [];
  const watch: Watch = async (after) => {
    cursors.push(after);
    if (cursors.length === 1) return stream([started, step, 'id: 3\ndata: {"ty']);
    if (cursors.length === 2) throw new Error('the object is not back yet');
    return stream([ended], 'close');
  };
  expect(await read(watch)).toBe('1,2,3,');
  expect(cursors).toEqual([0, 2, 2]);
});

it('ends with an error when the run is gone, or does not end', async () => {
  const gone: Watch = async (after) => (after === 0 ? stream([started]) : null);
  expect(await read(gone)).toBe('1,failed: there is no such run, or it has expired');
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const stuck: Watch = async (after) => {
    vi.setSystemTime(Date.now() + 60_000);
    return after === 0 ? stream([started]) : stream([]);
  };
  expect(await read(stuck)).toBe('1,failed: the run has not ended in time');
  vi.useRealTimers();
});

it('refuses before the stream begins what cannot be followed', async () => {
  await expect(follow(async () => null)).rejects.toMatchObject({ code: 'not_found' });
  await expect(follow(async () => 'full')).rejects.toMatchObject({ code: 'overloaded' });
});

it('lets go of the run when the client leaves', async () => {
  let left = false;
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(started)),
    cancel: () => {
      left = true;
    },
  });
  const reader = (await follow(async () => source)).getReader();
  await reader.read();
  await reader.cancel();
  expect(left).toBe(true);
});
