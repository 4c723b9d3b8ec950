/**
 * Calls the image tools of a trace again, on the picture itself. A simulated observation need not be the real one
 * to the letter; what the trace goes on to use of it must have been there.
 */
import type { Raster } from '#backend/images/raster';
import type { Observation } from '#shared/conversation';
import { toolSpec } from '#shared/tools/index';
import { alphanumeric } from '../eval/check.ts';
import { type Again, boxSumsIn, disagreement, toldDepths } from './agree.ts';
import { amountsIn, amountsOf, looseIn } from './amounts.ts';
import { failed } from './checks.ts';
import { rasterOf } from './images.ts';
import type { ToolBench } from './tool-bench.ts';
import { answerOf, type CotaTrace, toolsOf } from './trace.ts';

/** The reason why the trace does not hold on its own pictures, or undefined. What has no model here is believed. */
export async function reexecute(trace: CotaTrace, bench: ToolBench): Promise<string | undefined> {
  const rasters: Raster[] = [];
  for (const source of trace.images) rasters.push(await rasterOf(source));
  const seen: Observation[] = [];
  const pairs: Again[] = [];
  for (const [index, { turn, observation, image }] of trace.steps.entries()) {
    const action = turn.actions[0];
    if (!action || !observation) continue;
    const again = await callAgain(action, observation, bench, rasters);
    if (!again) {
      seen.push(observation);
      if (image) return `step ${index}: ${action.name} has no model here, and made an image`;
      continue;
    }
    if (failed(again.observation) !== failed(observation))
      return `step ${index}: ${action.name} does not end alike`;
    if (again.image) rasters.push(again.image);
    seen.push(again.observation);
    pairs.push({ name: action.name, recorded: observation, again: again.observation });
  }
  const sums = boxSumsIn(expressionsOf(trace), pairs);
  const ofBoxes = new Set(sums.map(({ expression }) => expression));
  const known = [...seen.flatMap(amountsOf), ...toldDepths(pairs)];
  return disagreement(pairs, spokenIn(trace), sums) ?? supportOf(trace, seen, known, ofBoxes);
}

type Call = CotaTrace['steps'][number]['turn']['actions'][number];

/** Undefined where it runs elsewhere, has no model here, or was refused by the loop and never ran. */
async function callAgain(
  { name, arguments: input }: Call,
  recorded: Observation,
  bench: ToolBench,
  rasters: readonly Raster[],
) {
  const spec = toolSpec(name);
  const refused = failed(recorded) && JSON.stringify(recorded).includes('unknown_image');
  if (spec?.runs !== 'backend' || !bench.has(name) || refused) return undefined;
  return await bench.call(name, input, rasters);
}

const spokenIn = ({ steps }: CotaTrace): string =>
  steps.map(({ turn }) => `${turn.thought} ${JSON.stringify(turn.actions)}`).join(' ');

/** Whole small numbers are counts, and `image-2` is a name of ours: neither has to be read. */
const COUNTED = /^(\d{1,2}|image-\d+)$/;

const expressionsOf = ({ steps }: CotaTrace): string[] =>
  steps.flatMap(({ turn }) => {
    const expression = turn.actions[0]?.arguments['expression'];
    return typeof expression === 'string' ? [expression] : [];
  });

/**
 * Whether the numbers of the calculations are known, or an answer that was read stands in what the tools really said.
 * `ofBoxes`: calculations whose boxes were found again, a little beside.
 */
function supportOf(
  trace: CotaTrace,
  seen: readonly Observation[],
  told: readonly number[],
  ofBoxes: ReadonlySet<string>,
): string | undefined {
  const said = JSON.stringify(seen);
  const known = new Set([...told, ...amountsIn(trace.question)]);
  const expressions = expressionsOf(trace);
  const loose = expressions
    .filter((expression) => !ofBoxes.has(expression))
    .map((expression) => looseIn(expression, known))
    .find((value) => value !== undefined);
  if (loose !== undefined) return `${loose} is not in what the tools say`;
  if (expressions.length > 0 || trace.truth.type === 'nothing' || trace.truth.type === 'unknown')
    return undefined;
  const answer = answerOf(trace) ?? '';
  if (toolsOf(trace).at(-1) !== 'OCR' || COUNTED.test(answer)) return undefined;
  const read = alphanumeric(said).includes(alphanumeric(answer));
  return read ? undefined : 'the answer is not in what the tools say';
}
