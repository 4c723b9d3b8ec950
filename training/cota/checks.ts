/**
 * What a trace must be to teach anything: one check a row, each pure and cheap. A check gives the reason
 * why a trace falls out, or undefined.
 */

import { readTurn } from '#edge/run/read-turn';
import { edgeHandler } from '#edge/tools/index';
import { type Observation, observation as observationSchema } from '#shared/conversation';
import { IMAGES_IN_CONVERSATION_MAX, STEPS_MAX } from '#shared/limits';
import { turnText } from '#shared/prompt';
import { toolError } from '#shared/tool';
import { advertisedToolSpecs, toolSpec } from '#shared/tools/index';
import { isRight } from '../eval/check.ts';
import { amountsIn, amountsOf, looseIn } from './amounts.ts';
import { NO_DOCUMENTS } from './tool-bench.ts';
import { answerOf, type CotaTrace } from './trace.ts';

export type Check = (trace: CotaTrace) => string | undefined | Promise<string | undefined>;

const advertised = advertisedToolSpecs.map(({ name }) => name as string);

/** Every turn is one that the loop would take, `Terminate` stands at the end and only there. */
function format({ images, steps }: CotaTrace): string | undefined {
  let count = images.length;
  for (const [index, { turn, observation, image }] of steps.entries()) {
    const move = readTurn(turnText(turn), turn, advertised, count);
    const last = index === steps.length - 1;
    if (last !== (move.kind === 'answer'))
      return last ? 'it does not end with Terminate' : 'Terminate before the end';
    if (last) return observation || image ? 'an observation behind Terminate' : undefined;
    if (!observation) return `step ${index} has no observation`;
    // A turn that the loop would send back may stand in a trace if it says so: mending is learnt too.
    if (move.kind === 'mend' && !failed(observation))
      return `step ${index} is no call: ${codeOf(move.observation)}`;
    if (image) count++;
  }
  return 'it has no steps';
}

/** Tools that make an image have one in the trace, others have none; all of them fit a conversation. */
function imageCount({ images, steps }: CotaTrace): string | undefined {
  for (const [index, { turn, observation, image }] of steps.entries()) {
    const makes = toolSpec(turn.actions[0]?.name ?? '')?.returnsImage === true;
    const due = makes && observation !== undefined && !failed(observation);
    if (due !== (image !== undefined))
      return `step ${index} ${due ? 'lacks its image' : 'has an image that no tool made'}`;
  }
  const count = images.length + steps.filter(({ image }) => image).length;
  return count > IMAGES_IN_CONVERSATION_MAX ? `${count} images` : undefined;
}

/** Characters of all turns and observations; a trainer with a window of 8,192 tokens takes about these. */
const TRACE_CHARS_MAX = 16_000;

function length({ question, steps }: CotaTrace): string | undefined {
  if (steps.length > STEPS_MAX) return `${steps.length} steps`;
  const chars = steps.reduce(
    (sum, { turn, observation }) => sum + turnText(turn).length + JSON.stringify(observation ?? {}).length,
    question.length,
  );
  return chars > TRACE_CHARS_MAX ? `${chars} characters` : undefined;
}

function answer(trace: CotaTrace): string | undefined {
  const given = answerOf(trace);
  if (given === undefined) return 'it has no answer';
  return isRight(given, trace.truth, trace.question) ? undefined : 'the answer is wrong';
}

/** Each call of a tool that runs inline is made again; what the planner reads of it must be the same. */
async function inlineTools({ steps }: CotaTrace): Promise<string | undefined> {
  for (const [index, { turn, observation }] of steps.entries()) {
    const action = turn.actions[0];
    const spec = toolSpec(action?.name ?? '');
    const handler = spec?.cacheable ? edgeHandler(spec.name) : undefined;
    if (!action || !spec || !handler || !observation) continue;
    const input = spec.arguments.safeParse(action.arguments);
    if (!input.success) continue;
    const again = observationSchema.parse(await handler(input.data, NO_DOCUMENTS));
    const differs = failed(again)
      ? codeOf(again) !== codeOf(observation)
      : spec.plannerFields.some(
          (field) => JSON.stringify(again[field]) !== JSON.stringify(observation[field]),
        );
    if (differs) return `step ${index}: ${spec.name} gives something else`;
  }
  return undefined;
}

/** No amount comes out of nowhere: it stands in the question, a text that was read, or an earlier result. */
function grounded({ question, steps }: CotaTrace): string | undefined {
  const known = new Set(amountsIn(question));
  for (const { turn, observation } of steps) {
    const action = turn.actions[0];
    const expression = action?.name === 'Calculate' ? action.arguments['expression'] : undefined;
    if (typeof expression === 'string') {
      const loose = looseIn(expression, known);
      if (loose !== undefined) return `${loose} stands nowhere before`;
    }
    for (const value of amountsOf(observation ?? {})) known.add(value);
  }
  return undefined;
}

/** In the order in which they are asked: the first reason counts. */
export const checks: Readonly<Record<string, Check>> = {
  format,
  images: imageCount,
  length,
  inline_tools: inlineTools,
  grounded,
  answer,
};

export const failed = (observation: Observation): boolean => toolError.safeParse(observation).success;

function codeOf(observation: Observation): string | undefined {
  return toolError.safeParse(observation).data?.error.code;
}
