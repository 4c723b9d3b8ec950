/** Waits for the end of a run, through restarts of its object. */

import type { AppContext } from '#edge/route';
import type { Run } from '#shared/api';
import { RUN_WALL_MS_MAX } from '#shared/limits';
import type { RunRpc } from './rpc.ts';

/** A little longer than a run may take, so that a waiting client gets its end. */
export const WAIT_MS_MAX = RUN_WALL_MS_MAX + 10_000;
const RECONNECT_MS = 500;

/** RFC 7240: `Prefer: wait=10`, in seconds. */
export function preferredWaitMs(c: AppContext): number | undefined {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})/i.exec(c.req.header('prefer') ?? '')?.[1];
  if (seconds === undefined) return undefined;
  c.header('preference-applied', `wait=${seconds}`);
  return Math.min(WAIT_MS_MAX, Number(seconds) * 1000);
}

/** The run when it has ended, or as it stands after `waitMs`. `stub` gives a fresh connection. */
export async function waitForRun(stub: () => RunRpc, known: Run, waitMs = WAIT_MS_MAX): Promise<Run> {
  const until = Date.now() + waitMs;
  let run = known;
  while (run.finished_at === undefined && Date.now() < until) {
    try {
      run = (await stub().settled(until - Date.now())) ?? run;
    } catch {
      // The object went away while we waited, as on a deployment; its alarm brings it back.
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }
  return run;
}
