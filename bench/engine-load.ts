/**
 * The backend under load, with the nano planner and over HTTP: many runs with kills and clients that leave, a small
 * tenant beside a flood, and ten times as many steps as it can serve. BENCH_PARTS=soak,fairness,overload takes some of
 * the three.
 */
import { type Fairness, type FairPlan, printFairness, smallBesideFlood } from './load/fairness.ts';
import { type Overloaded, type OverloadPlan, overload, printOverload } from './load/overload.ts';
import { Site } from './load/site.ts';
import { printSoaked, type Soaked, type SoakPlan, soak } from './load/soak.ts';

export type LoadPlan = {
  readonly soak: SoakPlan;
  readonly fairness: FairPlan;
  readonly overload: OverloadPlan;
};

export type Loaded = {
  readonly soaked: Soaked | undefined;
  readonly fairness: Fairness | undefined;
  readonly overloaded: Overloaded | undefined;
};

const PLAN: LoadPlan = {
  soak: { runs: 8_000, kills: 2 },
  fairness: { blocks: 8, steps: 30, flooding: 48 },
  overload: { peakS: 10, overloadS: 60, factor: 10 },
};

/** The parts that are planned, one after the other on one backend. */
export async function load(plan: Partial<LoadPlan>): Promise<Loaded> {
  const site = await Site.start();
  try {
    const soaked = plan.soak && (await soak(site, plan.soak));
    if (soaked && plan.soak) printSoaked(soaked, plan.soak);
    const fairness = plan.fairness && (await smallBesideFlood(site, plan.fairness));
    if (fairness) printFairness(fairness);
    const overloaded = plan.overload && (await overload(site, plan.overload));
    if (overloaded && plan.overload) printOverload(overloaded, plan.overload);
    return { soaked, fairness, overloaded };
  } finally {
    await site.stop();
  }
}

export async function run(): Promise<void> {
  const { BENCH_PARTS: names = Object.keys(PLAN).join() } = process.env;
  const unknown = names.split(',').filter((name) => !Object.hasOwn(PLAN, name));
  if (unknown.length > 0)
    throw new Error(`BENCH_PARTS: expected some of ${Object.keys(PLAN).join()}, got ${unknown.join()}`);
  const plan = Object.fromEntries(Object.entries(PLAN).filter(([name]) => names.split(',').includes(name)));
  const { soaked, overloaded } = await load(plan);
  const leaks = Object.values(soaked?.left ?? {}).some((count) => count !== 0);
  const faults = [...(soaked?.faults ?? []), ...(overloaded?.faults ?? [])];
  if (faults.length > 0 || leaks) process.exitCode = 1;
}
