/**
 * The shape of one action of the paper: what the planner is told, what it may write,
 * where it runs. A spec has no code of the tool; its one handler lives in `edge/tools/`
 * or `gpu-backend/tools/`, under the same file name.
 */
import * as z from 'zod';
import { LABEL_CHARS_MAX } from './limits.ts';

/** Fractions of the width and height of the upright image, origin at the top left. */
export const boundingBox = z
  .tuple([z.number(), z.number(), z.number(), z.number()])
  .describe('[left, top, right, bottom], each 0..1 of the image width or height');

/** `image-0` is the first image of the request; tools that draw add the next numbers. */
export const imageName = z
  .string()
  .regex(/^image-\d{1,3}$/, 'an image is named image-0, image-1 ...')
  .describe('name of an image, such as image-0');

/** `edge`: inline in the Worker. `backend`: forwarded. */
export type ToolSide = 'edge' | 'backend';

/** One box of a tool that finds things. Labels are unique: the second `cup` is `cup-2`. */
export const region = z.object({
  label: z.string(),
  bbox: boundingBox,
  score: z.number().min(0).max(1).describe('confidence, 0..1'),
});

/** Why a list is shorter than was asked for; planners read it, too. */
export const note = z
  .string()
  .optional()
  .describe('which names are not known here, and some of those that are; left out where all are known');

/** A label or a short phrase, such as `red cup`. */
export const label = z.string().trim().min(1).max(LABEL_CHARS_MAX);

export type ToolSpec<
  Arguments extends z.ZodObject = z.ZodObject,
  Observation extends z.ZodType = z.ZodType,
  Name extends string = string,
  Runs extends ToolSide = ToolSide,
> = {
  /** The name that the planner writes; PascalCase as in the paper. */
  readonly name: Name;
  readonly description: string;
  /** Strict: an argument that is not listed is refused. */
  readonly arguments: Arguments;
  readonly observation: Observation;
  readonly examples: ReadonlyArray<{ readonly arguments: z.input<Arguments> }>;
  readonly runs: Runs;
  /** Raise it whenever the same arguments may give another observation: it is in every cache key. */
  readonly version: string;
  /** Whether the same images and arguments always give the same observation. */
  readonly cacheable: boolean;
  /** Model roles without which the tool cannot work; of an inner list, any one will do. */
  readonly roles: readonly (ModelRole | readonly ModelRole[])[];
  /** Arguments that hold one image name or a list of them. */
  readonly imageArguments: readonly string[];
  /** Whether each success adds one image to the conversation. */
  readonly returnsImage: boolean;
  /** Fields of the observation that the planner reads; the caller of the API sees all. */
  readonly plannerFields: readonly string[];
  /** What its operator does so that the tool can be used, where it is not there by itself. */
  readonly setup?: string;
  /** Typical time on one CPU core, for the listing, in milliseconds. */
  readonly typicalMs: number;
};

export type ModelRole =
  | 'planner'
  | 'text-detection'
  | 'text-recognition'
  | 'depth'
  | 'objects'
  | 'tags'
  | 'similarity'
  | 'faces'
  | 'language';

/** Keeps the exact types of one spec, its name and side among them, while checking its shape. */
export function defineTool<
  Arguments extends z.ZodObject,
  Observation extends z.ZodType,
  const Name extends string,
  const Runs extends ToolSide,
>(spec: ToolSpec<Arguments, Observation, Name, Runs>): ToolSpec<Arguments, Observation, Name, Runs> {
  return spec;
}

/** What a failed tool tells the planner: an observation, never an exception out of the loop. */
export const toolError = z.object({
  error: z.object({
    code: z.string().describe('stable code, such as division_by_zero or empty_box'),
    message: z.string().describe('what was expected, what came, how to mend it'),
  }),
});
export type ToolError = z.infer<typeof toolError>;
