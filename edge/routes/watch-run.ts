/**
 * GET /v1/runs/{id}/events: the events of a run as server-sent events, after `Last-Event-ID` or
 * `?after=`, until the run ends. 204 when the run has ended and nothing is left to send: it tells an
 * EventSource to stop.
 */

import type { AppContext, Route } from '#edge/route';
import { EVENT_STREAM_HEADERS, eventStream } from '#edge/run/event-stream';
import { ApiError } from '#shared/errors';
import { noSuchRun, stubOf } from './get-run.ts';

export const watchRun: Route = {
  method: 'GET',
  path: '/v1/runs/:id/events',
  scope: 'runs:read',
  handler: async (c) => {
    const after = cursorOf(c);
    const stub = stubOf(c);
    if (c.req.method !== 'HEAD') return eventStream(c, stub, after);
    // HEAD must not open a stream that nobody reads.
    if (!(await stub.view())) throw noSuchRun();
    return c.body(null, 200, EVENT_STREAM_HEADERS);
  },
};

/** The header wins: a client that reconnects repeats the query of its first request. */
function cursorOf(c: AppContext): number {
  const cursor = c.req.header('last-event-id') ?? c.req.query('after') ?? '0';
  if (/^\d{1,9}$/.test(cursor)) return Number(cursor);
  throw new ApiError(
    'invalid_cursor',
    'expected the id of an event, a whole number from 0, in Last-Event-ID or ?after=',
  );
}
