/**
 * Calls the image tools of a trace again, on the picture itself. A simulated reading need not be the real one
 * to the letter; what the trace goes on to use of it must have been there.
 */
import type { Raster } from '#backend/images/raster';
import type { Observation } from '#shared/conversation';
import { toolSpec } from '#shared/tools/index';
import { alphanumeric } from '../eval/check.ts';
import { amountsIn, looseIn } from './amounts.ts';
import { failed } from './checks.ts';
import { rasterOf } from './images.ts';
import type { ToolBench } from './tool-bench.ts';
import { answerOf, type CotaTrace } from './trace.ts';

/** The reason why the trace does not hold on its own pictures, or undefined. */
export async function reexecute(trace: CotaTrace, bench: ToolBench): Promise<string | undefined> {
  const rasters: Raster[] = [];
  for (const source of trace.images) rasters.push(await rasterOf(source));
  const seen: Observation[] = [];
  for (const [index, { turn, observation }] of trace.steps.entries()) {
    const action = turn.actions[0];
    if (!action || !observation) continue;
    if (toolSpec(action.name)?.runs !== 'backend') {
      seen.push(observation);
      continue;
    }
    if (!bench.has(action.name)) return `step ${index}: ${action.name} has no model here`;
    const again = await bench.call(action.name, action.arguments, rasters);
    if (failed(again.observation) !== failed(observation))
      return `step ${index}: ${action.name} does not end alike`;
    if (again.image) rasters.push(again.image);
    seen.push(again.observation);
  }
  return supportOf(trace, seen);
}

/** Whether the numbers of the calculations, or an answer that was read, stand in what the tools really said. */
function supportOf(trace: CotaTrace, seen: readonly Observation[]): string | undefined {
  const said = JSON.stringify(seen);
  const known = new Set([...amountsIn(said), ...amountsIn(trace.question)]);
  const expressions = trace.steps.flatMap(({ turn }) => {
    const expression = turn.actions[0]?.arguments['expression'];
    return typeof expression === 'string' ? [expression] : [];
  });
  const loose = expressions
    .map((expression) => looseIn(expression, known))
    .find((value) => value !== undefined);
  if (loose !== undefined) return `${loose} is not in what the tools say`;
  if (expressions.length > 0 || trace.truth.type === 'nothing') return undefined;
  const read = alphanumeric(said).includes(alphanumeric(answerOf(trace) ?? ''));
  return read ? undefined : 'the answer is not in what the tools say';
}
