/** The one way in which a leaf of the mathematics gives up; the handlers turn it into an observation. */
import type { ToolError } from '#shared/tool';

export type MathCode =
  // Reading.
  | 'empty_expression'
  | 'too_long'
  | 'too_deep'
  | 'syntax'
  | 'unknown_symbol'
  | 'unknown_function'
  | 'wrong_arity'
  | 'not_a_number'
  // Computing.
  | 'division_by_zero'
  | 'domain'
  | 'not_finite'
  // Solving.
  | 'no_equation'
  | 'not_an_equation'
  | 'too_many_unknowns'
  | 'underdetermined'
  | 'not_solvable'
  // A defect of ours: no input is known to cause it.
  | 'internal';

/** `message`: what was expected, what came, how to mend it. */
export class MathFailure extends Error {
  override readonly name = 'MathFailure';
  readonly code: MathCode;
  constructor(code: MathCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Runs a computation; whatever it throws comes back as a tool error. */
export function attempt<Observation>(compute: () => Observation): Observation | ToolError {
  try {
    return compute();
  } catch (error) {
    if (error instanceof MathFailure) return { error: { code: error.code, message: error.message } };
    const reason = error instanceof Error ? error.name : 'unknown';
    return {
      error: { code: 'internal', message: `the computation failed (${reason}); write it in another way` },
    };
  }
}

/** A piece of the input, short enough to be quoted in a message. */
export function quoted(text: string): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\u{fffd}');
  return `"${visible.length > 32 ? `${visible.slice(0, 31)}…` : visible}"`;
}
