/**
 * GET /healthz: state of the edge and of its backends, always 200 while the Worker runs.
 * GET /readyz: 200 when a run could be taken now, else 503. Neither names an address.
 */

import { backendOf } from '#edge/backend/index';
import type { Settings } from '#edge/env';
import type { AppContext, Route } from '#edge/route';
import type { BackendState, Health } from '#shared/api/health';
import type { BackendHealth } from '#shared/contract';

export const getHealth: Route = {
  method: 'GET',
  path: '/healthz',
  isPublic: true,
  handler: async (c) => c.json(await stateOf(c)),
};

export const getReadiness: Route = {
  method: 'GET',
  path: '/readyz',
  isPublic: true,
  handler: async (c) => {
    const state = await stateOf(c);
    return c.json(state, state.status === 'ok' ? 200 : 503);
  },
};

async function stateOf(c: AppContext): Promise<Health> {
  const { settings } = c.var;
  const backends = backendOf(settings).health(settings.HEALTH_WALL_MS);
  const [keys, health] = await Promise.all([keyStore(settings), backends]);
  const usable = keys === 'ok' && health.some((backend) => backend?.planner);
  return {
    status: usable ? 'ok' : 'degraded',
    keys,
    backends: health.map(backendState),
  };
}

async function keyStore({ DB }: Settings): Promise<Health['keys']> {
  const answered = await DB.prepare('SELECT 1 FROM api_keys LIMIT 1')
    .run()
    .catch(() => undefined);
  return answered ? 'ok' : 'unavailable';
}

function backendState(health: BackendHealth | undefined): BackendState {
  if (!health) return { status: 'unreachable' };
  const { planner, ...rest } = health;
  return planner ? { ...rest, planner } : rest;
}
