/** Scores of a model of image-text similarity on the held-out pictures. */
import type { Raster } from '#backend/images/raster';
import type { SimilarityModel } from '#backend/tools/roles';
import { cosine } from '#backend/tools/similarity';
import type { Cases } from './cases.ts';

export type Share = { readonly right: number; readonly of: number };

export type Scores = {
  /** Of the captions of all pictures, the picture's own is the most similar. */
  readonly textOfImage: Share;
  readonly imageOfText: Share;
  /** Both ways, of pictures with a pair of colour and object that training never showed. */
  readonly unseenPairs: Share;
  /** By kind of swap: the right caption is more similar than the wrong one. */
  readonly swaps: Readonly<Record<string, Share>>;
  /** `picture: caption < caption that was more similar`. */
  readonly wrong: readonly string[];
};

const signal = new AbortController().signal;

export async function measure(
  model: SimilarityModel,
  cases: Cases,
  picture: (file: string) => Promise<Raster>,
): Promise<Scores> {
  const images: Float32Array[] = [];
  const texts: Float32Array[] = [];
  for (const { file, caption } of cases.gallery) {
    images.push(await model.image(await picture(file), signal));
    texts.push(await model.text(caption, signal));
  }
  const textRanks = images.map((image, own) => bestOther(image, texts, own));
  const imageRanks = texts.map((text, own) => bestOther(text, images, own));
  const unseen = cases.gallery.flatMap(({ unseenPair }, at) => (unseenPair ? [at] : []));
  const shareOf = (hits: readonly boolean[]): Share => ({
    right: hits.filter(Boolean).length,
    of: hits.length,
  });
  const swaps = await measureSwaps(model, cases, picture);
  return {
    textOfImage: shareOf(textRanks.map(({ first }) => first)),
    imageOfText: shareOf(imageRanks.map(({ first }) => first)),
    unseenPairs: shareOf(
      unseen.flatMap((at) => [textRanks[at]?.first === true, imageRanks[at]?.first === true]),
    ),
    swaps: Object.fromEntries(
      ['colour', 'count', 'relation'].map((kind) => [
        kind,
        shareOf(swaps.filter((swap) => swap.kind === kind).map(({ right }) => right)),
      ]),
    ),
    wrong: [
      ...textRanks.flatMap(({ first, other }, own) =>
        first
          ? []
          : [
              `${cases.gallery[own]?.file}: ${cases.gallery[own]?.caption} < ${cases.gallery[other]?.caption}`,
            ],
      ),
      ...swaps.flatMap(({ file, right, text }) => (right ? [] : [`${file}: ${text}`])),
    ],
  };
}

/** Ties count as lost: a model that gives all the same score knows nothing. */
function bestOther(query: Float32Array, others: readonly Float32Array[], own: number) {
  const scores = others.map((other) => cosine(query, other));
  const rest = scores.map((score, at) => (at === own ? -Infinity : score));
  const best = Math.max(...rest);
  return { first: (scores[own] as number) > best, other: rest.indexOf(best) };
}

async function measureSwaps(
  model: SimilarityModel,
  cases: Cases,
  picture: (file: string) => Promise<Raster>,
) {
  const results: { file: string; kind: string; right: boolean; text: string }[] = [];
  for (const { file, kind, right, wrong } of cases.swaps) {
    const image = await model.image(await picture(file), signal);
    const [a, b] = [await model.text(right, signal), await model.text(wrong, signal)];
    results.push({ file, kind, right: cosine(image, a) > cosine(image, b), text: `${right} < ${wrong}` });
  }
  return results;
}
