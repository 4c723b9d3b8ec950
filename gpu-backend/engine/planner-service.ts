/** The planner's child process: turns of a model, with image features kept by digest. */
import { join } from 'node:path';
import { openPlanner } from '#backend/engine/planner';
import type { Service } from '#backend/engine/process';
import type { Calls, ChildOptions } from '#backend/engine/protocol';
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';
import { ApiError } from '#shared/errors';

export async function openPlannerService(options: ChildOptions): Promise<Service> {
  const planner = await openPlanner(join(options.modelFolder, 'planner'), options);
  const step = async (
    { request, files }: Calls['planner']['step']['input'],
    io: { onText(text: string): void; signal: AbortSignal },
  ): Promise<Calls['planner']['step']['result']> => {
    const images = new Map<string, Raster>();
    // Only what the planner has no features of is decoded: usually the photo of a run's first step.
    for (const digest of planner.missingImages(request)) {
      const file = files[digest];
      if (!file) throw new ApiError('internal', `No file came for image ${digest}.`);
      images.set(digest, (await decodeImage(file)).raster);
      io.signal.throwIfAborted();
    }
    return await planner.step(request, images, io);
  };
  return { info: { planner: { model: planner.model, version: planner.version } }, methods: { step } };
}
