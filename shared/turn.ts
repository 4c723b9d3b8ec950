/** One turn of the planner: a thought and at most one action. */
import * as z from 'zod';
import { TURN_CHARS_MAX, TURN_NESTING_MAX } from './limits.ts';

export const action = z.object({
  name: z.string(),
  arguments: z.record(z.string(), z.json()),
});
export type Action = z.infer<typeof action>;

export const turn = z.object({
  thought: z.string().default(''),
  /** The first is executed; the reference ignores any further one, and so do we. */
  actions: z.array(action),
});
export type Turn = z.infer<typeof turn>;

export type ParsedTurn = { ok: true; turn: Turn } | { ok: false; reason: string };

/**
 * Reads a turn out of a model's text: strict JSON first, then the first balanced JSON object that
 * is a turn, found by a scan that knows strings and escapes (a brace inside a string does not count).
 * Never throws; `reason` says what is wrong in words that the model can act on.
 */
export function parseTurn(text: string): ParsedTurn {
  if (text.length > TURN_CHARS_MAX) {
    return {
      ok: false,
      reason: `a turn has at most ${TURN_CHARS_MAX} characters, this one has ${text.length}`,
    };
  }
  let reason: string | undefined;
  for (const span of [text, ...objectsIn(text)]) {
    const value = nestingOf(span) > TURN_NESTING_MAX ? TOO_DEEP : parseJson(span);
    if (value === undefined) continue;
    const parsed = turn.safeParse(firstActionOnly(value));
    if (parsed.success) return { ok: true, turn: parsed.data };
    reason ??=
      value === TOO_DEEP
        ? `the object nests deeper than ${TURN_NESTING_MAX} levels`
        : `the object is no turn: ${z.prettifyError(parsed.error)}`;
  }
  return { ok: false, reason: reason ?? NO_OBJECT };
}

const NO_OBJECT =
  'expected one JSON object {"thought": string, "actions": [{"name", "arguments"}]}, found none that is complete and strict JSON';

/** Stands for JSON that is not even read: the schema walks a value by recursion. */
const TOO_DEEP = Symbol('too deep');

/** The reference ignores all actions but the first, so a bad second one does not spoil a turn. */
function firstActionOnly(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('actions' in value)) return value;
  return Array.isArray(value.actions) ? { ...value, actions: value.actions.slice(0, 1) } : value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The outermost balanced `{...}` spans of a text, left to right. */
function* objectsIn(text: string): Generator<string> {
  let depth = 0;
  let start = 0;
  for (const [index, character] of outsideStrings(text)) {
    if (character === '{') {
      if (depth++ === 0) start = index;
    } else if (character === '}' && depth > 0 && --depth === 0) {
      yield text.slice(start, index + 1);
    }
  }
}

/** The deepest nesting of brackets in a text. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [, character] of outsideStrings(text)) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}

/**
 * The brackets of a text that stand outside JSON strings, with their positions. Quotes count only
 * inside an object, because the prose around one may hold a single quote mark.
 */
function* outsideStrings(text: string): Generator<[number, string]> {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"' && depth > 0) {
      inString = true;
    } else if ('{}[]'.includes(character)) {
      if (character === '{') depth++;
      else if (character === '}' && depth > 0) depth--;
      yield [index, character];
    }
  }
}
