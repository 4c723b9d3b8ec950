import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '#shared/api';
import {
  collect,
  createScratch,
  exitOf,
  freePort,
  hasNano,
  killGroup,
  type NumberedEvent,
  runOf,
  type Scratch,
  type Started,
  start,
  startRun,
  stop,
  upload,
  watch,
} from './system.ts';

const QUESTION = 'What is the total?';
let scratch: Scratch;
let server: Started;
let photo: string;
let undisturbed: Run;

/** What a run must have in common with the one that nothing disturbed. */
function essence(run: Run): unknown {
  const steps = run.steps.map(({ thought, actions, observation }) => ({ thought, actions, observation }));
  return { status: run.status, answer: run.answer, steps, images: run.images };
}

function expectGapless(events: readonly NumberedEvent[]): void {
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
}

const startAgain = (port = 0): Promise<Started> =>
  start(['--port', String(port), '--state', join(scratch.folder, 'state')], scratch.environment);

beforeAll(async () => {
  scratch = await createScratch();
  server = await startAgain();
  photo = await upload(server, readFileSync('examples/receipt.jpg'));
  const events = await collect(await startRun(server, QUESTION, photo));
  expectGapless(events);
  undisturbed = runOf(events);
  expect(undisturbed.status).toBe('succeeded');
  if (hasNano) expect(undisturbed.answer).toContain('24.25');
}, 120_000);
afterAll(async () => {
  await stop(server);
  await scratch.remove();
});

describe('a run ends right', () => {
  it('when the backend is killed in the middle', async () => {
    let killed = false;
    const events = await collect(await startRun(server, QUESTION, photo), (event) => {
      if (killed || event.type !== 'step.completed') return;
      killed = true;
      process.kill(server.backend_pid, 'SIGKILL');
    });
    expect(killed).toBe(true);
    expectGapless(events);
    expect(essence(runOf(events))).toEqual(essence(undisturbed));
  }, 120_000);

  it('when everything is killed in the middle, with the state on disk', async () => {
    let runId = '';
    let killed: Promise<void> | undefined;
    const before = await collect(await startRun(server, QUESTION, photo), (event) => {
      if (event.type === 'run.started') runId = event.run_id;
      if (event.type === 'step.completed') killed ??= killGroup(server);
    });
    await killed;
    expect(before.at(-1)?.type).not.toBe('run.completed');

    server = await startAgain();
    const after = await collect(await watch(server, runId, before.at(-1)?.seq ?? 0));
    expectGapless([...before, ...after]);
    expect(essence(runOf(after))).toEqual(essence(undisturbed));
    const replayed = await collect(await watch(server, runId, 0));
    expect(replayed).toEqual([...before, ...after]);
  }, 180_000);
});

it('the next start ends the runtime that a killed one left behind', async () => {
  const port = await freePort();
  await stop(server);
  server = await startAgain(port);
  server.child.kill('SIGKILL');
  await exitOf(server.child);
  server = await startAgain(port);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
}, 180_000);
