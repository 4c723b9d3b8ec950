/** A LLaVA checkpoint, opened: two sessions over graphs that are built from its config and weights. */
import { type Device, openSession, type Session } from '../engine/runtime.ts';
import { openCheckpoint } from './checkpoint.ts';
import { type LlavaConfig, readLlavaConfig } from './llava-config.ts';
import { buildDecoderGraph } from './qwen2.ts';
import { buildVisionGraph } from './siglip.ts';

export type LlavaModel = {
  readonly config: LlavaConfig;
  /** Longest sequence, in tokens, that the decoder can place. */
  readonly positions: number;
  /** `pixel_values` → `image_features`. */
  readonly vision: Session;
  /** See buildDecoderGraph. */
  readonly decoder: Session;
  release(): Promise<void>;
};

/** Rotary tables are kept for this many positions at most; no conversation of ours is longer. */
const POSITIONS_MAX = 32_768;

/** Opens the checkpoint in `folder` on `device`. Throws CheckpointError where it cannot be served. */
export async function openLlava(
  folder: string,
  options: { readonly device: Device; readonly threads: number },
): Promise<LlavaModel> {
  const config = await readLlavaConfig(folder);
  const checkpoint = await openCheckpoint(folder);
  const positions = Math.min(config.text.max_position_embeddings, POSITIONS_MAX);
  const session = (graph: Uint8Array): Promise<Session> =>
    openSession(graph, { ...options, weightsFolder: folder });
  const vision = await session(buildVisionGraph(checkpoint, config));
  const decoder = await session(buildDecoderGraph(checkpoint, config, { positions }));
  return {
    config,
    positions,
    vision,
    decoder,
    release: async () => {
      for (const opened of [vision, decoder]) await opened.release();
    },
  };
}
