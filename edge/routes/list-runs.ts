/** GET /v1/runs: the runs of the tenant, newest first, page by page. */
import * as z from 'zod';
import { invalidRequest } from '#edge/body';
import { readCursor, writeCursor } from '#edge/cursor';
import type { Route } from '#edge/route';
import { runStub } from '#edge/run/rpc';
import { listRuns, type RunPlace } from '#edge/storage/runs';
import { runId } from '#shared/api';
import { type RunList, runListQuery } from '#shared/api/run-list';

export const listRunsRoute: Route = {
  method: 'GET',
  path: '/v1/runs',
  scope: 'runs:read',
  handler: async (c) => {
    const { settings, principal } = c.var;
    const query = runListQuery.safeParse(c.req.query());
    if (!query.success) throw invalidRequest(query.error.issues);
    const { limit, cursor } = query.data;
    const page = { limit, now: Date.now(), ...(cursor === undefined ? {} : { after: placeOf(cursor) }) };
    const places = await listRuns(settings.DB, principal.tenant, page);
    // Each run speaks for itself, so the list is never behind. One that never began has nothing to say.
    const runs = await Promise.all(
      places.map(({ id }) => runStub(settings.RUNS, principal.tenant, id).summary()),
    );
    const last = places.length === limit ? places.at(-1) : undefined;
    const list: RunList = {
      object: 'list',
      data: runs.filter((run) => run !== null),
      ...(last ? { next_cursor: writeCursor([last.createdAt, last.id]) } : {}),
    };
    return c.json(list);
  },
};

const place = z.tuple([z.int().min(0), runId]);

function placeOf(cursor: string): RunPlace {
  const [createdAt, id] = readCursor(cursor, place);
  return { createdAt, id };
}
