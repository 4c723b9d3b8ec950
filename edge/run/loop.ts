/**
 * THE loop: thought, action, observation, until the answer. All control flow of a run is here; what
 * it calls is passed in, so that it can be simulated. It may be cut off after any `await` and called
 * anew: every transition is stored before the next one begins. Never throws.
 */

import type { TurnListener } from '#edge/backend/client';
import type { PlannerTurn } from '#edge/backend/step-stream';
import type { ToolResult } from '#edge/tools/call';
import type { RunError } from '#shared/api';
import type { StepRequest } from '#shared/contract';
import { TURN_TOKENS_MAX } from '#shared/limits';
import { toolSpec } from '#shared/tools/index';
import { type Move, readTurn } from './read-turn.ts';
import {
  conversationOf,
  imagesOfRun,
  isTerminal,
  mustAnswer,
  openIndex,
  type RunState,
  type StepState,
} from './state.ts';
import type { RunStore } from './store.ts';

export type LoopPorts = {
  readonly store: RunStore;
  now(): number;
  /** Sets the next alarm. Awaited before each side effect, so that a crash within it is noticed. */
  arm(): Promise<void>;
  plan(state: RunState, request: PlannerRequest, listen: TurnListener): Promise<PlannerTurn>;
  act(state: RunState, index: number, call: Move & { kind: 'call' }): Promise<ToolResult>;
  /** Called after each stored change, and with each piece of a turn as it is written. */
  changed(): void;
  preview(index: number, text: string, offset: number): void;
  errorOf(thrown: unknown): RunError;
};

export type PlannerRequest = Omit<StepRequest, 'version' | 'deadline_ms'>;

export async function runLoop(ports: LoopPorts): Promise<void> {
  const { store, now } = ports;
  try {
    for (let state = store.read(); !isTerminal(state.status); state = store.read()) {
      if (now() >= state.deadline) {
        store.fail(
          { code: 'deadline_exceeded', message: 'the run took longer than it may; ask for fewer steps' },
          now(),
        );
      } else if (isSpent(state)) {
        store.fail({ code: 'no_answer', message: 'the planner gave no answer within its steps' }, now());
      } else {
        await ports.arm();
        const last = state.steps.at(-1);
        await (last?.turn && !last.outcome ? act(ports, state, last.index, last.turn) : plan(ports, state));
      }
      ports.changed();
    }
  } catch (thrown) {
    store.fail(ports.errorOf(thrown), now());
    ports.changed();
  }
}

/** Whether a step that had to be the answer has gone by without one. */
function isSpent({ steps }: RunState): boolean {
  const last = steps.at(-1);
  return last?.outcome !== undefined && last.final;
}

async function plan(ports: LoopPorts, state: RunState): Promise<void> {
  const { store, now } = ports;
  const index = openIndex(state);
  const { final } = store.begin(index, mustAnswer(state, now()));
  ports.changed();

  const started = now();
  const tools = state.input.tools.map((tool) => tool.name);
  const conversation = conversationOf(state, toolSpec);
  const request = {
    run: state.input.id,
    step: index,
    conversation,
    tools,
    final,
    max_tokens: TURN_TOKENS_MAX,
  };
  const { text, turn, usage } = await ports.plan(state, request, (piece, offset) =>
    ports.preview(index, piece, offset),
  );
  const planned = { text, turn, usage, ms: now() - started };

  const move = readTurn(text, turn, final ? ['Terminate'] : tools, imagesOfRun(state).length);
  if (move.kind === 'answer') store.recordAnswer(index, planned, move.answer, now());
  else if (move.kind === 'mend')
    store.recordMend(index, planned, { observation: move.observation, ms: 0, cached: false });
  else store.recordTurn(index, planned);
}

async function act(
  ports: LoopPorts,
  state: RunState,
  index: number,
  { text, turn }: NonNullable<StepState['turn']>,
): Promise<void> {
  const tools = state.input.tools.map((tool) => tool.name);
  const move = readTurn(text, turn, tools, imagesOfRun(state).length);
  // Only a turn that asks for a tool is stored without an outcome.
  if (move.kind !== 'call') throw new Error(`the stored turn ${index} is no tool call`);
  const outcome = await ports.act(state, index, move);
  ports.store.recordOutcome(index, { ...outcome, tool: move.spec.name });
}
