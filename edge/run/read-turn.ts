/** What a turn asks for: the answer, a tool call, or to be told what is wrong with it. Pure. */

import { readCall } from '#edge/tools/read-call';
import type { Observation } from '#shared/conversation';
import { ANSWER_CHARS_MAX } from '#shared/limits';
import type { ToolSpec } from '#shared/tool';
import { parseTurn, type Turn } from '#shared/turn';

export type Move =
  | { readonly kind: 'answer'; readonly answer: string }
  | { readonly kind: 'call'; readonly spec: ToolSpec; readonly arguments: Observation }
  | { readonly kind: 'mend'; readonly observation: Observation };

const TERMINATE = 'Terminate';
const MEND_CHARS_MAX = 2_000;

export function readTurn(text: string, turn: Turn, usable: readonly string[], imageCount: number): Move {
  const action = turn.actions[0];
  if (!action) {
    const parsed = parseTurn(text);
    return parsed.ok
      ? mend('no_action', `no action was given; choose one of ${usable.join(', ')}`)
      : mend('invalid_turn', parsed.reason);
  }
  const call = readCall(action.name === TERMINATE ? withTextAnswer(action) : action, usable, imageCount);
  if (!call.ok) return mend(call.code, call.message);
  if (call.spec.name === TERMINATE) return { kind: 'answer', answer: String(call.arguments['answer']) };
  return { kind: 'call', spec: call.spec, arguments: call.arguments };
}

/** An answer may be written as any JSON value; it is read as text of at most ANSWER_CHARS_MAX. */
function withTextAnswer(action: Turn['actions'][number]): Turn['actions'][number] {
  const { answer, ...rest } = action.arguments;
  if (answer === undefined || answer === null) return action;
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  return { name: action.name, arguments: { ...rest, answer: text.slice(0, ANSWER_CHARS_MAX) } };
}

function mend(code: string, message: string): Move {
  return { kind: 'mend', observation: { error: { code, message: message.slice(0, MEND_CHARS_MAX) } } };
}
