/**
 * What a token costs when one a pass is chosen under the grammar, beside the greedy token of all on the same passes. The
 * two differ by some hundredths of a pass, far less than passes differ from each other on a machine that does other
 * things: so every token of every turn is decoded many times, the two ways in turns, and of each token the median is taken.
 */
import { SequenceDecoder } from '#backend/engine/decoder';
import { KvSequence } from '#backend/engine/kv-sequence';
import { prefill } from '#backend/engine/prefill';
import type { PromptShape } from '#backend/engine/prompts';
import { Scheduler } from '#backend/engine/scheduler';
import { TurnWriter } from '#backend/engine/turn-writer';
import type { LlavaModel } from '#backend/models/llava';
import { median } from './measure.ts';
import { best } from './peer.ts';
import type { ForcedStep } from './teacher-forced.ts';

const REPEATS = 15;
const never = new AbortController().signal;
const ways = ['free', 'bound'] as const;
type WayName = (typeof ways)[number];

/** CPU microseconds of a turn's tokens by way, a list of repeats for each token. */
type Spent = Readonly<Record<WayName, number[][]>>;

export async function printGrammarCost(
  model: LlavaModel,
  features: readonly Float32Array[],
  { codec }: Pick<PromptShape, 'codec'>,
  steps: readonly ForcedStep[],
): Promise<void> {
  const scheduler = new Scheduler(model);
  const turns: Spent[] = [];
  for (const step of steps) {
    const decoder = new SequenceDecoder(scheduler, new KvSequence(scheduler.shape), never);
    const first = await prefill(decoder, { ids: step.prompt, images: [] }, features, model.config);
    const { length } = decoder.sequence;
    const spent: Spent = { free: [], bound: [] };
    const start = (): TurnWriter => new TurnWriter(step.grammar, codec, step.budget, { jumps: false });
    // Without what the grammar forces the model may write the turn in other words.
    const tokens = await written(decoder, first, start());
    decoder.sequence.truncate(length);
    const way = {
      free: () => freeTurn(decoder, first, tokens),
      bound: () => boundTurn(decoder, first, tokens, start()),
    };
    // The first repeat warms up: code is compiled, states of the grammar are met.
    for (let repeat = 0; repeat <= REPEATS; repeat++) {
      for (const name of repeat % 2 === 0 ? ways : ways.toReversed()) {
        const micros = await way[name]();
        if (repeat > 0)
          for (const [at, value] of micros.entries()) spent[name][at] = [...(spent[name][at] ?? []), value];
        decoder.sequence.truncate(length);
      }
    }
    decoder.release();
    turns.push(spent);
  }
  report(turns);
}

function report(turns: readonly Spent[]): void {
  const sumOf = (spent: Spent, name: WayName): number =>
    spent[name].reduce((sum, repeats) => sum + median(repeats), 0);
  const ratios = turns.map((spent) => sumOf(spent, 'bound') / sumOf(spent, 'free'));
  const [free = 0, bound = 0] = ways.map((name) => turns.reduce((sum, spent) => sum + sumOf(spent, name), 0));
  const tokens = turns.reduce((sum, { free: of }) => sum + of.length, 0);
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(3));
  console.log(
    `a token under the grammar costs ${(bound / free).toFixed(3)} times the greedy one of all (${(free / tokens).toFixed(0)} us; ` +
      `of one turn alone ${low} to ${high}), medians of ${REPEATS} repeats of ${tokens} tokens of ${turns.length} turns; aim 1.02`,
  );
}

async function written(
  decoder: SequenceDecoder,
  first: Float32Array,
  writer: TurnWriter,
): Promise<readonly number[]> {
  for (let next = writer.write(first); !writer.isDone; next = writer.write(await decoder.append(next)));
  return writer.tokens;
}

async function freeTurn(
  decoder: SequenceDecoder,
  first: Float32Array,
  tokens: readonly number[],
): Promise<number[]> {
  const micros: number[] = [];
  let logits = first;
  for (const token of tokens) {
    const before = process.cpuUsage();
    best(logits);
    logits = await decoder.append([token]);
    micros.push(since(before));
  }
  return micros;
}

async function boundTurn(
  decoder: SequenceDecoder,
  first: Float32Array,
  tokens: readonly number[],
  writer: TurnWriter,
): Promise<number[]> {
  const micros: number[] = [];
  let logits = first;
  for (const token of tokens) {
    const before = process.cpuUsage();
    const [chosen] = writer.write(logits);
    logits = await decoder.append([token]);
    micros.push(since(before));
    if (chosen !== token) throw new Error(`chose token ${chosen}, not the ${token} of the turn`);
  }
  return micros;
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
