/**
 * The backend under load, with the nano planner and over HTTP: many runs with kills and clients that leave, a small
 * tenant beside a flood, and ten times as many steps as it can serve.
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
  readonly soaked: Soaked;
  readonly fairness: Fairness;
  readonly overloaded: Overloaded;
};

const PLAN: LoadPlan = {
  soak: { runs: 2_000, kills: 2 },
  fairness: { blocks: 8, steps: 30, flooding: 48 },
  overload: { peakS: 10, overloadS: 60, factor: 10 },
};

export async function load(plan: LoadPlan): Promise<Loaded> {
  const site = await Site.start();
  try {
    const soaked = await soak(site, plan.soak);
    printSoaked(soaked, plan.soak);
    const fairness = await smallBesideFlood(site, plan.fairness);
    printFairness(fairness);
    const overloaded = await overload(site, plan.overload);
    printOverload(overloaded, plan.overload);
    return { soaked, fairness, overloaded };
  } finally {
    await site.stop();
  }
}

export async function run(): Promise<void> {
  const { soaked, overloaded } = await load(PLAN);
  const leaks = Object.values(soaked.left).some((count) => count !== 0);
  if (soaked.faults.length > 0 || overloaded.faults.length > 0 || leaks) process.exitCode = 1;
}
