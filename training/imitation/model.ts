/** What was measured of the tools on training pictures: `node training/imitation/fit.ts` writes it. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';

const share = z.number().min(0).max(1);

const schema = z.object({
  objects: z.object({
    /** By name: how many were shown, the share that is found when it is asked for, and the mean score of a find. */
    names: z.record(z.string(), z.object({ shown: z.int(), found: share, score: share })),
    /** Standard deviations: of the score of a find, and of an edge of its box in fractions of the picture. */
    scoreSpread: z.number(),
    edgeSpread: z.number(),
    /** Mean difference of the tight box to the square that the glyph is drawn in, for each edge. */
    edgeShift: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    /** False finds a name that is asked for and not shown. */
    falseFinds: z.number(),
    /** Of things that are to be seen: the share that GetObjects names, by whether LocalizeObjects would find it. */
    listed: share,
    /** False names a picture of GetObjects. */
    falseNames: z.number(),
  }),
  faces: z.object({
    found: share,
    scoreMean: share,
    scoreSpread: z.number(),
    edgeSpread: z.number(),
    edgeShift: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    falseFinds: z.number(),
  }),
  similarity: z.object({
    /** Mean and deviation of GetImageToImagesSimilarity: pictures of one kind, and a picture seen again. */
    other: z.object({ mean: z.number(), spread: z.number() }),
    same: z.object({ mean: z.number(), spread: z.number() }),
  }),
  captions: z.object({
    /** Share of pictures for which the right one of three texts is the best, and numbers of right and wrong texts. */
    right: share,
    fits: z.object({ mean: z.number(), spread: z.number() }),
    other: z.object({ mean: z.number(), spread: z.number() }),
    measured: z.boolean(),
  }),
  depth: z.object({
    /** Deviation of a box's depth from the true one on the tool's scale of 0..10, after the best straight line. */
    spread: z.number(),
    slope: z.number(),
    offset: z.number(),
    /** Share of pairs whose order is right. */
    order: share,
    /** Whether a model was there to be measured; else the numbers are a guess. */
    measured: z.boolean(),
  }),
});
export type ImitationModel = z.infer<typeof schema>;

export const modelFile = new URL('model.json', import.meta.url);

let loaded: ImitationModel | undefined;

export function imitationModel(): ImitationModel {
  loaded ??= schema.parse(JSON.parse(readFileSync(modelFile, 'utf8')));
  return loaded;
}

/** Standard normal (Box-Muller). */
export function gaussian(random: { next(): number }): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
