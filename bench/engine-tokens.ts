/**
 * Tokens that one pass of the model brings: the nano planner writes its turns on held-out questions, then the same
 * tokens are forced on the decoder of turns with each source of tokens alone and with all. And what the grammar costs:
 * the same passes, with it and with the plain greedy token. BENCH_QUESTIONS takes fewer than the 200 questions.
 */
import { fileURLToPath } from 'node:url';
import { SequenceDecoder } from '#backend/engine/decoder';
import { Drafter, type DraftSource, draftSources } from '#backend/engine/drafts';
import { FeatureCache } from '#backend/engine/features';
import { GrammarCache } from '#backend/engine/grammar/cache';
import { KvSequence } from '#backend/engine/kv-sequence';
import { openPlanner, openPromptShape, typicalTurns } from '#backend/engine/planner';
import { prefill } from '#backend/engine/prefill';
import { type PromptShape, promptOf } from '#backend/engine/prompts';
import { Scheduler } from '#backend/engine/scheduler';
import { type LlavaModel, openLlava } from '#backend/models/llava';
import { printGrammarCost } from './engine/grammar-cost.ts';
import { heldOutRuns, picture, type WrittenStep } from './engine/held-out.ts';
import { interleaved, median, type Way } from './engine/measure.ts';
import { type ForcedStep, passesOf, replay } from './engine/teacher-forced.ts';

const FOLDER = fileURLToPath(new URL('../models/nano/planner', import.meta.url));
const QUESTIONS = 200;
/** Turns that the cost of the grammar is measured on. */
const TIMED_STEPS = 60;
const REPEATS = 7;
const WIDTHS = [1, 2, 3, 4, 6, 8, 12, 16] as const;
const PASSES = 30;
const device = { device: 'cpu', threads: 1 } as const;
const never = new AbortController().signal;

type Row = { readonly name: string; readonly jumps: boolean; readonly sources: readonly DraftSource[] };
const rows: readonly Row[] = [
  { name: 'none', jumps: false, sources: [] },
  { name: 'forced text', jumps: true, sources: [] },
  { name: 'prompt look-up', jumps: false, sources: ['prompt'] },
  { name: 'n-grams of public turns', jumps: false, sources: ['public'] },
  { name: 'n-grams of the tenant’s own turns', jumps: false, sources: ['tenant'] },
  { name: 'forced text and prompt look-up', jumps: true, sources: ['prompt'] },
  { name: 'these and public turns', jumps: true, sources: ['prompt', 'public'] },
  { name: 'all', jumps: true, sources: draftSources },
];

export async function run(): Promise<void> {
  const planner = await openPlanner(FOLDER, device);
  const questions = Number(process.env['BENCH_QUESTIONS'] ?? QUESTIONS);
  const written = await heldOutRuns(planner, questions);
  await planner.close();
  const model = await openLlava(FOLDER, device);
  const shape = await openPromptShape(FOLDER, model.config);
  const grammars = new GrammarCache(shape.codec.vocabulary);
  const features = [await new FeatureCache(model.images).encode('picture', picture)];
  const runs = written.map((steps) => steps.map((step) => forcedStep(step, shape, model, grammars)));
  const steps = runs.flat();
  const curve = await costCurve(model, features, steps[0] as ForcedStep);
  console.log(
    `cost of a pass by its tokens, 1 being 1: ${[...curve].map(([width, cost]) => `${width}: ${cost.toFixed(2)}`).join(', ')}`,
  );
  await printSources(runs, shape, curve);
  await printGrammarCost(model, features, shape, steps.slice(0, TIMED_STEPS));
  await model.release();
}

function forcedStep(
  { request, text }: WrittenStep,
  shape: PromptShape,
  model: LlavaModel,
  grammars: GrammarCache,
): ForcedStep {
  const { conversation, tools, final, max_tokens: budget } = request;
  const { ids, images } = promptOf(conversation, tools, shape, model.positions - budget);
  const grammar = grammars.get({ tools, images: images.length, final });
  return { prompt: ids, tokens: shape.codec.encode(text), grammar, budget };
}

/** Tokens a pass, and what a token costs by the curve, for each source. */
async function printSources(
  runs: readonly (readonly ForcedStep[])[],
  shape: PromptShape,
  curve: ReadonlyMap<number, number>,
): Promise<void> {
  const turns = (await typicalTurns(FOLDER)).map(shape.codec.encode);
  const slope = ((curve.get(8) ?? 1) - 1) / 7;
  const costs = { fixed: () => 1 / slope - 1 };
  const [first, ...others] = await Promise.all(
    rows.map(({ jumps, sources }) =>
      replay(runs, shape.codec, new Drafter(costs, turns, sources), { jumps }),
    ),
  );
  const count = runs.flat().length;
  console.log(
    `${runs.length} held-out questions, ${count} turns of ${((first?.written ?? 0) / count).toFixed(1)} tokens`,
  );
  console.log(
    '| source of tokens | tokens a pass | of the tokens forced | of the drafted accepted | cost of a token |',
  );
  console.log('|---|---|---|---|---|');
  for (const [index, counts] of [first, ...others].entries()) {
    if (!counts) continue;
    const { written, forced, proposed, accepted } = counts;
    const cost = [...counts.widths].reduce((sum, [width, passes]) => sum + passes * costOf(curve, width), 0);
    const percent = (part: number, whole: number): string =>
      whole === 0 ? '' : `${((100 * part) / whole).toFixed(0)} %`;
    const cells = [
      rows[index]?.name,
      (written / passesOf(counts)).toFixed(2),
      percent(forced, written),
      percent(accepted, proposed),
      (cost / written).toFixed(2),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** CPU time of passes of each width, as multiples of that of one token; the widths take turns. */
async function costCurve(
  model: LlavaModel,
  features: readonly Float32Array[],
  { prompt }: ForcedStep,
): Promise<Map<number, number>> {
  const scheduler = new Scheduler(model);
  const decoder = new SequenceDecoder(scheduler, new KvSequence(scheduler.shape), never);
  await prefill(decoder, { ids: prompt, images: [] }, features, model.config);
  const { length } = decoder.sequence;
  const ways = WIDTHS.map(
    (width): Way => ({
      name: `${width} tokens`,
      work: async () => {
        for (let pass = 0; pass < PASSES; pass++) {
          await decoder.appendKeeping(Array<number>(width).fill(3), width);
          decoder.sequence.truncate(length);
        }
        return PASSES;
      },
    }),
  );
  const measured = await interleaved(ways, REPEATS, { quiet: true });
  decoder.release();
  const [one = 1, ...more] = measured.map(({ cpuMs }) => median(cpuMs));
  return new Map([one, ...more].map((ms, index) => [WIDTHS[index] as number, ms / one]));
}

/** Between the measured widths, and beyond them, a straight line. */
function costOf(curve: ReadonlyMap<number, number>, width: number): number {
  const points = [...curve];
  const after = Math.max(
    1,
    points.findIndex(([at]) => at >= width),
  );
  const [[x0, y0], [x1, y1]] = [points[after - 1], points[after]] as [[number, number], [number, number]];
  return y0 + ((width - x0) / (x1 - x0)) * (y1 - y0);
}
