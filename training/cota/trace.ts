/** A chain of thought and action as it is kept: what was seen and asked, each turn, and what came of it. */
import * as z from 'zod';
import { observation } from '#shared/conversation';
import { boundingBox } from '#shared/tool';
import { turn } from '#shared/turn';
import type { Picture } from '#training/pictures/picture';
import type { Scene } from '#training/scenes/scene';

/** `cota`: with tools. `cot`: thoughts alone. `direct`: the answer at once. All end with `Terminate`. */
export const traceForms = ['cota', 'cot', 'direct'] as const;
export type TraceForm = (typeof traceForms)[number];

/** Any scene that `training/render` draws; a trace needs no pixels before somebody looks at them. */
const scene = z.custom<Scene>((value) => typeof value === 'object' && value !== null && 'rows' in value);

/** Anything that `training/pictures` draws. */
const picture = z.custom<Picture>((value) => typeof value === 'object' && value !== null && 'kind' in value);

const split = z.enum(['train', 'heldout']);

const imageSource = z.discriminatedUnion('type', [
  /** Drawn when it is needed: the same scene and seed give the same file. */
  z.strictObject({ type: z.literal('scene'), scene, seed: z.int(), split }),
  z.strictObject({ type: z.literal('picture'), picture, seed: z.int(), split }),
  /** A file beside the traces. */
  z.strictObject({ type: z.literal('file'), path: z.string().min(1) }),
]);
/** Where the pixels of a picture come from. */
export type ImageSource = z.infer<typeof imageSource>;

/** What a tool made of an earlier image of the trace, by its number; made again when it is needed. */
const madeImage = z.discriminatedUnion('type', [
  /** By Crop, or with a factor by ZoomIn. */
  z.strictObject({
    type: z.literal('cut'),
    of: z.int().min(0),
    bbox: boundingBox,
    zoom: z.number().optional(),
  }),
  /** By the tools that find things. */
  z.strictObject({
    type: z.literal('boxes'),
    of: z.int().min(0),
    regions: z.array(z.strictObject({ label: z.string(), bbox: boundingBox })),
  }),
  z.strictObject({ type: z.literal('file'), path: z.string().min(1) }),
]);
export type MadeImage = z.infer<typeof madeImage>;

/** What makes an answer right; as in the evaluation suites. */
export const truth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('number'), value: z.number() }),
  z.strictObject({ type: z.literal('text'), values: z.tuple([z.string()], z.string()) }),
  z.strictObject({ type: z.literal('choice'), value: z.string(), others: z.array(z.string()) }),
  z.strictObject({ type: z.literal('digits'), value: z.string() }),
  z.strictObject({ type: z.literal('nothing') }),
  z.strictObject({ type: z.literal('unknown') }),
]);

const traceStep = z.strictObject({
  turn,
  /** Absent behind `Terminate`. */
  observation: observation.optional(),
  /** The image that the tool made; it takes the next image number. */
  image: madeImage.optional(),
});
export type CotaStep = z.infer<typeof traceStep>;

export const cotaTrace = z.strictObject({
  /** Unique in a build. */
  id: z.string().min(1).max(200),
  /** What is kept or dropped as one: a generator, or a data set that was asked. */
  source: z.string().min(1).max(100),
  /** What is asked, such as `total`. */
  type: z.string().min(1).max(100),
  form: z.enum(traceForms),
  images: z.array(imageSource).min(1),
  question: z.string().min(1),
  truth,
  steps: z.array(traceStep).min(1),
});
export type CotaTrace = z.infer<typeof cotaTrace>;

/** The argument of the closing `Terminate`; undefined where the trace does not end with one. */
export function answerOf({ steps }: CotaTrace): string | undefined {
  const action = steps.at(-1)?.turn.actions[0];
  const answer = action?.name === 'Terminate' ? action.arguments['answer'] : undefined;
  return typeof answer === 'string' ? answer : undefined;
}

/** Names of the tools that a trace calls, in order; `Terminate` is none. */
export function toolsOf({ steps }: { readonly steps: readonly CotaStep[] }): string[] {
  return steps
    .flatMap(({ turn: { actions } }) => actions[0]?.name ?? [])
    .filter((name) => name !== 'Terminate');
}
