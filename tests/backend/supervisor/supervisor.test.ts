import { fork } from 'node:child_process';
import { getPriority } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { type Supervisor, startSupervisor } from '#backend/engine/supervisor';

// A pack that is refused is no reason to die; a folder that the operator names and that is not there is.
const options = { modelFolder: 'nowhere', plannerFolder: 'nowhere', device: 'cpu', threads: 1 } as const;
const program = new URL('../../../gpu-backend/engine/process.ts', import.meta.url);
const never = new AbortController().signal;
const started: Supervisor<'vision' | 'planner'>[] = [];

afterEach(async () => {
  for (const supervisor of started.splice(0)) await supervisor.stop();
});

function supervise<R extends 'vision' | 'planner'>(role: R): { supervisor: Supervisor<R>; events: string[] } {
  const events: string[] = [];
  const supervisor = startSupervisor({
    role,
    program,
    child: options,
    niceness: 3,
    log: (event) => void events.push(event),
  });
  started.push(supervisor);
  return { supervisor, events };
}

const inspect = (supervisor: Supervisor<'vision'>, signal = never) =>
  supervisor.call('inspect', { file: 'examples/sign.jpg', sha256: 'a' }, { wallMs: 60_000, signal });

it('holds calls until the child is ready', async () => {
  const { supervisor } = supervise('vision');
  expect(supervisor.state).toBe('starting');
  const { mediaType } = await inspect(supervisor).result;
  expect(mediaType).toBe('image/jpeg');
  expect(supervisor.info?.tools?.map((tool) => tool.name)).toContain('OCR');
});

it('fails pending calls when the child dies, and answers again after its restart', async () => {
  const { supervisor } = supervise('vision');
  await inspect(supervisor).result;
  const call = inspect(supervisor);
  process.kill(supervisor.pid ?? 0, 'SIGKILL');
  await expect(call.result).rejects.toMatchObject({ code: 'backend_unavailable' });
  await call.idle;
  await expect(inspect(supervisor).result).rejects.toMatchObject({ code: 'backend_unavailable' });
  await expect.poll(() => supervisor.state, { timeout: 30_000 }).toBe('ready');
  expect((await inspect(supervisor).result).mediaType).toBe('image/jpeg');
});

it('lets its child stand behind this process once it is ready', async () => {
  const { supervisor } = supervise('vision');
  await inspect(supervisor).result;
  expect(getPriority(supervisor.pid)).toBe(Math.min(19, getPriority() + 3));
});

it('takes back a call that was not sent yet', async () => {
  const { supervisor } = supervise('vision');
  const gone = new AbortController();
  const call = inspect(supervisor, gone.signal);
  gone.abort();
  await expect(call.result).rejects.toMatchObject({ code: 'deadline_exceeded' });
  await call.idle;
});

it('keeps trying with a child that cannot start, and says so', async () => {
  const { supervisor, events } = supervise('planner');
  await expect
    .poll(() => events.filter((event) => event === 'child_died').length, { timeout: 30_000 })
    .toBeGreaterThan(1);
  expect(supervisor.info).toBeUndefined();
});

it('starts no child after stop', async () => {
  const { supervisor, events } = supervise('vision');
  await supervisor.stop();
  expect(supervisor.state).toBe('stopped');
  expect(supervisor.pid).toBeUndefined();
  await expect(inspect(supervisor).result).rejects.toMatchObject({ code: 'backend_unavailable' });
  expect(events).not.toContain('child_died');
});

it('a child ends when its parent is gone', async () => {
  const child = fork(program, ['vision', JSON.stringify(options)], { serialization: 'advanced' });
  await new Promise((resolve) => child.once('message', resolve));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.disconnect();
  await gone;
  expect(child.signalCode).toBe('SIGKILL');
});
