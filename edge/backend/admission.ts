/** Finds out, before a request is accepted, whether a backend can serve it. */

import type { Settings } from '#edge/env';
import type { BackendHealth } from '#shared/contract';
import { ApiError } from '#shared/errors';
import { ADMISSION_WAIT_MS_MAX } from '#shared/limits';
import { backendOf } from './index.ts';

const PAUSE_MS = 250;

/**
 * The state of the backends as soon as one of them serves; one that restarts or is slow to answer is
 * waited for. @throws ApiError `backend_unavailable` after ADMISSION_WAIT_MS_MAX.
 */
export async function servingBackends(
  settings: Settings,
  serves: (health: BackendHealth) => boolean,
): Promise<Array<BackendHealth | undefined>> {
  const backend = backendOf(settings);
  const until = Date.now() + ADMISSION_WAIT_MS_MAX;
  // Patience grows: the first look is short, so that a dead backend does not slow down a living one.
  for (let timeoutMs = settings.HEALTH_WALL_MS; ; timeoutMs *= 2) {
    const health = await backend.health(Math.min(timeoutMs, Math.max(1, until - Date.now())));
    if (health.some((state) => state && serves(state))) return health;
    if (Date.now() + PAUSE_MS >= until) break;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new ApiError('backend_unavailable', 'no inference backend answers at the moment; try again shortly', {
    headers: { 'retry-after': '2' },
  });
}
