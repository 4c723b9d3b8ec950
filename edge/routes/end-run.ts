/**
 * POST /v1/runs/{id}/cancel: ends a run where it stands, and gives it back; one that has ended stays as it
 * is. DELETE /v1/runs/{id}: ends it and forgets it, its events and the images that no other run shows.
 */

import type { Route } from '#edge/route';
import { noSuchRun, stubOf } from './get-run.ts';

export const cancelRun: Route = {
  method: 'POST',
  path: '/v1/runs/:id/cancel',
  handler: async (c) => {
    const run = await stubOf(c).cancel();
    if (!run) throw noSuchRun();
    return c.json(run);
  },
};

export const deleteRun: Route = {
  method: 'DELETE',
  path: '/v1/runs/:id',
  handler: async (c) => {
    if (!(await stubOf(c).remove())) throw noSuchRun();
    return c.body(null, 204);
  },
};
