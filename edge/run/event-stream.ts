/** Answers with the event stream of a run. */

import type { AppContext } from '#edge/route';
import { ApiError } from '#shared/errors';
import type { RunRpc } from './rpc.ts';

export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Proxies that buffer would hold back the events.
  'x-accel-buffering': 'no',
} as const;

export async function eventStream(c: AppContext, stub: RunRpc, after: number): Promise<Response> {
  const events = await stub.watch(after);
  if (events === null) throw new ApiError('not_found', 'there is no such run, or it has expired');
  if (events === 'ended') return c.body(null, 204);
  if (events === 'full') {
    throw new ApiError('overloaded', 'too many clients watch this run; poll it instead', {
      headers: { 'retry-after': '5' },
    });
  }
  return c.body(events, 200, EVENT_STREAM_HEADERS);
}
