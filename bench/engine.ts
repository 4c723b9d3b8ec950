/**
 * The engine with the nano planner: processor time of a run when 1, 4 or 16 are served at a time, beside the
 * usual ways to serve it on the same weights (bench/engine/peer.ts). All write the same turns; that is checked.
 */
import { fileURLToPath } from 'node:url';
import { openPlanner, openPromptShape, type Planner } from '#backend/engine/planner';
import { type PromptShape, promptOf } from '#backend/engine/prompts';
import { openLlava } from '#backend/models/llava';
import { type Answered, runAll, type Task, tasks } from './engine/conversations.ts';
import { interleaved, printTable, type Way } from './engine/measure.ts';
import { Peer, type RecordedStep } from './engine/peer.ts';

const FOLDER = fileURLToPath(new URL('../models/nano/planner', import.meta.url));
const RUNS = 32;
const REPEATS = 7;
const CONCURRENCIES = [1, 4, 16];
const SEED = 20_261_126;
const device = { device: 'cpu', threads: 1 } as const;

export async function run(): Promise<void> {
  const model = await openLlava(FOLDER, device);
  const shape = await openPromptShape(FOLDER, model.config);
  const list = tasks(RUNS, SEED);
  const reference = await withPlanner((planner) => runAll(planner, list, 1));
  const recorded = reference.map((steps, index) =>
    steps.map((step) => recordedStep(step, list[index] as Task, shape, model.positions)),
  );
  const [naive, reusing] = [await Peer.open(FOLDER, model), await Peer.open(FOLDER, model)];
  const replay = (name: string, peer: Peer, reuse: boolean): Way => ({
    name,
    work: async () => {
      for (const steps of recorded) await peer.run(steps, { reuse });
      return recorded.length;
    },
  });
  const prepared = new Map<number, Planner>();
  const ours = (concurrency: number): Way => ({
    name: `engine, ${concurrency} at a time`,
    work: async () => {
      const planner = prepared.get(concurrency) as Planner;
      const answers = await runAll(planner, list, concurrency);
      checkSame(reference, answers);
      return answers.length;
    },
  });
  const ways = [
    replay('naive', naive, false),
    replay('reuse', reusing, true),
    ...CONCURRENCIES.map((concurrency) => ours(concurrency)),
  ];
  const rounds: Awaited<ReturnType<typeof interleaved>>[] = [];
  for (let round = 0; round < REPEATS; round++) {
    // A planner that has seen none of the runs, but is warm: graphs, grammars and the common beginning.
    for (const concurrency of CONCURRENCIES) {
      const planner = await openPlanner(FOLDER, device);
      await runAll(planner, tasks(5, SEED + 1), 5);
      prepared.set(concurrency, planner);
    }
    rounds.push(await interleaved(ways, 1));
    if (round === REPEATS - 1) for (const [concurrency, planner] of prepared) report(concurrency, planner);
    for (const planner of prepared.values()) await planner.close();
  }
  const steps = recorded.flat();
  const { written, agreed, computed } = naive.counts;
  console.log(
    `${RUNS} runs, ${(steps.length / RUNS).toFixed(2)} steps and ${(written / REPEATS / RUNS).toFixed(0)} tokens each; ` +
      `the plain greedy token is the turn's at ${((100 * agreed) / written).toFixed(1)} % of places; ` +
      `tokens computed: naive ${computed / REPEATS}, reuse ${reusing.counts.computed / REPEATS}`,
  );
  const merged = ways.map(({ name }, index) => ({
    name,
    cpuMs: rounds.map((round) => round[index]?.cpuMs[0] ?? 0),
  }));
  printTable(merged, ['naive', 'reuse']);
  for (const peer of [naive, reusing]) await peer.release();
  await model.release();
}

async function withPlanner<Result>(work: (planner: Planner) => Promise<Result>): Promise<Result> {
  const planner = await openPlanner(FOLDER, device);
  const result = await work(planner);
  await planner.close();
  return result;
}

function recordedStep(
  { request, text }: Answered,
  { image }: Task,
  shape: PromptShape,
  positions: number,
): RecordedStep {
  const { conversation, tools, max_tokens: budget } = request;
  const { ids } = promptOf(conversation, tools, shape, positions - budget);
  return { ids, images: [image], written: shape.codec.encode(text) };
}

function checkSame(expected: readonly Answered[][], given: readonly Answered[][]): void {
  const texts = (answers: readonly Answered[][]): string =>
    JSON.stringify(answers.map((steps) => steps.map(({ text }) => text)));
  if (texts(expected) !== texts(given)) throw new Error('the engine wrote other turns than alone');
}

function report(concurrency: number, planner: Planner): void {
  const { steps, passes, drafts } = planner.counts();
  const share = (part: number, whole: number): string => (part / whole).toFixed(2);
  console.log(
    `${concurrency} at a time (with the warm-up): ${share(passes.tokens, passes.passes)} tokens a pass, ` +
      `${share(passes.tokens, passes.cells)} of the cells used; prompt tokens ${steps.prefilled} computed, ${steps.reused} reused; ` +
      `of ${steps.written} tokens ${steps.forced} forced; drafts ${drafts.accepted} of ${drafts.proposed} accepted; ` +
      `images ${steps.encoded} encoded, ${steps.known} known; ${(passes.bytes / passes.tokens / 1000).toFixed(1)} kB across the graph for a token`,
  );
}
