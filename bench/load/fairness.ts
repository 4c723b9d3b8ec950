/** Steps of a small tenant, one after the other, alone and beside another that floods; and /healthz meanwhile. */
import { setTimeout as pause } from 'node:timers/promises';
import { startBareServer } from './bare-server.ts';
import type { Picture } from './caller.ts';
import { startFlood } from './flood.ts';
import { watchHealth } from './health.ts';
import { pictures, type Site } from './site.ts';
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
  /** Of a server beside it that does nothing else, at the same times: what the machine itself takes. */
  readonly bareIdle: readonly number[];
  readonly bareFlooded: readonly number[];
};

const HEALTH_IDLE_MS = 5_000;
/** Until a flood has its places, and it and who watches have their threads, whose start takes the time of a core. */
const FLOOD_STARTS_MS = 1_500;
/** What its tool takes between two steps. A tenant without pauses would not be small. */
const THINK_MS = 300;

export async function smallBesideFlood(site: Site, { blocks, steps, flooding }: FairPlan): Promise<Fairness> {
  const [own, others] = (await pictures(2)) as [Picture, Picture];
  const faults: string[] = [];
  const [alone, beside]: [number[], number[]] = [[], []];
  const [healthFlooded, bareFlooded]: [number[], number[]] = [[], []];
  const bare = await startBareServer();
  let [flooded, refused, serial] = [0, 0, 0];
  const ask = () =>
    step(site, {
      tenant: 'small',
      run: `small-${++serial}`,
      conversation: { question: `What is item ${serial}?`, images: [own.sha256], steps: [] },
      pictures: [own],
    });
  const small = async (times: number[]): Promise<void> => {
    for (let index = 0; index < steps; index++) {
      const outcome = await ask();
      if (outcome.kind === 'turn') times.push(outcome.ms);
      else faults.push(JSON.stringify(outcome));
      await pause(THINK_MS);
    }
  };
  await small([]);
  const [idle, idleBare] = [watchHealth(site.url), watchHealth(bare.url)];
  await pause(HEALTH_IDLE_MS);
  const [healthIdle, bareIdle] = [await idle.end(), await idleBare.end()];
  for (let block = 0; block < blocks; block++) {
    await small(alone);
    const flood = startFlood({ url: site.url, picture: others, flooding, name: `flood-${block}` });
    const [watching, watchingBare] = [watchHealth(site.url), watchHealth(bare.url)];
    await pause(FLOOD_STARTS_MS);
    await small(beside);
    healthFlooded.push(...(await watching.end()));
    bareFlooded.push(...(await watchingBare.end()));
    const ended = await flood.end();
    flooded += ended.served;
    refused += ended.refused;
    faults.push(...ended.faults);
  }
  bare.stop();
  return { alone, beside, flooded, refused, faults, healthIdle, healthFlooded, bareIdle, bareFlooded };
}

export function printFairness(fairness: Fairness): void {
  const { alone, beside, flooded, refused, faults } = fairness;
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
    `/healthz: with nothing else to do ${of(fairness.healthIdle)} ms; ` +
      `under the flood ${of(fairness.healthFlooded)} ms (aim: p99 10 ms)`,
  );
  console.log(
    `a server beside it that only says ok: ${of(fairness.bareIdle)} ms; under the flood ${of(fairness.bareFlooded)} ms`,
  );
}
