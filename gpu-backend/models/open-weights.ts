/** A checkpoint, opened: two sessions over graphs that are built from its configuration and weights. */
import { openSession, type Session } from '#backend/engine/runtime';
import { openCheckpoint } from './checkpoint.ts';
import { buildDecoderGraph } from './qwen2.ts';
import type { Architecture, DecoderConfig, OpenOptions, VisionLanguageModel } from './vision-language.ts';

/** Rotary tables are kept for this many positions at most; no conversation of ours is longer. */
export const POSITIONS_MAX = 32_768;

/** Throws CheckpointError where the weights in `folder` are not those that the configuration asks for. */
export async function openWeights<Config extends DecoderConfig>(
  folder: string,
  architecture: Architecture<Config>,
  options: OpenOptions,
): Promise<VisionLanguageModel<Config>> {
  const { config } = architecture;
  const checkpoint = await openCheckpoint(folder);
  const positions = Math.min(config.text.max_position_embeddings, POSITIONS_MAX);
  const session = (graph: Uint8Array): Promise<Session> =>
    openSession(graph, { ...options, weightsFolder: folder });
  const vision = await session(architecture.visionGraph(checkpoint));
  const decoder = await session(buildDecoderGraph(checkpoint, config, { positions }));
  return {
    config,
    positions,
    vision,
    decoder,
    images: await architecture.reader(vision, checkpoint),
    release: async () => {
      for (const opened of [vision, decoder]) await opened.release();
    },
  };
}
