/** GetTextToImagesSimilarity: which image fits a text best. */

import type { SimilarityModel } from '#backend/tools/roles';
import { cosine, each, ranked } from '#backend/tools/similarity';
import type { ToolHandler } from '#backend/tools/tool';
import type { getTextToImagesSimilarity as spec } from '#shared/tools/get-text-to-images-similarity';

export function getTextToImagesSimilarity(model: SimilarityModel): ToolHandler<typeof spec> {
  return async ({ text, images }, { image: raster, signal }) => {
    const said = await model.text(text, signal);
    const scores = await each(images, async (name) =>
      cosine(said, await model.image(await raster(name), signal)),
    );
    const { similarity, index, entry } = ranked(images, scores);
    return { observation: { similarity, best_image_index: index, best_image: entry } };
  };
}
