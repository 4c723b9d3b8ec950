/** The trace of a run as OpenAI's clients get it: structured in `cota`, and as text. Pure. */
import type { Run, RunEvent, RunStep } from '#shared/api';
import type { ChatUsage, CotaTrace } from '#shared/api/chat';
import { REASONING_OBSERVATION_CHARS_MAX } from '#shared/limits';

export function traceOf(run: Run): CotaTrace {
  const { id, status, images, steps, usage } = run;
  return { run_id: id, status, images, steps, usage };
}

export function chatUsageOf({ usage }: Run): ChatUsage {
  return {
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.input_tokens + usage.output_tokens,
    prompt_tokens_details: { cached_tokens: usage.cached_tokens },
  };
}

/** The whole trace as text: the same that a stream gives in pieces. */
export function reasoningOf(run: Run): string {
  return run.steps
    .map((step) => thoughtText(step) + (step.observation ? observationText(step.observation) : ''))
    .join('');
}

/** The answer itself is not repeated here. */
export function thoughtText({ thought, actions }: Pick<RunStep, 'thought' | 'actions'>): string {
  const calls = actions
    .filter(({ name }) => name !== 'Terminate')
    .map((action) => `${action.name}(${JSON.stringify(action.arguments)})\n`);
  return (thought === '' ? '' : `${thought}\n`) + calls.join('');
}

type ObservationOf = Extract<RunEvent, { type: 'tool.completed' }>['observation'];

export function observationText(observation: ObservationOf): string {
  const text = JSON.stringify(observation);
  const cut =
    text.length > REASONING_OBSERVATION_CHARS_MAX
      ? `${text.slice(0, REASONING_OBSERVATION_CHARS_MAX).toWellFormed()}...`
      : text;
  return `-> ${cut}\n`;
}

/** Seconds since 1970. */
export function createdOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
