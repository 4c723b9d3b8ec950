/** Whole processes die in the middle of runs: the edge by SIGKILL with its state on disk, the backend with none. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Run } from '#shared/api';
import { watchReplies } from '../spec/checked-fetch.ts';
import { type FakeBackend, startFakeBackend } from './fake-backend.ts';
import type { Script } from './script.ts';

const SECRET = 'a secret that only tests know';
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQI12M4Y2wMQQxwFgBLYgctOrxZ4QAAAABJRU5ErkJggg==';

type Edge = { readonly url: string; readonly key: string; readonly process: ChildProcess };

let folder: string;
let backend: FakeBackend;
let edge: Edge;

function startEdge(port: number): Promise<Edge> {
  const file = new URL('edge-process.ts', import.meta.url).pathname;
  // A group of its own: workerd must die with the process that started it.
  const child = spawn(process.execPath, [file, folder, String(port), backend.url, SECRET], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the edge ended with ${code}`)));
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve({ ...JSON.parse(text), process: child });
    });
  });
}

async function killEdge(): Promise<void> {
  const { pid } = edge.process;
  const gone = new Promise((resolve) => edge.process.once('exit', resolve));
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  await gone;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-restarts-'));
  backend = await startFakeBackend(SECRET);
  edge = await startEdge(0);
  watchReplies(edge.url);
});

afterAll(async () => {
  await killEdge();
  await backend.stop();
  await rm(folder, { recursive: true, force: true });
});

const send = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(edge.url + path, {
    ...init,
    headers: { authorization: `Bearer ${edge.key}`, 'content-type': 'application/json', ...init.headers },
  });

const turn = (name: string, args: object) => ({
  thought: '',
  actions: [{ name, arguments: args as Record<string, string> }],
});
const script: Script = {
  turns: [
    { turn: turn('OCR', { image: 'image-0' }), delayMs: 300 },
    { turn: turn('Calculate', { expression: '14.20 / 2' }), delayMs: 300 },
    { turn: turn('Terminate', { answer: '7.10' }), delayMs: 300 },
  ],
};

async function start(): Promise<Run> {
  const images = [{ type: 'base64', media_type: 'image/png', data: PNG }];
  const body = JSON.stringify({ question: JSON.stringify(script), images, background: true });
  return (await send('/v1/runs', { method: 'POST', body })).json() as Promise<Run>;
}

async function expectAnswer(id: string): Promise<void> {
  const run = (await (await send(`/v1/runs/${id}`, { headers: { prefer: 'wait=60' } })).json()) as Run;
  expect(run).toMatchObject({ status: 'succeeded', answer: '7.10' });
  const text = await (await send(`/v1/runs/${id}/events`)).text();
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
  expect(ids).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
}

it.each([150, 450, 800])(
  'a run goes on after the edge was killed %i ms into it, with no request to wake it',
  async (ms) => {
    const run = await start();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const port = Number(new URL(edge.url).port);
    await killEdge();
    edge = await startEdge(port);
    await expectAnswer(run.id);
  },
);

it('a run goes on after the backend was stopped in the middle and came back empty', async () => {
  const run = await start();
  await new Promise((resolve) => setTimeout(resolve, 450));
  const port = Number(new URL(backend.url).port);
  await backend.stop();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  backend = await startFakeBackend(SECRET, port);
  await expectAnswer(run.id);
});
