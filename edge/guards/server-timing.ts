/** How long the edge took until the head of its reply, in `server-timing`; routes may add more. */
import type { MiddlewareHandler } from 'hono';
import type { AppContext, AppEnvironment } from '#edge/route';
import type { Run } from '#shared/api';

export const serverTiming: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  const started = Date.now();
  await next();
  c.res.headers.append('server-timing', `edge;dur=${Date.now() - started}`);
};

/** Where the time of a run has gone: the planner's turns, the tools, and all from start to end. */
export function timeRun(c: AppContext, { steps, created_at, finished_at }: Run): void {
  const planner = steps.reduce((sum, step) => sum + step.ms, 0);
  const tools = steps.reduce((sum, step) => sum + (step.tool_ms ?? 0), 0);
  const parts = [`planner;dur=${Math.round(planner)}`, `tools;dur=${Math.round(tools)}`];
  if (finished_at !== undefined) parts.push(`run;dur=${Date.parse(finished_at) - Date.parse(created_at)}`);
  c.header('server-timing', parts.join(', '));
}
