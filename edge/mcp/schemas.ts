/**
 * The tools as MCP shows them. There is no conversation, so an image is not `image-0` but the id of an
 * upload or a data URL, both in arguments and in results. Pure.
 */
import * as z from 'zod';
import { modelName } from '#shared/api';
import type { Observation } from '#shared/conversation';
import { STEPS_DEFAULT, STEPS_MAX } from '#shared/limits';
import { imageName, type ToolSpec } from '#shared/tool';

export type JsonObject = { [member: string]: unknown };
export type ObjectSchema = JsonObject & { type: 'object' };

export type McpTool = {
  name: string;
  description: string;
  inputSchema: ObjectSchema;
  outputSchema: ObjectSchema;
  annotations: { title: string; readOnlyHint: true; openWorldHint: false };
};

const IMAGE = {
  type: 'string',
  description: 'the id of an image that was uploaded with POST /v1/images, or a data: URL in base64',
} as const;
const IMAGE_NAME = imageName.toJSONSchema()['pattern'];

export const ASK = 'AskAboutImages';

const askArguments = z.strictObject({
  question: z.string().min(1).describe('what to find out'),
  images: z.array(imageName).min(1),
  max_steps: z.int().min(1).max(STEPS_MAX).default(STEPS_DEFAULT),
  model: modelName.optional(),
});
const askResult = z.object({
  answer: z.string(),
  run_id: z.string().describe('the trace: GET /v1/runs/{run_id}'),
  reasoning: z.string().describe('the thoughts and actions, in order'),
});

/** Reads the arguments of AskAboutImages, once `imagesOut` has put the names of images in. */
export const readAsk = (input: unknown) => askArguments.safeParse(input);

export const askTool: McpTool = listed(
  ASK,
  'Answers a question about one or more images by a chain of tools.',
  {
    input: askArguments,
    output: askResult,
  },
);

export function mcpTool(spec: ToolSpec): McpTool {
  const output = spec.returnsImage ? { image_id: IMAGE } : {};
  const tool = listed(spec.name, spec.description, { input: spec.arguments, output: spec.observation });
  const properties = { ...(tool.outputSchema['properties'] as JsonObject), ...output };
  return { ...tool, outputSchema: { ...tool.outputSchema, properties } };
}

function listed(name: string, description: string, io: { input: z.ZodType; output: z.ZodType }): McpTool {
  // Official clients check results by draft 7, where a tuple is written in another way than in 2020-12.
  const schema = (type: z.ZodType, side: 'input' | 'output') =>
    ({
      type: 'object',
      ...(withImages(z.toJSONSchema(type, { io: side, target: 'draft-7' })) as JsonObject),
    }) as ObjectSchema;
  return {
    name,
    description,
    inputSchema: schema(io.input, 'input'),
    outputSchema: schema(io.output, 'output'),
    annotations: { title: name, readOnlyHint: true, openWorldHint: false },
  };
}

/** Every `image-0` of a schema becomes an id or a data URL. */
function withImages(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withImages);
  if (typeof schema !== 'object' || schema === null) return schema;
  if ('pattern' in schema && schema.pattern === IMAGE_NAME) return IMAGE;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withImages(value)]));
}

export type NamedImages = {
  readonly input: JsonObject;
  /** What stood in the arguments: the first one is `image-0`. */
  readonly images: ReadonlyArray<{ readonly url: string; readonly path: readonly PropertyKey[] }>;
};

/** Puts `image-0`, `image-1` ... in place of ids and data URLs; the same image gets the same name. */
export function imagesOut(input: JsonObject, imageArguments: readonly string[]): NamedImages {
  const images: Array<{ url: string; path: readonly PropertyKey[] }> = [];
  const nameOf = (value: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof value !== 'string') return value;
    const known = images.findIndex((image) => image.url === value);
    if (known < 0) images.push({ url: value, path });
    return `image-${known < 0 ? images.length - 1 : known}`;
  };
  const named = Object.entries(input).map(([key, value]): [string, unknown] => {
    if (!imageArguments.includes(key)) return [key, value];
    const list = Array.isArray(value);
    return [key, list ? value.map((item, index) => nameOf(item, [key, index])) : nameOf(value, [key])];
  });
  return { input: Object.fromEntries(named), images };
}

/** Puts the ids back into what a tool found out. */
export function imagesBack(observation: Observation, ids: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(observation).map(([key, value]) => {
      const index = typeof value === 'string' ? /^image-(\d{1,3})$/.exec(value)?.[1] : undefined;
      return [key, index === undefined ? value : (ids[Number(index)] ?? value)];
    }),
  );
}
