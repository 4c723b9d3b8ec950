/** GET /v1/runs/{id}: the run as it stands; `Prefer: wait=n` waits for its end, at most n seconds. */

import { jsonWithEtag } from '#edge/etag';
import { timeRun } from '#edge/guards/server-timing';
import type { AppContext, Route } from '#edge/route';
import { type RunRpc, runStub } from '#edge/run/rpc';
import { preferredWaitMs, waitForRun } from '#edge/run/wait';
import { runId } from '#shared/api';
import { ApiError } from '#shared/errors';

export const getRun: Route = {
  method: 'GET',
  path: '/v1/runs/:id',
  handler: async (c) => {
    const stub = () => stubOf(c);
    const run = await stub().view();
    if (!run) throw noSuchRun();
    const wait = preferredWaitMs(c);
    const known = wait === undefined ? run : await waitForRun(stub, run, wait);
    timeRun(c, known);
    // A run that has ended never changes again.
    return known.finished_at === undefined ? c.json(known) : jsonWithEtag(c, known);
  },
};

/** The run that the path names. Another tenant's run does not exist here. */
export function stubOf(c: AppContext): RunRpc {
  const id = runId.safeParse(c.req.param('id'));
  if (!id.success) throw noSuchRun();
  return runStub(c.var.settings.RUNS, c.var.principal.tenant, id.data);
}

export function noSuchRun(): ApiError {
  return new ApiError('not_found', 'there is no such run, or it has expired');
}
