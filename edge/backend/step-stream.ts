/** Reads the newline-delimited events of one planner step. */
import { type StepEvent, stepEvent } from '#shared/contract';
import { type ErrorCode, errorTable } from '#shared/errors';
import { TURN_CHARS_MAX } from '#shared/limits';
import { BackendFailure } from './failure.ts';
import { boundedChunks, parseReply } from './transport.ts';

export type PlannerTurn = Extract<StepEvent, { type: 'turn' }>;

/** Resolves with the turn; calls `listen` with each piece of it as it is written, and its offset. */
export async function readStep(
  response: Response,
  listen: (text: string, offset: number) => void,
): Promise<PlannerTurn> {
  if (!response.headers.get('content-type')?.startsWith('application/x-ndjson')) {
    throw new BackendFailure('reply', 'backend_error', 'expected application/x-ndjson');
  }
  let offset = 0;
  for await (const line of lines(response)) {
    const event = parseReply(line, stepEvent);
    if (event.type === 'token') {
      listen(event.text, offset);
      offset += event.text.length;
    } else if (event.type === 'error') throw failureOf(event);
    else return checkedTurn(event);
  }
  throw new BackendFailure('outage', 'backend_unavailable', 'the stream ended before the turn');
}

/** A line holds one event, and none is longer than a turn with its text and its parsed form. */
const LINE_CHARS_MAX = 8 * TURN_CHARS_MAX;

async function* lines(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of boundedChunks(response)) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = pieces.pop() ?? '';
    if (rest.length > LINE_CHARS_MAX)
      throw new BackendFailure('reply', 'backend_error', 'a line of the stream has no end');
    yield* pieces.filter((piece) => piece.trim() !== '');
  }
  if (rest.trim() !== '') yield rest;
}

function checkedTurn(event: PlannerTurn): PlannerTurn {
  // The parsed turn cannot be much longer than its text unless the backend is not what it should be.
  if (event.text.length > TURN_CHARS_MAX || JSON.stringify(event.turn).length > 2 * TURN_CHARS_MAX) {
    throw new BackendFailure('reply', 'backend_error', `the turn has more than ${TURN_CHARS_MAX} characters`);
  }
  return event;
}

function failureOf({ code, message }: Extract<StepEvent, { type: 'error' }>): BackendFailure {
  const known = Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'backend_error';
  const kind = known === 'overloaded' || known === 'backend_unavailable' ? 'outage' : 'reply';
  return new BackendFailure(kind, errorTable[known].status >= 500 ? known : 'backend_error', message);
}
