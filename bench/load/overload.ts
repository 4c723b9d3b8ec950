/** Many times more steps than can be served (R15): what is served then, what the others are told, and how soon it is over. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Picture } from './caller.ts';
import { pictures, type Site } from './site.ts';
import { quantile } from './statistics.ts';
import { type Outcome, step } from './step.ts';

export type OverloadPlan = { readonly peakS: number; readonly overloadS: number; readonly factor: number };

export type Overloaded = {
  /** Turns a second with as many steps at a time as there are places. */
  readonly peak: number;
  /** Steps a second that were asked for, and turns a second of them. */
  readonly offered: number;
  readonly goodput: number;
  /** Milliseconds of those that were served. */
  readonly served: readonly number[];
  /** Told to come back, with the seconds that they were told. */
  readonly refused: readonly number[];
  /** Given a place that their deadline did not let them use. */
  readonly late: number;
  /** Anything else: there must be none. */
  readonly faults: readonly string[];
  /** From the last of the overload until a step is served as fast as before it. */
  readonly recoveryMs: number;
};

const TENANTS = 8;
const AT_A_TIME = 16;
const WARM_UP_S = 2;
const DEADLINE_MS = 15_000;
const RECOVERED_FACTOR = 2;
const RECOVERY_MS_MAX = 60_000;

export async function overload(site: Site, { peakS, overloadS, factor }: OverloadPlan): Promise<Overloaded> {
  const [picture] = (await pictures(1)) as [Picture];
  let serial = 0;
  const ask = (): Promise<Outcome> => {
    const index = ++serial;
    return step(site, {
      tenant: `tenant-${index % TENANTS}`,
      run: `overload-${index}`,
      conversation: { question: `What is item ${index}?`, images: [picture.sha256], steps: [] },
      deadlineMs: DEADLINE_MS,
      pictures: [picture],
    });
  };
  await closedLoop(ask, WARM_UP_S);
  const peak = await closedLoop(ask, peakS);
  const calm: number[] = [];
  for (let index = 0; index < 10; index++) calm.push(msOf(await ask()));

  const outcomes: Outcome[] = [];
  const asked: Promise<unknown>[] = [];
  const start = performance.now();
  const rate = factor * peak;
  // Arrivals go by the clock: a timer that is late makes up for it.
  for (let now = 0; now < overloadS * 1000; now = performance.now() - start) {
    for (const due = (now / 1000) * rate; asked.length < due; )
      asked.push(ask().then((outcome) => outcomes.push(outcome)));
    await pause(5);
  }
  const ended = performance.now();
  const turns = outcomes.filter(({ kind }) => kind === 'turn').length;
  const goodput = turns / ((ended - start) / 1000);
  const recoveryMs = await recovery(ask, RECOVERED_FACTOR * quantile(calm, 0.5), ended);
  await Promise.all(asked);
  return {
    peak,
    offered: asked.length / ((ended - start) / 1000),
    goodput,
    served: outcomes.flatMap((outcome) => (outcome.kind === 'turn' ? [outcome.ms] : [])),
    refused: outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? [outcome.afterMs / 1000] : [])),
    late: outcomes.filter(({ kind }) => kind === 'late').length,
    faults: outcomes.flatMap((outcome) => (outcome.kind === 'fault' ? [outcome.what] : [])),
    recoveryMs,
  };
}

const msOf = (outcome: Outcome): number => (outcome.kind === 'turn' ? outcome.ms : Number.POSITIVE_INFINITY);

/** Turns a second of so many clients, each of which asks again once it is answered. */
async function closedLoop(ask: () => Promise<Outcome>, seconds: number): Promise<number> {
  const start = performance.now();
  let turns = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - start < seconds * 1000) if ((await ask()).kind === 'turn') turns++;
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, client));
  return turns / ((performance.now() - start) / 1000);
}

async function recovery(ask: () => Promise<Outcome>, fastMs: number, from: number): Promise<number> {
  while (performance.now() - from < RECOVERY_MS_MAX) {
    if (msOf(await ask()) <= fastMs) break;
    await pause(50);
  }
  return performance.now() - from;
}

export function printOverload(overloaded: Overloaded, { overloadS, factor }: OverloadPlan): void {
  const { peak, offered, goodput, served, refused, late, faults, recoveryMs } = overloaded;
  console.log(
    `R15: ${factor} x overload for ${overloadS} s: peak ${peak.toFixed(1)} steps/s, offered ${offered.toFixed(0)}, ` +
      `served ${goodput.toFixed(1)} (${((100 * goodput) / peak).toFixed(0)} % of peak; aim 80 %), p50 ${quantile(served, 0.5).toFixed(0)} ms, p99 ${quantile(served, 0.99).toFixed(0)} ms`,
  );
  console.log(
    `  ${refused.length} told to come back (503 with Retry-After of ${quantile(refused, 0.5)} s at p50, ${quantile(refused, 0.99)} s at p99), ` +
      `${late} ended at their deadline, ${faults.length} other replies; as fast as before ${(recoveryMs / 1000).toFixed(1)} s after (aim 5 s)`,
  );
  for (const fault of faults.slice(0, 10)) console.log(`  fault: ${fault}`);
}
