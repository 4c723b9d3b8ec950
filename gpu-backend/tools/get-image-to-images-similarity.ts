/**
 * GetImageToImagesSimilarity: which of several images is most like one. By the model where it is good at
 * that, else by a fixed descriptor that needs no weights.
 */

import type { SimilarityModel } from '#backend/tools/roles';
import { cosine, each, ranked } from '#backend/tools/similarity';
import { type Look, likeness, lookOf } from '#backend/tools/similarity/likeness';
import type { ToolHandler } from '#backend/tools/tool';
import type { getImageToImagesSimilarity as spec } from '#shared/tools/get-image-to-images-similarity';

export function getImageToImagesSimilarity(model: SimilarityModel | undefined): ToolHandler<typeof spec> {
  return model && model.imageToImage !== 'descriptor' ? byModel(model) : byDescriptor;
}

function byModel(model: SimilarityModel): ToolHandler<typeof spec> {
  return async ({ image, other_images: others }, { image: raster, signal }) => {
    const vector = async (name: string): Promise<Float32Array> => model.image(await raster(name), signal);
    const one = await vector(image);
    return answer(others, await each(others, async (name) => cosine(one, await vector(name))));
  };
}

const byDescriptor: ToolHandler<typeof spec> = async ({ image, other_images: others }, context) => {
  const look = async (name: string): Promise<Look> => {
    context.signal.throwIfAborted();
    return lookOf(await context.image(name));
  };
  const one = await look(image);
  return answer(others, await each(others, async (name) => likeness(one, await look(name))));
};

function answer(others: readonly string[], scores: readonly number[]) {
  const { similarity, index, entry } = ranked(others, scores);
  return { observation: { similarity, best_image_index: index, best_image: entry } };
}
