/**
 * Runs that go on while whole processes die (R2): the edge with its state on disk, the backend with nothing.
 * Every run is watched by a client that comes back with its last id, and compared with what it should be.
 */
import type { Run } from '#shared/api';
import type { Usage } from '#shared/api/usage';
import type { ScriptedTurn } from '../tests/edge/script.ts';
import { checked } from '../tests/spec/checked.ts';
import { type Edge, KillableSite } from './killable-site.ts';
import { below, type Random, seededRandom } from './random.ts';
import { followRun, type Sent, sendUntilAnswered, type Watched } from './stubborn-client.ts';

const RUNS = 200;
const KILLS = 20;
const SEED = 20_261_125;
const IN_FLIGHT = 10;
/** After the last kill. */
const END_MS_MAX = 60_000;
/** How long a process lives at least after it is ready. */
const LIFE_MS_MIN = 200;
const LIFE_MS_SPREAD = 1_200;
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQI12M4Y2wMQQxwFgBLYgctOrxZ4QAAAABJRU5ErkJggg==';

const turn = (name: string, args: Record<string, string | number[]>): ScriptedTurn => ({
  turn: { thought: '', actions: [{ name, arguments: args }] },
  delayMs: 60,
});
const TURNS = [
  turn('OCR', { image: 'image-0' }),
  turn('Calculate', { expression: '14.20 / 2' }),
  turn('Crop', { image: 'image-0', bbox: [0, 0, 0.5, 0.5] }),
  turn('OCR', { image: 'image-1' }),
  turn('Calculate', { expression: '7.10 * 3' }),
  turn('Terminate', { answer: '21.30' }),
] as const;
/** The run started; every step begun and completed; an observation of each but the last; the end. */
const EVENTS = 2 + 3 * TURNS.length - 1;
const BACKEND_TOOLS = 3;

/** At least so many runs; exactly so many kills. */
export type Plan = { readonly runs: number; readonly edgeKills: number; readonly backendKills: number };

export type Survived = Plan & {
  /** Runs without an end, or with another one than they should have. */
  readonly lost: readonly string[];
  /** Runs of which a client saw an event twice, or one too few, or out of order. */
  readonly gaps: readonly string[];
  /** Runs that have recorded another number of steps, tool calls or cost units than they should. */
  readonly wrongRecords: readonly string[];
  /** Tool calls that one life of a backend carried out twice. */
  readonly doubles: readonly string[];
  /** Tool calls that were carried out again, because the backend that had begun them died. */
  readonly redone: number;
  readonly reconnects: number;
  readonly resent: number;
  readonly endedMsAfterLastKill: number;
  /** Cost units of all runs, and those that are booked. */
  readonly units: number;
  readonly booked: number;
};

export async function survive(plan: Plan, seed = SEED): Promise<Survived> {
  const site = await KillableSite.start();
  try {
    const midway = new Midway();
    const killing = killInTurns(site, plan, midway, seededRandom(seed));
    const watched = await startAndWatch(site, plan.runs, midway, killing);
    const lastKill = await killing.done;
    const endedMsAfterLastKill = Math.max(0, Math.max(...watched.map(({ endedAt }) => endedAt)) - lastKill);
    const runs = await Promise.all(
      watched.map(({ id }) => sendUntilAnswered<Run>(site.edge, `/v1/runs/${id}`)),
    );
    const units = runs.reduce((sum, { reply }) => sum + reply.usage.cost_units, 0);
    return {
      ...plan,
      runs: watched.length,
      ...recordsOf(
        watched,
        runs.map(({ reply }) => reply),
      ),
      ...toolsOf(await site.calls()),
      reconnects: watched.reduce((sum, { reconnects }) => sum + reconnects, 0),
      resent: watched.reduce((sum, { resent }) => sum + resent, 0),
      endedMsAfterLastKill,
      units,
      booked: await bookedUnits(site.edge, units),
    };
  } finally {
    await site.stop();
  }
}

/** The runs that some client is watching and that are far from their end. */
class Midway {
  readonly #runs = new Set<string>();

  readonly saw = (run: string, seq: number): void => {
    if (seq <= EVENTS / 2) this.#runs.add(run);
    else this.#runs.delete(run);
  };

  /** Every stream was cut. */
  cut(): void {
    this.#runs.clear();
  }

  /** Where a machine is too slow or too fast for the times below, kills would all fall between the runs. */
  async some(): Promise<void> {
    while (this.#runs.size === 0) await pause(5);
  }
}

type Killing = { readonly done: Promise<number>; readonly isOver: () => boolean };

/** Edge and backend, each some time after it is ready again and under a run. `done` is the time of the last. */
function killInTurns(site: KillableSite, plan: Plan, midway: Midway, random: Random): Killing {
  let over = false;
  const lives = async (which: 'edge' | 'backend', kills: number): Promise<number> => {
    let last = 0;
    for (let kill = 0; kill < kills; kill++) {
      await pause(LIFE_MS_MIN + below(random, LIFE_MS_SPREAD));
      await midway.some();
      await site.kill(which);
      last = performance.now();
      // Nobody is there for a while.
      await pause(below(random, 300));
      if (which === 'edge') midway.cut();
      await (which === 'edge' ? site.startEdge() : site.startBackend());
    }
    return last;
  };
  // A backend is up again long before an edge is: it waits, so that its kills fall among the runs too.
  const slower = async (): Promise<number> => {
    let last = 0;
    for (let kill = 0; kill < plan.backendKills; kill++) {
      await pause(1_500);
      last = await lives('backend', 1);
    }
    return last;
  };
  const done = Promise.all([lives('edge', plan.edgeKills), slower()]).then((times) => {
    over = true;
    return Math.max(...times);
  });
  return { done, isOver: () => over };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** So many runs at a time, and more than `runs` in all where a fast machine has done them before the last kill. */
async function startAndWatch(
  site: KillableSite,
  runs: number,
  midway: Midway,
  killing: Killing,
): Promise<Watched[]> {
  const watched: Watched[] = [];
  let begun = 0;
  const client = async (): Promise<void> => {
    while (begun < runs || !killing.isOver()) {
      const index = begun++;
      const sent: Sent<Run> = await sendUntilAnswered(site.edge, '/v1/runs', {
        body: JSON.stringify(wish(index)),
        headers: { 'idempotency-key': `run-${index}` },
      });
      watched.push(await followRun(site.edge, sent, midway.saw));
      if (!killing.isOver()) await pause(400);
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, runs) }, client));
  return watched;
}

const wish = (index: number) => ({
  question: JSON.stringify({ turns: TURNS, index }),
  images: [{ type: 'base64', media_type: 'image/png', data: PNG }],
  max_steps: 8,
  background: true,
  cache: 'no-store',
});

function recordsOf(watched: readonly Watched[], runs: readonly Run[]) {
  const expected = Array.from({ length: EVENTS }, (_, index) => index + 1).join();
  return {
    lost: runs
      .filter(({ status, answer }) => status !== 'succeeded' || answer !== '21.30')
      .map(({ id, status, error }) => `${id} ${status} ${error?.code ?? ''}`),
    gaps: watched
      .filter(({ seen }) => seen.join() !== expected)
      .map(({ id, seen }) => `${id} saw ${seen.join()}`),
    wrongRecords: runs
      .filter(({ steps, usage, images }) => {
        const observed = steps.filter((step) => step.observation !== undefined).length;
        const counts = [steps.length, observed + 1, usage.steps, usage.tool_calls + 1, usage.cost_units];
        return images.length !== 2 || counts.some((count) => count !== TURNS.length);
      })
      .map(({ id, usage, images }) => `${id} ${JSON.stringify(usage)} ${images.length} images`),
  };
}

function toolsOf(calls: ReadonlyArray<{ life: number; path: string; key: string }>) {
  const tools = calls.filter(({ path }) => path.startsWith('/v1/tools/'));
  const named = tools.map(({ life, path, key }) => `${life} ${path} ${key}`);
  const once = new Set(tools.map(({ path, key }) => `${path} ${key}`));
  return {
    doubles: named.filter((name, index) => named.indexOf(name) !== index),
    redone: tools.length - once.size,
  };
}

/** Usage is a few seconds behind; waits until it is as expected, or does not change any more. */
async function bookedUnits(edge: Edge, expected: number): Promise<number> {
  let booked = Number.NaN;
  for (let look = 0; look < 20 && booked !== expected; look++) {
    const { reply } = await sendUntilAnswered<Usage>(edge, '/v1/usage');
    booked = reply.data.reduce((sum, { cost_units }) => sum + cost_units, 0);
    if (booked !== expected) await pause(1_000);
  }
  return booked;
}

export async function run(): Promise<void> {
  const survived = await survive({ runs: RUNS, edgeKills: KILLS, backendKills: KILLS });
  print(survived);
  const { lost, gaps, wrongRecords, doubles, endedMsAfterLastKill, units, booked } = survived;
  const wrongBooking = units === booked ? [] : [`${units} cost units of the runs, ${booked} booked`];
  const faults = [...lost, ...gaps, ...wrongRecords, ...doubles, ...wrongBooking, ...checked.faults];
  for (const fault of faults.slice(0, 20)) console.log(`  fault: ${fault}`);
  if (faults.length > 0 || endedMsAfterLastKill > END_MS_MAX) process.exitCode = 1;
}

export function print(survived: Survived): void {
  const { runs, edgeKills, backendKills, lost, gaps, wrongRecords, doubles, redone } = survived;
  const { reconnects, resent, endedMsAfterLastKill, units, booked } = survived;
  console.log(
    `R2: ${runs} runs of ${TURNS.length} steps, ${edgeKills} SIGKILLs of the edge and ${backendKills} of the backend: ` +
      `${lost.length} lost, ${gaps.length} with gaps or doubles in their events, ${wrongRecords.length} with wrong records, ` +
      `${doubles.length} tool calls done twice by one backend`,
  );
  console.log(
    `  ${runs * BACKEND_TOOLS} tool calls wanted, ${redone} begun again because their backend died; ` +
      `${reconnects} streams taken up again, ${resent} requests sent again; ` +
      `all ended ${(endedMsAfterLastKill / 1000).toFixed(1)} s after the last kill (bar: ${END_MS_MAX / 1000} s)`,
  );
  console.log(
    `  every reply of the edge is as the OpenAPI document says: ${checked.replies} held to it, ${checked.faults.length} are not`,
  );
  console.log(`  cost units: ${units} of the runs, ${booked} booked`);
}
