/** The backend's own tools, called in this process: what a trace says that they saw can be looked at again. */
import type { Raster } from '#backend/images/raster';
import { openVisionModels } from '#backend/packs/adapters';
import { openTools } from '#backend/tools/index';
import { ToolFailure } from '#backend/tools/tool';
import type { EdgeToolContext } from '#edge/tools/tool';
import { imageIndex, type Observation, observation as observationSchema } from '#shared/conversation';

export type ToolBench = {
  /** Throws where the tool has no model here, or its arguments are none of it. */
  call(
    name: string,
    input: Observation,
    images: readonly Raster[],
  ): Promise<{ observation: Observation; image?: Raster }>;
  has(name: string): boolean;
};

export async function openToolBench(): Promise<ToolBench> {
  const options = { device: 'cpu', threads: 1 } as const;
  const tools = await openTools({ ...options, ...(await openVisionModels(options)) });
  return {
    has: (name) => tools.has(name),
    call: async (name, input, images) => {
      const tool = tools.get(name);
      if (!tool) throw new Error(`${name} has no model here`);
      try {
        const outcome = await tool.handler(tool.spec.arguments.parse(input), {
          signal: new AbortController().signal,
          image: async (image) => {
            const raster = images[imageIndex(image, images.length) ?? -1];
            if (!raster) throw new ToolFailure('image_unknown', `There is no ${image}.`);
            return raster;
          },
        });
        const observation = observationSchema.parse(outcome.observation);
        return outcome.image ? { observation, image: outcome.image } : { observation };
      } catch (error) {
        if (error instanceof ToolFailure) return { observation: error.observation };
        throw error;
      }
    },
  };
}

/** What inline tools find here beyond their arguments: nothing. */
export const NO_DOCUMENTS: EdgeToolContext = { documents: async () => [] };
