/** The models that callers may name: the planners that serve now, and one name that always holds. */
import { backendOf } from '#edge/backend/index';
import type { Settings } from '#edge/env';
import { mayUseModel, type Principal } from '#edge/principal';
import type { Model } from '#shared/api/chat';
import { ApiError } from '#shared/errors';

/** Whichever planner serves. */
export const DEFAULT_MODEL = 'taco-edge';
/** When this API came to be: planners carry no date of their own. */
const CREATED = 1_793_318_400;

/** Of those that the key lets its caller name. */
export async function listModels(settings: Settings, principal: Principal): Promise<Model[]> {
  const health = await backendOf(settings).health(settings.HEALTH_WALL_MS);
  const planners = health.flatMap((backend) => backend?.planner?.model ?? []);
  const names = [...new Set([DEFAULT_MODEL, ...planners])].filter((name) => mayUseModel(principal, name));
  return names.map((id) => ({
    id,
    object: 'model',
    created: CREATED,
    owned_by: 'taco-edge',
  }));
}

/** @throws ApiError `model_not_found`; `param` is empty where the path names the model. */
export async function findModel(
  settings: Settings,
  principal: Principal,
  id: string,
  param?: string,
): Promise<Model> {
  const models = await listModels(settings, principal);
  const found = models.find((model) => model.id === id);
  if (found) return found;
  const message = `there is no model ${JSON.stringify(id.slice(0, 128))}; there are ${models.map((model) => model.id).join(', ') || 'none for this key'}`;
  throw new ApiError('model_not_found', message, {
    errors: param === undefined ? [] : [{ path: param, message }],
  });
}

/** Asks no backend for the name that always holds. */
export async function checkModel(settings: Settings, principal: Principal, id: string): Promise<void> {
  if (id !== DEFAULT_MODEL) await findModel(settings, principal, id, 'model');
}
