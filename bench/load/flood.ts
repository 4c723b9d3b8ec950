/** A tenant that always has so many steps asked for, in a thread of its own: it must not take the time of who measures. */
import { setTimeout as pause } from 'node:timers/promises';
import { Caller, type Picture } from './caller.ts';
import { step } from './step.ts';
import { type Ending, inThread, startThread } from './thread.ts';

export type Flooded = {
  /** Steps that were served, and those that were told to come back. */
  readonly served: number;
  readonly refused: number;
  readonly faults: readonly string[];
};

type FloodPlan = {
  readonly url: string;
  readonly picture: Picture;
  readonly flooding: number;
  /** What its runs are named after: another flood has other ones. */
  readonly name: string;
};

/** Ends once all that it asked for have ended. */
export const startFlood = (plan: FloodPlan): Ending<Flooded> => startThread(import.meta.url, plan);

async function flood({ url, picture, flooding, name }: FloodPlan, over: AbortSignal): Promise<Flooded> {
  const caller = new Caller(url);
  let [served, refused, serial] = [0, 0, 0];
  const faults: string[] = [];
  const client = async (): Promise<void> => {
    while (!over.aborted) {
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
        await pause(outcome.afterMs, undefined, { signal: over }).catch(() => undefined);
      } else faults.push(JSON.stringify(outcome));
    }
  };
  await Promise.all(Array.from({ length: flooding }, client));
  caller.close();
  return { served, refused, faults };
}

await inThread(import.meta.url, flood);
