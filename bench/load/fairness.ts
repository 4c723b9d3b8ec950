/** Steps of a small tenant, one after the other, alone and beside another that floods; and /healthz meanwhile. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Picture, pictures, type Site } from './site.ts';
import { quantile } from './statistics.ts';
import { step } from './step.ts';

export type FairPlan = {
  /** Alone and beside the flood take turns, so that what disturbs one disturbs both. */
  readonly blocks: number;
  readonly steps: number;
  /** Steps of the flood that are asked for at a time. */
  readonly flooding: number;
};

export type Fairness = {
  readonly alone: readonly number[];
  readonly beside: readonly number[];
  /** Steps of the flood that were served meanwhile, and those that were told to come back. */
  readonly flooded: number;
  readonly refused: number;
  readonly faults: readonly string[];
  /** Milliseconds of /healthz while nothing else is asked, and under the flood. */
  readonly healthIdle: readonly number[];
  readonly healthFlooded: readonly number[];
};

const HEALTH_EVERY_MS = 20;
const HEALTH_IDLE_S = 5;
/** What its tool takes between two steps. A tenant without pauses would not be small. */
const THINK_MS = 300;

export async function smallBesideFlood(site: Site, { blocks, steps, flooding }: FairPlan): Promise<Fairness> {
  const [own, others] = (await pictures(2)) as [Picture, Picture];
  const faults: string[] = [];
  const [alone, beside]: [number[], number[]] = [[], []];
  const [healthIdle, healthFlooded]: [number[], number[]] = [[], []];
  let [flooded, refused, serial] = [0, 0, 0];
  const ask = (tenant: string, picture: Picture) =>
    step(site, {
      tenant,
      run: `${tenant}-${++serial}`,
      conversation: { question: `What is item ${serial}?`, images: [picture.sha256], steps: [] },
      pictures: [picture],
    });
  const small = async (times: number[]): Promise<void> => {
    for (let index = 0; index < steps; index++) {
      const outcome = await ask('small', own);
      if (outcome.kind === 'turn') times.push(outcome.ms);
      else faults.push(JSON.stringify(outcome));
      await pause(THINK_MS);
    }
  };
  const flood = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const outcome = await ask('flood', others);
      if (outcome.kind === 'turn') flooded++;
      else if (outcome.kind === 'refused') {
        refused++;
        await pause(outcome.afterMs, undefined, { signal }).catch(() => undefined);
      } else faults.push(JSON.stringify(outcome));
    }
  };
  await small([]);
  await watchHealth(site, healthIdle, AbortSignal.timeout(HEALTH_IDLE_S * 1000));
  for (let block = 0; block < blocks; block++) {
    await small(alone);
    const over = new AbortController();
    const crowd = Array.from({ length: flooding }, () => flood(over.signal));
    await pause(1_000);
    const watching = watchHealth(site, healthFlooded, over.signal);
    await small(beside);
    over.abort();
    await Promise.all([...crowd, watching]);
  }
  return { alone, beside, flooded, refused, faults, healthIdle, healthFlooded };
}

async function watchHealth(site: Site, times: number[], over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const start = performance.now();
    await (await fetch(`${site.url}/healthz`)).arrayBuffer();
    times.push(performance.now() - start);
    await pause(HEALTH_EVERY_MS);
  }
}

export function printFairness(fairness: Fairness): void {
  const { alone, beside, flooded, refused, faults, healthIdle, healthFlooded } = fairness;
  const of = (values: readonly number[]): string =>
    [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${quantile(values, share).toFixed(1)}`).join(', ');
  const ratio = (share: number): string => (quantile(beside, share) / quantile(alone, share)).toFixed(2);
  console.log(
    `a small tenant's step: alone ${of(alone)} ms; beside a flood ${of(beside)} ms ` +
      `(p50 ${ratio(0.5)} x, p99 ${ratio(0.99)} x; aim 1.3 x); ${alone.length} steps each, ` +
      `the flood had ${flooded} steps served and ${refused} told to come back; ${faults.length} faults`,
  );
  for (const fault of faults.slice(0, 10)) console.log(`  fault: ${fault}`);
  console.log(
    `/healthz: with nothing else to do ${of(healthIdle)} ms; under the flood ${of(healthFlooded)} ms (aim: p99 10 ms)`,
  );
}
