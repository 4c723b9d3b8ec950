/** Starts the run of a request in another dialect, or finds the one that it repeats. */
import type { AppContext } from '#edge/route';
import { attemptOf } from '#edge/run/repeat';
import { type RunWish, startRun } from '#edge/run/start';
import type { Run } from '#shared/api';
import { atReferences, imageInputOf } from './images.ts';
import type { Question } from './question.ts';

export type CompatWish = Question & Omit<RunWish, 'question' | 'images'>;

/** `digest`: SHA-256 of the body. The run is stored when this resolves. @throws ApiError */
export async function startCompatRun(c: AppContext, digest: string, wish: CompatWish): Promise<Run> {
  const images = wish.images.map(imageInputOf);
  const { run, created } = await atReferences(wish.images, () =>
    startRun(c, { ...wish, images }, attemptOf(c, digest)),
  );
  c.header('location', `/v1/runs/${run.id}`);
  if (!created) c.header('idempotent-replayed', 'true');
  return run;
}
