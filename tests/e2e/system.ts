/** Starts and kills the real commands, as a user and a bad day would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { image as imageSchema, type Run, type RunEvent } from '#shared/api';
import { eventsOf } from '../../clients/typescript/index.ts';
import { watchReplies } from '../spec/checked-fetch.ts';

/**
 * Whether answers can be right: the trained planner is in the checkout, and MODEL_DIR names no
 * other. Without it a random one shows that the plumbing holds.
 */
export const hasNano = !process.env['MODEL_DIR'] && existsSync('models/nano/planner/config.json');

export type Output = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type Scratch = {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  remove(): Promise<void>;
};

/** A folder for state, and an environment that names a planner. */
export async function createScratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'taco-e2e-'));
  const environment = { ...process.env };
  if (!hasNano && !environment['MODEL_DIR']) {
    environment['MODEL_DIR'] = folder;
    await symlink(join(process.cwd(), 'tests/backend/models/fixtures/grouped-f32'), join(folder, 'planner'));
  }
  return { folder, environment, remove: () => rm(folder, { recursive: true, force: true }) };
}

export async function ask(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Output> {
  const child = spawn(process.execPath, ['scripts/ask.ts', ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ]);
  return { code, stdout, stderr };
}

export type Started = {
  readonly url: string;
  readonly key: string;
  readonly backend_pid: number;
  readonly child: ChildProcess;
};

/** `npm start` in a process group of its own. Rejects with its words when it ends instead. */
export async function start(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Started> {
  const child = spawn(process.execPath, ['scripts/start.ts', '--json', ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const words = textOf(child.stderr);
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    child.once('exit', async (code) => reject(new Error(`start ended with ${code}: ${await words}`)));
  });
  const started = { ...(JSON.parse(line) as Omit<Started, 'child'>), child };
  watchReplies(started.url);
  return started;
}

/** Ends all processes of a start at once, as a power cut would. */
export async function killGroup({ child }: Started): Promise<void> {
  const gone = exitOf(child);
  if (child.pid) process.kill(-child.pid, 'SIGKILL');
  await gone;
}

export async function stop({ child }: Started): Promise<number | null> {
  const gone = exitOf(child);
  child.kill('SIGTERM');
  return await gone;
}

export function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}

export async function upload({ url, key }: Started, bytes: Uint8Array): Promise<string> {
  const response = await fetch(`${url}/v1/images`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'image/jpeg' },
    body: bytes as Uint8Array<ArrayBuffer>,
  });
  if (!response.ok) throw new Error(await response.text());
  return imageSchema.parse(await response.json()).id;
}

/** The event stream of a new run that neither reads nor fills the cache. */
export async function startRun({ url, key }: Started, question: string, imageId: string): Promise<Response> {
  const response = await fetch(`${url}/v1/runs`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
    body: JSON.stringify({ question, images: [{ type: 'image_id', image_id: imageId }], cache: 'no-store' }),
  });
  if (!response.ok) throw new Error(await response.text());
  return response;
}

export async function watch({ url, key }: Started, runId: string, after: number): Promise<Response> {
  return await fetch(`${url}/v1/runs/${runId}/events`, {
    headers: { authorization: `Bearer ${key}`, 'last-event-id': String(after) },
  });
}

/** Collects the numbered events of a stream; `onEvent` may act in the middle. */
export async function collect(
  response: Response,
  onEvent?: (event: RunEvent) => void,
): Promise<NumberedEvent[]> {
  const events: NumberedEvent[] = [];
  for await (const read of eventsOf(response)) {
    const event = read as RunEvent;
    if ('seq' in event) events.push(event);
    onEvent?.(event);
  }
  return events;
}

export type NumberedEvent = Extract<RunEvent, { seq: number }>;

export function runOf(events: readonly NumberedEvent[]): Run {
  const last = events.at(-1);
  if (last?.type !== 'run.completed' && last?.type !== 'run.failed')
    throw new Error(`the stream ended with ${last?.type}`);
  return last.run;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
