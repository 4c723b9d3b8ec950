/** Asks for /healthz again and again from a thread of its own: what a probe sees, not what a busy client does. */
import { setTimeout as pause } from 'node:timers/promises';
import { connections, exchange } from './client.ts';
import { type Ending, inThread, startThread } from './thread.ts';

const EVERY_MS = 20;

/** Ends with the milliseconds of each reply. */
export const watchHealth = (url: string): Ending<readonly number[]> => startThread(import.meta.url, url);

async function ask(url: string, over: AbortSignal): Promise<readonly number[]> {
  const agent = connections();
  const times: number[] = [];
  while (!over.aborted) {
    const start = performance.now();
    await exchange(agent, `${url}/healthz`, { method: 'GET' });
    times.push(performance.now() - start);
    await pause(EVERY_MS);
  }
  agent.destroy();
  return times;
}

await inThread(import.meta.url, ask);
