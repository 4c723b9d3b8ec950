/**
 * POST /v1/runs: starts a run, or joins the one that the request repeats. Answers 200 with the run when
 * it has ended, 202 with `Location` for `background: true` or once `Prefer: wait=n` has elapsed, or the
 * event stream.
 */

import { readFingerprintedJson } from '#edge/body';
import { timeRun } from '#edge/guards/server-timing';
import type { AppContext, Route } from '#edge/route';
import { eventStream } from '#edge/run/event-stream';
import { attemptOf } from '#edge/run/repeat';
import { runStub } from '#edge/run/rpc';
import { startRun } from '#edge/run/start';
import { preferredWaitMs, waitForRun } from '#edge/run/wait';
import { type Run, type RunRequest, runRequest } from '#shared/api';

export const postRuns: Route = {
  method: 'POST',
  path: '/v1/runs',
  handler: async (c) => {
    const { settings, principal } = c.var;
    const { value: request, sha256 } = await readFingerprintedJson(c, runRequest);
    const { run, created } = await startRun(settings, principal, request, attemptOf(c, sha256));
    c.header('location', `/v1/runs/${run.id}`);
    if (!created) c.header('idempotent-replayed', 'true');
    return answer(c, request, run);
  },
};

async function answer(c: AppContext, request: RunRequest, started: Run): Promise<Response> {
  const stub = () => runStub(c.var.settings.RUNS, c.var.principal.tenant, started.id);
  if (request.stream || c.req.header('accept')?.includes('text/event-stream'))
    return eventStream(c, stub(), 0);
  if (request.background) return c.json(started, 202);
  const run = await waitForRun(stub, started, preferredWaitMs(c));
  timeRun(c, run);
  return c.json(run, run.finished_at === undefined ? 202 : 200);
}
