/** The vision child process: image decoding, and the tools. */
import * as z from 'zod';
import type { Service } from '#backend/engine/process';
import type { Calls, ChildOptions, ToolResult } from '#backend/engine/protocol';
import { decodeImage } from '#backend/images/decode';
import { encodeImage } from '#backend/images/encode';
import { createRasterCache, type RasterCache } from '#backend/images/raster-cache';
import { openVisionModels } from '#backend/packs/adapters';
import { type OpenTool, openTools } from '#backend/tools/index';
import { ToolFailure } from '#backend/tools/tool';
import { imageIndex, observation as observationSchema } from '#shared/conversation';
import { ApiError } from '#shared/errors';

type Vision = Calls['vision'];

export async function openVisionService(options: ChildOptions): Promise<Service> {
  const models = await openVisionModels(options);
  const tools = await openTools({ threads: options.threads, ...models });
  const rasters = createRasterCache();
  return {
    info: {
      tools: [...tools.values()].map(({ spec }) => ({ name: spec.name, version: spec.version })),
      models: models.reports,
    },
    methods: {
      inspect: async ({ file, sha256 }: Vision['inspect']['input']): Promise<Vision['inspect']['result']> => {
        const { raster, mediaType } = await decodeImage(file);
        rasters.set(sha256, raster);
        return { mediaType, width: raster.width, height: raster.height };
      },
      tool: (input: Vision['tool']['input'], { signal }) => runTool(tools, rasters, input, signal),
    },
  };
}

/** A failure on the input is an observation; whatever else a tool throws is an error of ours. */
async function runTool(
  tools: ReadonlyMap<string, OpenTool>,
  rasters: RasterCache,
  call: Vision['tool']['input'],
  signal: AbortSignal,
): Promise<ToolResult> {
  const tool = tools.get(call.name);
  if (!tool) throw new ApiError('tool_unavailable', `The tool ${call.name} has no model on this server.`);
  try {
    const input = tool.spec.arguments.safeParse(call.arguments);
    if (!input.success) throw new ToolFailure('invalid_arguments', z.prettifyError(input.error));
    const outcome = await tool.handler(input.data, {
      signal,
      image: async (name) => {
        const digest = call.images[imageIndex(name, call.images.length) ?? -1];
        const file = digest === undefined ? undefined : call.files[digest];
        if (digest === undefined || file === undefined) throw noSuchImage(name, call.images.length);
        return await rasters.get(digest, file);
      },
    });
    const observation = observationSchema.parse(outcome.observation);
    if (!outcome.image) return { observation };
    const { width, height } = outcome.image;
    return { observation, image: { ...(await encodeImage(outcome.image)), width, height } };
  } catch (error) {
    if (error instanceof ToolFailure) return { observation: error.observation };
    throw error;
  }
}

function noSuchImage(name: string, count: number): ToolFailure {
  const known = count === 1 ? 'image-0' : `image-0 to image-${count - 1}`;
  return new ToolFailure('image_unknown', `Expected ${known}; there is no ${name}.`);
}
