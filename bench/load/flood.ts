/** A tenant that always has so many steps asked for, in a thread of its own: it must not take the time of who measures. */
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Caller, type Picture } from './caller.ts';
import { step } from './step.ts';

export type Flooded = {
  /** Steps that were served, and those that were told to come back. */
  readonly served: number;
  readonly refused: number;
  readonly faults: readonly string[];
};

export type Flood = {
  /** Asks for no more, and tells what became of all once they have ended. */
  end(): Promise<Flooded>;
};

type FloodPlan = {
  readonly url: string;
  readonly picture: Picture;
  readonly flooding: number;
  /** What its runs are named after: another flood has other ones. */
  readonly name: string;
};

export function startFlood(plan: FloodPlan): Flood {
  const worker = new Worker(new URL(import.meta.url), { workerData: plan });
  const { promise, resolve, reject } = Promise.withResolvers<Flooded>();
  worker.once('message', resolve);
  worker.once('error', reject);
  return {
    end: async () => {
      worker.postMessage('end');
      return await promise;
    },
  };
}

async function flood({ url, picture, flooding, name }: FloodPlan): Promise<Flooded> {
  const caller = new Caller(url);
  const over = new AbortController();
  parentPort?.once('message', () => over.abort());
  let [served, refused, serial] = [0, 0, 0];
  const faults: string[] = [];
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const number = ++serial;
      const outcome = await step(caller, {
        tenant: 'flood',
        run: `${name}-${number}`,
        conversation: { question: `What is item ${number}?`, images: [picture.sha256], steps: [] },
        pictures: [picture],
      });
      if (outcome.kind === 'turn') served++;
      else if (outcome.kind === 'refused') {
        refused++;
        await pause(outcome.afterMs, undefined, { signal: over.signal }).catch(() => undefined);
      } else faults.push(JSON.stringify(outcome));
    }
  };
  await Promise.all(Array.from({ length: flooding }, client));
  caller.close();
  return { served, refused, faults };
}

if (!isMainThread) parentPort?.postMessage(await flood(workerData as FloodPlan));
