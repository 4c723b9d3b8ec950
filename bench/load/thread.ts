/** Work in a thread of its own until it is told to end: who measures and who loads must not take each other's time. */
import { parentPort, Worker, workerData } from 'node:worker_threads';

export type Ending<Result> = {
  /** Tells the thread to end, and gives what it has found. */
  end(): Promise<Result>;
};

/** Of a thread that was begun for the module at `url`; other threads, such as a test runner's, have other data. */
type Begun<Plan> = { readonly url: string; readonly plan: Plan };

/** Runs the module at `url`, which calls `inThread`, with a plan that can be cloned. */
export function startThread<Plan, Result>(url: string, plan: Plan): Ending<Result> {
  const worker = new Worker(new URL(url), { workerData: { url, plan } satisfies Begun<Plan> });
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  worker.once('message', resolve);
  worker.once('error', reject);
  return {
    end: async () => {
      worker.postMessage('end');
      return await promise;
    },
  };
}

/** In a thread that `startThread` began for this module: does the work, whose signal aborts when it is to end. */
export async function inThread<Plan, Result>(
  url: string,
  work: (plan: Plan, over: AbortSignal) => Promise<Result>,
): Promise<void> {
  const begun: Begun<Plan> | undefined = workerData?.url === url ? workerData : undefined;
  if (!begun) return;
  const over = new AbortController();
  parentPort?.once('message', () => over.abort());
  parentPort?.postMessage(await work(begun.plan, over.signal));
}
