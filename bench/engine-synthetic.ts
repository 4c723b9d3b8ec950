/**
 * The engine with a decoder of 40 million parameters and the shape of TACO's own runs: a system prompt of 3,400
 * tokens, an image of 729, a request of 30; three steps of 50 tokens, observations of 134. And a short one. The weights
 * are noise, so the tokens are fixed beforehand and every way is asked whether they are its own greedy ones.
 *
 * Beside the ways of engine/peer.ts stand the real peers, where they are: see engine/outside-peers.ts for how to install
 * them. BENCH_REPEATS=1 makes one round of three, BENCH_WORKLOADS=long or short takes one of the two shapes, and
 * BENCH_WAYS is a regular expression that the names of the ways must match: a round of all takes six minutes.
 */
import { type LlavaModel, openLlava } from '#backend/models/llava';
import { syntheticCheckpoint } from './engine/checkpoint.ts';
import { leastMs, measuredLimits } from './engine/limits.ts';
import { interleaved, printTable, type Way } from './engine/measure.ts';
import { outsidePeerNames, outsidePeers, type PeerResult } from './engine/outside-peers.ts';
import { Peer, type RecordedStep } from './engine/peer.ts';
import { SyntheticEngine, type Workload } from './engine/synthetic-run.ts';

const workloads: Readonly<Record<string, Workload>> = {
  long: {
    name: 'W1, of TACO’s shape',
    system: 3_400,
    image: true,
    request: 30,
    observation: 134,
    written: 50,
    steps: 3,
  },
  short: {
    name: 'W2, a short beginning',
    system: 570,
    image: false,
    request: 30,
    observation: 80,
    written: 60,
    steps: 5,
  },
};
const REPEATS = 3;
const CONCURRENCIES = [1, 4, 16];
/** The usual ways of our own and those of others, as they are asked for; n/a where one is not here. */
const PEERS = ['naive', 'reuse', ...outsidePeerNames];

export async function run(): Promise<void> {
  const { BENCH_REPEATS: repeats = String(REPEATS), BENCH_WORKLOADS: names = Object.keys(workloads).join() } =
    process.env;
  const folder = await syntheticCheckpoint();
  const model = await openLlava(folder, { device: 'cpu', threads: 1 });
  for (const name of names.split(',')) {
    const workload = workloads[name];
    if (!workload)
      throw new Error(`BENCH_WORKLOADS: expected ${Object.keys(workloads).join(' or ')}, got ${name}`);
    await measure(folder, model, workload, Number(repeats));
  }
  await model.release();
}

async function measure(
  folder: string,
  model: LlavaModel,
  workload: Workload,
  repeats: number,
): Promise<void> {
  console.log(`## ${workload.name}`);
  const engine = await SyntheticEngine.open(model, workload, Math.max(...CONCURRENCIES));
  const written = new Map<number, string>();
  const first = await engine.run(0);
  const counters = new Map<string, EngineCounters>();
  const ours = CONCURRENCIES.map(
    (concurrency): Way => ({
      name: `engine, ${concurrency} at a time`,
      work: async () => {
        const before = { ...engine.scheduler.counts };
        const runs = await Promise.all(Array.from({ length: concurrency }, (_, index) => engine.run(index)));
        runs.forEach((steps, index) => {
          checkSame(written, index, steps);
        });
        const { tokens, bytes } = engine.scheduler.counts;
        counters.set(`engine, ${concurrency} at a time`, {
          tokens: (tokens - before.tokens) / concurrency,
          bytes: (bytes - before.bytes) / (tokens - before.tokens),
          rssBytes: process.resourceUsage().maxRSS * 1024,
        });
        return concurrency;
      },
    }),
  );
  const usual = { naive: await Peer.open(folder, model), reuse: await Peer.open(folder, model) };
  const replay = (name: 'naive' | 'reuse'): Way => ({
    name,
    work: async () => {
      await usual[name].run(first, { reuse: name === 'reuse' });
      return 1;
    },
  });
  const outside = await outsidePeers(folder, model, first);
  const results = new Map<string, PeerResult>();
  const others = outside.peers.map(
    (peer): Way => ({
      name: peer.name,
      work: async () => {
        results.set(peer.name, await peer.run());
        return 1;
      },
      cpuMs: () => results.get(peer.name)?.cpuMs ?? 0,
    }),
  );
  const wanted = new RegExp(process.env['BENCH_WAYS'] ?? '');
  const ways = [...ours, replay('naive'), replay('reuse'), ...others].filter(({ name }) => wanted.test(name));
  const measured = await interleaved(ways, repeats);
  printTable(measured, PEERS);
  printCounters(counters, usual, results, repeats);
  await printLimits(model, workload);
  await outside.end();
  for (const peer of Object.values(usual)) await peer.release();
}

type EngineCounters = { readonly tokens: number; readonly bytes: number; readonly rssBytes: number };

/** A run's tokens do not depend on how many are served with it. */
function checkSame(written: Map<number, string>, index: number, steps: readonly RecordedStep[]): void {
  const tokens = JSON.stringify(steps.map((step) => step.written));
  if ((written.get(index) ?? tokens) !== tokens)
    throw new Error('the engine wrote other tokens in another batch');
  written.set(index, tokens);
}

function printCounters(
  counters: ReadonlyMap<string, EngineCounters>,
  usual: Readonly<Record<'naive' | 'reuse', Peer>>,
  results: ReadonlyMap<string, PeerResult>,
  repeats: number,
): void {
  const mega = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0);
  console.log(
    '| way | tokens computed in a run | greedy tokens that agree | MB across run() for a token | peak RSS, MB |',
  );
  console.log('|---|---|---|---|---|');
  for (const [name, { tokens, bytes, rssBytes }] of counters)
    console.log(`| ${name} | ${tokens.toFixed(0)} | all, checked | ${mega(bytes)} | ${mega(rssBytes)} |`);
  for (const [name, { counts }] of Object.entries(usual).filter(([, peer]) => peer.counts.written > 0))
    console.log(
      `| ${name} | ${counts.computed / repeats} | ${counts.agreed} of ${counts.written} | ${mega(counts.bytes / counts.computed)} | |`,
    );
  for (const [name, { computed, agreed, written, rssBytes }] of results)
    console.log(
      `| ${name} | ${computed} | ${agreed} of ${written} | | ${rssBytes === null ? '' : mega(rssBytes)} |`,
    );
  const [engine] = counters.values();
  const written = usual.naive.counts.written / repeats;
  const prefill = (computed: number): number => computed - written;
  if (engine && written > 0)
    console.log(
      `prefill tokens of the naive way to the engine’s: ${(prefill(usual.naive.counts.computed / repeats) / prefill(engine.tokens)).toFixed(1)}`,
    );
}

async function printLimits(model: LlavaModel, workload: Workload): Promise<void> {
  const { text } = model.config;
  const { hidden_size: hidden, num_hidden_layers: layers, intermediate_size: inner, headSize } = text;
  const kv = text.num_key_value_heads * headSize;
  const perLayer = hidden * (2 * text.num_attention_heads * headSize + 2 * kv) + 3 * hidden * inner;
  const size = {
    weights: layers * perLayer,
    head: hidden * text.vocab_size,
    layers,
    hidden,
    tokenBytes: layers * kv * 2 * 4,
  };
  const limits = await measuredLimits();
  const giga = (value: number): string => (value / 1e9).toFixed(1);
  const images = workload.image ? model.config.imageTokens : 0;
  const least = CONCURRENCIES.map((concurrency) =>
    leastMs(workload, images, size, limits, concurrency).toFixed(0),
  );
  console.log(
    `one thread here: ${giga(limits.flopsPerSecond)} GFLOP/s, ${giga(limits.bytesPerSecond)} GB/s; ` +
      `without encoding a run needs at least ${least.join(', ')} CPU ms at ${CONCURRENCIES.join(', ')} at a time`,
  );
}
