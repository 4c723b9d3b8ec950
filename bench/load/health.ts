/** Asks for /healthz again and again from a thread of its own: what a probe sees, not what a busy client does. */
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { connections, exchange } from './client.ts';

const EVERY_MS = 20;

export type HealthWatch = {
  /** Ends the asking and gives the milliseconds of each reply. */
  end(): Promise<readonly number[]>;
};

export function watchHealth(url: string): HealthWatch {
  const worker = new Worker(new URL(import.meta.url), { workerData: url });
  const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>();
  worker.once('message', resolve);
  worker.once('error', reject);
  return {
    end: async () => {
      worker.postMessage('end');
      return await promise;
    },
  };
}

async function ask(url: string): Promise<number[]> {
  const agent = connections();
  const times: number[] = [];
  let isOver = false;
  parentPort?.once('message', () => {
    isOver = true;
  });
  while (!isOver) {
    const start = performance.now();
    await exchange(agent, `${url}/healthz`, { method: 'GET' });
    times.push(performance.now() - start);
    await pause(EVERY_MS);
  }
  agent.destroy();
  return times;
}

if (!isMainThread) parentPort?.postMessage(await ask(workerData as string));
