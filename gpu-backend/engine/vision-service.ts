/** The vision child process: image decoding, and the tools. */
import type { Service } from '#backend/engine/process';
import type { Calls, ChildOptions, ToolInput, ToolResult } from '#backend/engine/protocol';
import { decodeImage } from '#backend/images/decode';
import { encodeImage } from '#backend/images/encode';
import { createRasterCache, type RasterCache } from '#backend/images/raster-cache';
import { openVisionModels } from '#backend/packs/adapters';
import { type OpenTool, openTools } from '#backend/tools/index';
import { runTool } from '#backend/tools/run';
import { ToolFailure } from '#backend/tools/tool';
import { imageIndex } from '#shared/conversation';
import { ApiError } from '#shared/errors';

type Vision = Calls['vision'];

export async function openVisionService(options: ChildOptions): Promise<Service> {
  const models = await openVisionModels(options);
  const tools = await openTools({ threads: options.threads, ...models });
  const rasters = createRasterCache();
  return {
    info: {
      // The edge puts the spec's own version before it. What needs no model is computed anew after a change, too.
      tools: [...tools.values()].map(({ spec }) => ({ name: spec.name, version: models.version })),
      models: models.reports,
    },
    methods: {
      inspect: async ({ file, sha256 }: Vision['inspect']['input']): Promise<Vision['inspect']['result']> => {
        const { raster, mediaType } = await decodeImage(file);
        rasters.set(sha256, raster);
        return { mediaType, width: raster.width, height: raster.height };
      },
      tool: (input: ToolInput, { signal }) => callTool(tools, rasters, input, signal),
    },
  };
}

async function callTool(
  tools: ReadonlyMap<string, OpenTool>,
  rasters: RasterCache,
  call: ToolInput,
  signal: AbortSignal,
): Promise<ToolResult> {
  const tool = tools.get(call.name);
  if (!tool) throw new ApiError('tool_unavailable', `The tool ${call.name} has no model on this server.`);
  const { observation, image } = await runTool(tool, call.arguments, {
    signal,
    image: async (name) => {
      const digest = call.images[imageIndex(name, call.images.length) ?? -1];
      const file = digest === undefined ? undefined : call.files[digest];
      if (digest === undefined || file === undefined) throw noSuchImage(name, call.images.length);
      return await rasters.get(digest, file);
    },
  });
  if (!image) return { observation };
  const { width, height } = image;
  return { observation, image: { ...(await encodeImage(image)), width, height } };
}

function noSuchImage(name: string, count: number): ToolFailure {
  const known = count === 1 ? 'image-0' : `image-0 to image-${count - 1}`;
  return new ToolFailure('image_unknown', `Expected ${known}; there is no ${name}.`);
}
