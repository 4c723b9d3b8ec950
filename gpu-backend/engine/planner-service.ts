/** The planner's child process: turns of a model, with image features kept by digest. */

import { pacedPieces } from '#backend/engine/pieces';
import { openPlanner, type Planner } from '#backend/engine/planner';
import type { Service } from '#backend/engine/process';
import type { Calls, ChildOptions, ToolInput, ToolResult } from '#backend/engine/protocol';
import { decodeImage } from '#backend/images/decode';
import type { Raster } from '#backend/images/raster';
import { plannerAdapters } from '#backend/packs/adapters';
import { type OpenedRole, openRole } from '#backend/packs/open';
import { PackError } from '#backend/packs/pack-error';
import { defaultPackSettings } from '#backend/packs/settings';
import { INSTRUCTION, openQueryLanguageModel } from '#backend/tools/query-language-model';
import { noImage, runTool } from '#backend/tools/run';
import { ApiError } from '#shared/errors';

export async function openPlannerService(options: ChildOptions): Promise<Service> {
  const { model: planner, report } = await openModel(options);
  const models = report ? [report] : [];
  if (!planner) return { info: { models }, methods: { step: refused(report?.code) } };
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
    const pieces = pacedPieces(io.onText, () => performance.now());
    const event = await planner.step(request, images, { ...io, onText: pieces.write });
    pieces.end();
    return event;
  };
  const counts = async (): Promise<Calls['planner']['counts']['result']> => planner.counts();
  const known = { model: planner.model, version: planner.version };
  const { complete, places } = planner;
  if (!complete) return { info: { planner: known, places, models }, methods: { step, counts } };
  const tool = openQueryLanguageModel((query, signal) => complete(query, INSTRUCTION, signal));
  const answer = async (
    { arguments: given }: ToolInput,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<ToolResult> => {
    const { observation } = await runTool(tool, given, { signal, image: noImage });
    return { observation };
  };
  const tools = [{ name: tool.spec.name, version: `${planner.model}@${planner.version}` }];
  return { info: { planner: known, places, tools, models }, methods: { step, counts, tool: answer } };
}

async function openModel(options: ChildOptions): Promise<OpenedRole<Planner>> {
  if (options.plannerFolder !== undefined)
    return { model: await openPlanner(options.plannerFolder, options) };
  return await openRole('planner', options.packs ?? defaultPackSettings(), async ({ pack, folder }) => {
    if (!plannerAdapters.includes(pack.adapter))
      throw new PackError(
        'adapter_unknown',
        `The pack ${pack.name} wants the adapter ${pack.adapter}; planners have ${plannerAdapters.join(', ')}.`,
      );
    return await openPlanner(folder, options);
  });
}

/** Another backend may have a planner, so the edge goes on to that one. */
const refused = (code: string | undefined) => async (): Promise<never> => {
  const why = code === undefined ? 'no pack is chosen for it' : `its pack was refused (${code})`;
  throw new ApiError('backend_unavailable', `This backend has no planner: ${why}.`);
};
