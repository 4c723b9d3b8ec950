/** What a scripted planner does, and which faults its backend shows. */
import type { Turn } from '#shared/turn';

export type Fault =
  | 'html'
  | 'huge'
  | 'schema'
  | 'cut'
  | 'unavailable'
  | 'overloaded'
  | 'reset'
  | 'error-event'
  | 'hang';

export type ScriptedTurn = {
  readonly turn: Turn;
  /** What the planner wrote, where it is not the JSON of the turn. */
  readonly text?: string;
  /** Said instead when only Terminate is allowed. */
  readonly final?: Turn;
  readonly delayMs?: number;
  readonly fault?: Fault;
  /** How many attempts show the fault; one when left out. */
  readonly times?: number;
};

/** A question in tests. The last turn is repeated when there are more steps. */
export type Script = { readonly turns: readonly ScriptedTurn[] };
