import { describe, expect, test } from 'vitest';
import { type Applicant, type Place, StepGate } from '#backend/step-gate';
import { ApiError } from '#shared/errors';
import { STEP_WAIT_MS_MAX } from '#shared/limits';

const never = new AbortController().signal;
const COST = 100;

/** Two places, one spare, three may wait; the clock stands still unless it is told to go on. */
function gateOf() {
  const clock = { ms: 0 };
  const gate = new StepGate({ places: () => 2, spare: 1, queueMax: 3, now: () => clock.ms });
  const enter = (tenant: string, change: Partial<Applicant> = {}, signal = never): Promise<Place> =>
    gate.enter({ tenant, kind: 'first', limitMs: 60_000, ...change }, signal);
  /** Steps of COST, each of so many milliseconds, two at a time. */
  const measure = async (ms: number): Promise<void> => {
    for (let round = 0; round < 4; round++) {
      const places = await Promise.all([enter('a'), enter('a')]);
      clock.ms += ms;
      for (const place of places) place.leave(COST);
    }
  };
  return { clock, gate, enter, measure };
}

async function refusal(refused: Promise<unknown>): Promise<unknown[]> {
  const error = await refused.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof ApiError ? [error.code, error.headers['Retry-After']] : [error];
}

describe('a step that would wait too long', () => {
  test('is turned away with the wait that was measured', async () => {
    const { gate, enter, measure } = gateOf();
    // Two steps in 4 s: a place is free every 2 s.
    await measure(4_000);
    const running = [await enter('a'), await enter('a')];
    const waiting = [enter('a'), enter('a'), enter('a')];
    expect(await refusal(enter('a', { limitMs: 11_000 }))).toEqual(['overloaded', '8']);
    expect(await refusal(enter('a'))).toEqual(['overloaded', '8']);
    expect(gate.refused).toEqual({ full: 1, late: 1, stopping: 0 });
    for (const place of [...running]) place.leave(COST);
    for (const place of await Promise.all(waiting.slice(0, 2))) place.leave();
    (await (waiting[2] as Promise<Place>)).leave(COST);
    expect([gate.running, gate.waiting]).toEqual([0, 0]);
  });

  test('waits no longer than STEP_WAIT_MS_MAX, whatever its deadline', async () => {
    const { enter, measure } = gateOf();
    await measure(3 * STEP_WAIT_MS_MAX);
    const running = [await enter('a'), await enter('a')];
    const [code, after] = await refusal(enter('a'));
    expect([code, Number(after)]).toEqual(['overloaded', (1.5 * STEP_WAIT_MS_MAX) / 1000]);
    for (const place of running) place.leave(COST);
  });

  test('gets a place that is free, however slow steps were', async () => {
    const { enter, measure } = gateOf();
    await measure(30_000);
    const place = await enter('a', { limitMs: 1_000 });
    expect(place.waitedMs).toBe(0);
    place.leave(COST);
  });
});

test('while nothing was measured the line is bounded by its length alone', async () => {
  const { enter, gate } = gateOf();
  const running = [await enter('a'), await enter('a')];
  const waiting = [1, 2, 3].map(() => enter('a'));
  expect(await refusal(enter('a'))).toEqual(['overloaded', '1']);
  gate.close();
  for (const one of waiting) expect((await refusal(one))[0]).toBe('backend_unavailable');
  for (const place of running) place.leave();
});

test('a flood never keeps another tenant out, and loses its last in line to it', async () => {
  const { enter, gate } = gateOf();
  const flood = [await enter('a'), await enter('a')];
  const waiting = [enter('a'), enter('a'), enter('a')];
  const spare = await enter('b');
  const second = enter('b');
  expect(await refusal(waiting[2] as Promise<Place>)).toEqual(['overloaded', '1']);
  expect([gate.running, gate.waiting]).toEqual([3, 3]);
  for (const place of [...flood, spare]) place.leave(COST);
  for (const place of [second, waiting[0], waiting[1]]) (await place)?.leave(COST);
  expect([gate.running, gate.waiting]).toEqual([0, 0]);
});

test('who leaves the line, or whose deadline passes in it, has no place in it', async () => {
  const { enter, gate } = gateOf();
  const running = [await enter('a'), await enter('a')];
  const controller = new AbortController();
  const leaving = enter('a', {}, controller.signal);
  const staying = enter('a');
  controller.abort(new ApiError('deadline_exceeded', 'The time is over.'));
  expect((await refusal(leaving))[0]).toBe('deadline_exceeded');
  running[0]?.leave(COST);
  const place = await staying;
  expect(gate.running).toBe(2);
  // Twice is once.
  place.leave(COST);
  place.leave(COST);
  running[1]?.leave();
  expect([gate.running, gate.waiting]).toEqual([0, 0]);
});

test('a closed gate lets those go on who are in', async () => {
  const { enter, gate } = gateOf();
  const place = await enter('a');
  gate.close();
  expect(await refusal(enter('b'))).toEqual(['backend_unavailable', '1']);
  expect(gate.running).toBe(1);
  place.leave(COST);
  expect([gate.running, gate.refused.stopping]).toEqual([0, 1]);
});

test('what would be refused is told beforehand, and nothing is changed by asking', async () => {
  const { gate, enter, measure } = gateOf();
  const check = (tenant: string, change: Partial<Applicant> = {}) => {
    const applicant = { tenant, kind: 'first', limitMs: 60_000, ...change } as const;
    return refusal(Promise.resolve().then(() => gate.check(applicant)));
  };
  await measure(4_000);
  const running = [await enter('a'), await enter('a')];
  expect(gate.retryAfterS).toBe(2);
  const waiting = [enter('a'), enter('a'), enter('a')];
  expect(gate.retryAfterS).toBe(8);
  expect(await check('a')).toEqual(['overloaded', '8']);
  expect(await check('a', { limitMs: 11_000 })).toEqual(['overloaded', '8']);
  // Another tenant would have a spare place; and once that is taken, the place of the last in line.
  expect(await check('b')).toEqual([undefined]);
  const spare = await enter('b');
  expect(await check('b')).toEqual([undefined]);
  expect([gate.running, gate.waiting, gate.refused.full, gate.refused.late]).toEqual([3, 3, 1, 1]);
  gate.close();
  expect((await check('b'))[0]).toBe('backend_unavailable');
  for (const one of waiting) expect((await refusal(one))[0]).toBe('backend_unavailable');
  for (const place of [...running, spare]) place.leave(COST);
});
