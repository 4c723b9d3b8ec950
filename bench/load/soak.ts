/**
 * Many short runs of several tenants, some of them given up at any moment, while the planner's process is killed
 * now and then: every run must end, memory must stay where it was, and no place may be lost.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Conversation } from '#shared/conversation';
import { below, type Random, seededRandom } from '../random.ts';
import type { Picture } from './caller.ts';
import { pictures, residentMegabytes, type Site } from './site.ts';
import { type Point, slope } from './statistics.ts';
import { type Outcome, step } from './step.ts';

const SEED = 20_261_126;
const IN_FLIGHT = 20;
const TENANTS = 5;
const PICTURES = 40;
const CANCELED_SHARE = 0.2;
/** A step is repeated for so long, as the edge does. */
const PATIENCE_MS = 60_000;
const SAMPLE_MS = 250;
/** Of what the planner may park: from then on it lets one run go for each that comes. */
const FULL_SHARE = 0.98;
const QUESTIONS = [
  'What is the total?',
  'What does the coffee cost?',
  'What is the date?',
  'What is the tax?',
];
const OBSERVATION = 'CORNER CAFE\n2026-03-14\nCoffee 3.20\nBread 4.10\nTax 0.58\nTOTAL $7.88\nThank you!';

export type SoakPlan = { readonly runs: number; readonly kills: number };

export type Soaked = {
  readonly ended: number;
  readonly canceled: number;
  /** Runs that did neither, and why. */
  readonly faults: readonly string[];
  readonly steps: number;
  /** Times that a step was told to come back, because the line was full or the planner had died. */
  readonly repeated: number;
  readonly seconds: number;
  /** Places, rows and waiting steps that are left once all is over: all must be 0. */
  readonly left: Readonly<Record<string, number | undefined>>;
  readonly memory: readonly Memory[];
};

/** Of a process from its last start on, its warm-up left out. */
export type Memory = {
  readonly process: 'planner' | 'server';
  readonly samples: number;
  /** Medians of the first and the last quarter, in MB. */
  readonly before: number;
  readonly after: number;
  readonly perThousandRuns: number;
};

type Tally = { ended: number; canceled: number; steps: number; repeated: number; faults: string[] };

export async function soak(site: Site, plan: SoakPlan): Promise<Soaked> {
  const random = seededRandom(SEED);
  const images = await pictures(PICTURES);
  const tally: Tally = { ended: 0, canceled: 0, steps: 0, repeated: 0, faults: [] };
  const over = new AbortController();
  const watching = watchMemory(site, () => tally.ended + tally.canceled, over.signal);
  const start = performance.now();
  let begun = 0;
  let kills = 0;
  const worker = async (): Promise<void> => {
    while (begun < plan.runs) {
      const index = begun++;
      // In the first quarter, so that the last life of the planner is long enough to show a slope.
      if (kills < plan.kills && index >= ((kills + 1) * plan.runs) / (4 * plan.kills)) {
        kills++;
        await site.killPlanner();
      }
      await run(site, index, images, random, tally);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const seconds = (performance.now() - start) / 1000;
  over.abort();
  return { ...tally, seconds, left: await leftOver(site), memory: await watching };
}

async function run(
  site: Site,
  index: number,
  images: readonly Picture[],
  random: Random,
  tally: Tally,
): Promise<void> {
  const picture = images[below(random, images.length)] as Picture;
  const question = `${QUESTIONS[index % QUESTIONS.length]} (${below(random, 1_000)})`;
  const leavesAt = random() < CANCELED_SHARE ? below(random, 2) : -1;
  const patience = below(random, 250);
  let conversation: Conversation = { question, images: [picture.sha256], steps: [] };
  for (let number = 0; number < 2; number++) {
    const gone = new AbortController();
    const timer = number === leavesAt ? setTimeout(() => gone.abort(), patience) : undefined;
    const asked = {
      tenant: `tenant-${index % TENANTS}`,
      run: `soak-${index}`,
      conversation,
      final: number === 1,
      pictures: [picture],
    };
    const outcome = await persistently(site, asked, gone.signal, tally);
    clearTimeout(timer);
    if (outcome.kind === 'left') tally.canceled++;
    else if (outcome.kind !== 'turn') tally.faults.push(`soak-${index}: ${JSON.stringify(outcome)}`);
    if (outcome.kind !== 'turn') return;
    tally.steps++;
    if (outcome.event.turn.actions[0]?.name === 'Terminate') break;
    const { text, turn } = outcome.event;
    conversation = { ...conversation, steps: [{ text, turn, observation: { text: OBSERVATION } }] };
  }
  tally.ended++;
}

/** Comes back when told to, as the edge does. */
async function persistently(
  site: Site,
  asked: Parameters<typeof step>[1],
  signal: AbortSignal,
  tally: Tally,
): Promise<Outcome> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const outcome = await step(site, asked, signal);
    if (outcome.kind !== 'refused' || performance.now() > until) return outcome;
    tally.repeated++;
    await pause(outcome.afterMs * (0.5 + Math.random() / 2));
    if (signal.aborted) return { kind: 'left' };
  }
}

/** What is still held some moments after the last run. */
async function leftOver(site: Site): Promise<Record<string, number | undefined>> {
  const names = ['num_requests_running', 'num_requests_waiting', 'planner_steps', 'decoder_batch_rows'];
  let left: Record<string, number | undefined> = {};
  for (let look = 0; look < 40; look++) {
    left = {};
    for (const name of names) left[name] = await site.metric(name);
    if (names.every((name) => left[name] === 0)) break;
    await pause(250);
  }
  return left;
}

async function watchMemory(site: Site, runs: () => number, over: AbortSignal): Promise<Memory[]> {
  const samples = { planner: [] as Point[], server: [] as Point[] };
  let planner = 0;
  /** Samples of this planner until its store of keys and values was full. */
  let filling = Number.POSITIVE_INFINITY;
  while (!over.aborted) {
    const pid = await site.plannerPid();
    if (pid !== planner) {
      // Another process: what the one before it held says nothing.
      samples.planner = [];
      filling = Number.POSITIVE_INFINITY;
    }
    planner = pid;
    const isFull = ((await site.metric('kv_cache_usage_perc')) ?? 0) >= FULL_SHARE;
    if (isFull) filling = Math.min(filling, samples.planner.length);
    for (const [name, of] of [
      ['planner', pid],
      ['server', site.serverPid],
    ] as const) {
      const y = await residentMegabytes(of);
      if (!Number.isNaN(y)) samples[name].push({ x: runs() / 1000, y });
    }
    await pause(SAMPLE_MS);
  }
  const third = (points: readonly Point[]): number => Math.floor(points.length / 3);
  return [
    memoryOf('planner', samples.planner.slice(Number.isFinite(filling) ? filling : third(samples.planner))),
    memoryOf('server', samples.server.slice(third(samples.server))),
  ];
}

/** Of samples after the warm-up: a process fills its caches first. */
function memoryOf(process: Memory['process'], points: readonly Point[]): Memory {
  const middle = (part: readonly Point[]): number =>
    part.map(({ y }) => y).toSorted((a, b) => a - b)[Math.floor(part.length / 2)] ?? Number.NaN;
  const quarter = Math.ceil(points.length / 4);
  return {
    process,
    samples: points.length,
    before: middle(points.slice(0, quarter)),
    after: middle(points.slice(-quarter)),
    perThousandRuns: slope(points),
  };
}

export function printSoaked(soaked: Soaked, { runs, kills }: SoakPlan): void {
  const { ended, canceled, faults, steps, repeated, seconds, left, memory } = soaked;
  console.log(
    `${runs} runs, ${kills} SIGKILLs of the planner: ${ended} ended, ${canceled} given up by their client, ` +
      `${faults.length} lost; ${steps} steps in ${seconds.toFixed(0)} s, ${repeated} told to come back`,
  );
  for (const fault of faults.slice(0, 10)) console.log(`  fault: ${fault}`);
  console.log(
    `  left afterwards: ${Object.entries(left)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  );
  for (const { process, samples, before, after, perThousandRuns } of memory)
    console.log(
      `  memory of the ${process}: ${before.toFixed(0)} MB, later ${after.toFixed(0)} MB; ` +
        `${perThousandRuns.toFixed(1)} MB per 1,000 runs over ${samples} samples`,
    );
}
