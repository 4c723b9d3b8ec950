/** What callers see of a run, made from its rows. Pure. */
import type { Run, RunEvent, RunStep } from '#shared/api';
import type { RunSummary } from '#shared/api/run-list';
import { imagesOfRun, type RunState, type StepState, usageOf } from './state.ts';
import type { StoredEvent } from './store.ts';

export function runView(state: RunState): Run {
  const { input, answer, error, finishedAt } = state;
  return {
    id: input.id,
    object: 'run',
    status: state.status,
    question: input.question,
    images: imagesOfRun(state).map((image) => image.id),
    ...(answer === undefined ? {} : { answer }),
    steps: state.steps.flatMap(stepView),
    usage: usageOf(state),
    ...(error ? { error } : {}),
    ...(input.metadata ? { metadata: { ...input.metadata } } : {}),
    created_at: isoTime(state.createdAt),
    ...(finishedAt === undefined ? {} : { finished_at: isoTime(finishedAt) }),
    expires_at: isoTime(state.expiresAt),
  };
}

/** For lists and webhooks: of a bounded size, whatever the steps hold. */
export function summaryView(state: RunState): RunSummary {
  const { steps: _steps, images: _images, ...summary } = runView(state);
  return summary;
}

/** A step is shown once its turn is complete. */
function stepView({ index, turn: planned, outcome }: StepState): RunStep[] {
  if (!planned) return [];
  return [
    {
      index,
      thought: planned.turn.thought,
      actions: planned.turn.actions,
      ...(outcome ? { observation: outcome.observation, tool_ms: outcome.ms } : {}),
      ...(outcome?.image ? { image_id: outcome.image.id } : {}),
      ms: planned.ms,
      cached: outcome?.cached ?? false,
    },
  ];
}

export function eventView({ seq, type, step: index }: StoredEvent, state: RunState): RunEvent {
  switch (type) {
    case 'run.started':
      return { type, seq, run_id: state.input.id, created_at: isoTime(state.createdAt) };
    case 'step.started':
      return { type, seq, index };
    case 'step.completed': {
      const { turn, ms, usage } = present(state.steps[index]?.turn);
      return { type, seq, index, thought: turn.thought, actions: turn.actions, ms, usage };
    }
    case 'tool.completed': {
      const { tool, observation, image, ms, cached } = present(state.steps[index]?.outcome);
      const named = tool === undefined ? {} : { name: tool };
      return {
        type,
        seq,
        index,
        ...named,
        observation,
        ...(image ? { image_id: image.id } : {}),
        ms,
        cached,
      };
    }
    case 'run.completed':
    case 'run.failed':
    case 'run.canceled':
      return { type, seq, run: runView(state) };
  }
}

/** One message of the event stream. Only events that are stored carry an id, so a client resumes after those. */
export function eventText(event: RunEvent): string {
  const id = 'seq' in event ? `id: ${event.seq}\n` : '';
  return `${id}data: ${JSON.stringify(event)}\n\n`;
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('an event was stored without what it is about');
  return value;
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
