/** A run as it is stored, and the pure questions that the loop asks about it. */

import { canonicalJson } from '#edge/storage/tool-cache';
import type { RunError, RunStatus, RunUsage } from '#shared/api';
import type { StepUsage } from '#shared/contract';
import { boundObservation, type Conversation, type Observation } from '#shared/conversation';
import { ANSWER_RESERVE_MS, REPEATS_MAX } from '#shared/limits';
import { unitsOfRun } from '#shared/plans';
import type { ToolSpec } from '#shared/tool';
import type { Turn } from '#shared/turn';
import type { RunImage, RunInput } from './rpc.ts';

export type StepState = {
  readonly index: number;
  /** The planner was allowed nothing but Terminate. Fixed when the step begins, so that a repetition asks the same. */
  readonly final: boolean;
  /** What the planner wrote; absent while it is still to be asked. */
  readonly turn?: {
    readonly text: string;
    readonly turn: Turn;
    readonly usage: StepUsage;
    readonly ms: number;
  };
  /** What came of it; absent while the tool is still to be called. */
  readonly outcome?: StepOutcome;
};

export type StepOutcome = {
  readonly observation: Observation;
  readonly image?: RunImage;
  readonly ms: number;
  readonly cached: boolean;
  /** The tool that ran; absent where the turn was none that could be carried out. */
  readonly tool?: string;
};

export type RunState = {
  readonly input: RunInput;
  readonly status: RunStatus;
  readonly answer?: string;
  readonly error?: RunError;
  readonly resumes: number;
  readonly createdAt: number;
  readonly deadline: number;
  readonly expiresAt: number;
  readonly finishedAt?: number;
  /** When the next attempt to deliver the webhook is due; absent when there is nothing to deliver. */
  readonly webhookAt?: number;
  readonly webhookAttempts: number;
  readonly steps: readonly StepState[];
};

/** The event that ends a run, by the status that it ends with. */
export const endings = {
  succeeded: 'run.completed',
  failed: 'run.failed',
  canceled: 'run.canceled',
} as const satisfies Partial<Record<RunStatus, string>>;

export type Ending = keyof typeof endings;

export function isTerminal(status: RunStatus): status is Ending {
  return Object.hasOwn(endings, status);
}

/** All images of the run in the order of their numbers. */
export function imagesOfRun(state: RunState): RunImage[] {
  return [...state.input.images, ...state.steps.flatMap((step) => step.outcome?.image ?? [])];
}

/** What a run shows as used, and what the limits are settled by: the two are the same. */
export function usageOf({ steps }: RunState): RunUsage {
  const turns = steps.flatMap((step) => step.turn?.usage ?? []);
  const sum = (field: 'prompt_tokens' | 'cached_tokens' | 'completion_tokens') =>
    turns.reduce((total, usage) => total + usage[field], 0);
  return {
    steps: turns.length,
    tool_calls: steps.filter((step) => step.outcome?.tool !== undefined).length,
    input_tokens: sum('prompt_tokens'),
    cached_tokens: sum('cached_tokens'),
    output_tokens: sum('completion_tokens'),
    cost_units: unitsOfRun(turns.length),
  };
}

type StopCondition = (state: RunState, now: number) => boolean;

/** Any of these and the next turn must be the answer. */
const answerConditions: readonly StopCondition[] = [
  function lastStep(state) {
    return openIndex(state) >= state.input.maxSteps - 1;
  },
  function repeatsItself(state) {
    const marks = state.steps.flatMap((step) =>
      step.turn && step.outcome ? [markOf(step.turn, step.outcome)] : [],
    );
    const last = marks.at(-1);
    return last !== undefined && marks.filter((mark) => mark === last).length >= REPEATS_MAX;
  },
  function timeIsNearlyUp(state, now) {
    return state.deadline - now < Math.min(ANSWER_RESERVE_MS, (state.deadline - state.createdAt) / 4);
  },
];

export function mustAnswer(state: RunState, now: number): boolean {
  return answerConditions.some((holds) => holds(state, now));
}

/** Index of the step to be done next: one that has begun, or a new one. */
export function openIndex(state: RunState): number {
  const last = state.steps.at(-1);
  return last && !last.outcome ? last.index : state.steps.length;
}

/** What the planner reads: the request, then every finished step. */
export function conversationOf(
  state: RunState,
  specOf: (tool: string) => ToolSpec | undefined,
): Conversation {
  return {
    question: state.input.question,
    images: state.input.images.map((image) => image.sha256),
    steps: state.steps.flatMap(({ turn, outcome }) => {
      if (!turn || !outcome) return [];
      const spec = outcome.tool === undefined ? undefined : specOf(outcome.tool);
      const observation = boundObservation(plannerObservation(outcome.observation, spec));
      return [
        {
          text: turn.text,
          turn: turn.turn,
          observation,
          ...(outcome.image ? { image: outcome.image.sha256 } : {}),
        },
      ];
    }),
  };
}

/** The fields of an observation that the planner is meant to read, and always an error or a note. */
export function plannerObservation(observation: Observation, spec: ToolSpec | undefined): Observation {
  if (!spec) return observation;
  const fields = new Set([...spec.plannerFields, 'error', 'note']);
  return Object.fromEntries(Object.entries(observation).filter(([field]) => fields.has(field)));
}

function markOf({ text, turn }: NonNullable<StepState['turn']>, { observation }: StepOutcome): string {
  return canonicalJson([turn.actions[0] ?? text, observation]);
}
