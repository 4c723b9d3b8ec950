/** POST /v1/step: one turn of the planner as newline-delimited events. */
import type { Context } from 'hono';
import type { AppEnv, AppOptions } from '#backend/app';
import { parseBody } from '#backend/body';
import { deadline } from '#backend/deadline';
import type { TurnEvent } from '#backend/engine/protocol';
import type { Supervisor } from '#backend/engine/supervisor';
import { costOf } from '#backend/fairness/forecast';
import type { Pinned } from '#backend/images/store';
import { type Applicant, StepGate } from '#backend/step-gate';
import type { StepRecord } from '#backend/step-record';
import { type StepEvent, type StepRequest, stepRequest } from '#shared/contract';
import { imagesOf } from '#shared/conversation';
import { ApiError } from '#shared/errors';
import { BACKEND_QUEUE_MAX, PLANNER_ACTIVE_MAX, PLANNER_SPARE, STEP_WALL_MS_MAX } from '#shared/limits';

const HEADERS = { 'content-type': 'application/x-ndjson', 'x-accel-buffering': 'no' } as const;

/** Time beyond its deadline in which a step that was told to stop must stop. */
const GRACE_MS = 2_000;

export type StepRoute = (context: Context<AppEnv>, body: Uint8Array) => Promise<Response>;

/** Steps that the planner decodes together have a place; what it took on beyond that would only wait there. */
export const createStepGate = (planner: AppOptions['planner']): StepGate =>
  new StepGate({
    places: () => planner?.info?.places ?? PLANNER_ACTIVE_MAX,
    spare: PLANNER_SPARE,
    queueMax: BACKEND_QUEUE_MAX,
    now: () => performance.now(),
  });

export function createStepRoute(
  { planner, store }: AppOptions,
  gate: StepGate,
  record: StepRecord,
): StepRoute {
  return async (context, body) => {
    const request = parseBody(body, stepRequest);
    if (!planner)
      throw new ApiError(
        'backend_unavailable',
        'This backend has no planner model: its model folder has no planner/config.json.',
      );
    const progress = record.begin(request);
    const applicant = applicantOf(request);
    try {
      // Before anything is made for it: under overload most steps get no farther.
      gate.check(applicant);
    } catch (error) {
      progress.failed(error, false);
      throw error;
    }
    const pinned = store.pin(imagesOf(request.conversation));
    const gone = new AbortController();
    const client = AbortSignal.any([context.req.raw.signal, gone.signal]);
    const end = deadline(applicant.limitMs, [client]);
    const emit = (event: StepEvent): void => queue.push(event);
    const work = runStep({ planner, gate, applicant, request, pinned, signal: end.signal, emit });
    work.then(progress.ended, (error: unknown) => progress.failed(error, client.aborted));
    const queue = eventQueue(work.finally(end.clear));
    // Whatever fails before the first event is a plain problem response.
    const first = await queue.next();
    // A turn that is whole already is one write to the socket; a stream takes three, and each costs as much as the rest.
    const reply =
      first.at(-1)?.type === 'turn' ? linesOf(first) : ndjson(first, queue.next, () => gone.abort());
    return new Response(reply, { headers: HEADERS });
  };
}

type Step = {
  readonly planner: Supervisor<'planner'>;
  readonly gate: StepGate;
  readonly applicant: Applicant;
  readonly request: StepRequest;
  readonly pinned: Pinned;
  readonly signal: AbortSignal;
  readonly emit: (event: StepEvent) => void;
};

const applicantOf = ({ tenant = '', step, deadline_ms: deadlineMs }: StepRequest): Applicant => ({
  tenant,
  kind: step === 0 ? 'first' : 'later',
  limitMs: Math.min(deadlineMs, STEP_WALL_MS_MAX),
});

async function runStep({
  planner,
  gate,
  applicant,
  request,
  pinned,
  signal,
  emit,
}: Step): Promise<TurnEvent> {
  const place = await gate.enter(applicant, signal).catch((error: unknown) => {
    pinned.release();
    throw error;
  });
  let cost: number | undefined;
  const call = planner.call(
    'step',
    { request, files: pinned.files },
    {
      wallMs: applicant.limitMs + GRACE_MS,
      signal,
      onText: (text) => emit({ type: 'token', text }),
    },
  );
  // A caller that gave up is answered at once; place and files are held for as long as the child works.
  void call.idle.then(() => place.leave(cost)).then(pinned.release);
  const turn = await call.result;
  cost = costOf(turn.usage);
  return { ...turn, timings: { ...turn.timings, queue_ms: turn.timings.queue_ms + place.waitedMs } };
}

type EventQueue = {
  push(event: StepEvent): void;
  /** The events that have come, once there are any; none after the turn. Rejects when the step failed. */
  next(): Promise<readonly StepEvent[]>;
};

function eventQueue(last: Promise<TurnEvent>): EventQueue {
  const events: StepEvent[] = [];
  let wake = Promise.withResolvers<void>();
  let ended = false;
  const end = last.then(
    (turn) => {
      events.push(turn);
      ended = true;
    },
    (error: unknown) => {
      ended = true;
      throw error;
    },
  );
  // Seen by whoever calls next(); a caller that left early must not make it an unhandled rejection.
  end.catch(() => undefined);
  return {
    push: (event) => {
      events.push(event);
      wake.resolve();
    },
    next: async () => {
      while (events.length === 0 && !ended) {
        await Promise.race([end, wake.promise]);
        wake = Promise.withResolvers<void>();
      }
      if (events.length === 0) await end;
      return events.splice(0);
    },
  };
}

/** What comes together is written together. */
const linesOf = (events: readonly StepEvent[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('');

/** After the first byte a failure can only be told by an `error` event. */
function ndjson(
  first: readonly StepEvent[],
  next: () => Promise<readonly StepEvent[]>,
  onCancel: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const lines = (events: readonly StepEvent[]): Uint8Array => encoder.encode(linesOf(events));
  return new ReadableStream<Uint8Array>({
    start: (stream) => {
      if (first.length > 0) stream.enqueue(lines(first));
    },
    pull: async (stream) => {
      try {
        const events = await next();
        if (events.length > 0) stream.enqueue(lines(events));
        else stream.close();
      } catch (error) {
        const { code, message } =
          error instanceof ApiError ? error : new ApiError('internal', 'The step failed.');
        stream.enqueue(lines([{ type: 'error', code, message }]));
        stream.close();
      }
    },
    cancel: onCancel,
  });
}
