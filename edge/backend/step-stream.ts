/** Reads the newline-delimited events of one planner step. */
import { type StepEvent, stepEvent } from '#shared/contract';
import { type ErrorCode, errorTable } from '#shared/errors';
import { TURN_CHARS_MAX } from '#shared/limits';
import { BackendFailure } from './failure.ts';
import { parseReply, takeChunks } from './transport.ts';

export type PlannerTurn = Extract<StepEvent, { type: 'turn' }>;

/** Resolves with the turn; calls `listen` with each piece of it as it is written, and its offset. */
export async function readStep(
  response: Response,
  listen: (text: string, offset: number) => void,
): Promise<PlannerTurn> {
  if (!response.headers.get('content-type')?.startsWith('application/x-ndjson')) {
    throw new BackendFailure('reply', 'backend_error', 'expected application/x-ndjson');
  }
  const lines = new Lines();
  let offset = 0;
  const take = (line: string): PlannerTurn | undefined => {
    const event = parseReply(line, stepEvent);
    if (event.type === 'error') throw failureOf(event);
    if (event.type === 'turn') return checkedTurn(event);
    listen(event.text, offset);
    offset += event.text.length;
    return undefined;
  };
  const turn =
    (await takeChunks(response, (chunk) => firstOf(lines.add(chunk), take))) ?? firstOf(lines.end(), take);
  if (turn) return turn;
  throw new BackendFailure('outage', 'backend_unavailable', 'the stream ended before the turn');
}

function firstOf<Item, Result>(
  items: readonly Item[],
  take: (item: Item) => Result | undefined,
): Result | undefined {
  for (const item of items) {
    const taken = take(item);
    if (taken !== undefined) return taken;
  }
  return undefined;
}

/** A line holds one event, and none is longer than a turn with its text and its parsed form. */
const LINE_CHARS_MAX = 8 * TURN_CHARS_MAX;

/** Cuts a stream of bytes into its lines; empty ones are left out. */
class Lines {
  readonly #decoder = new TextDecoder();
  #rest = '';

  /** The lines that are whole with this chunk. */
  add(chunk: Uint8Array): string[] {
    const pieces = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = pieces.pop() ?? '';
    if (this.#rest.length > LINE_CHARS_MAX)
      throw new BackendFailure('reply', 'backend_error', 'a line of the stream has no end');
    return pieces.filter((piece) => piece.trim() !== '');
  }

  /** The last line of a stream that ended without a line feed. */
  end(): string[] {
    return this.#rest.trim() === '' ? [] : [this.#rest];
  }
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
