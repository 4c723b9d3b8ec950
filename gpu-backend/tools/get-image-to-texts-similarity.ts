/** GetImageToTextsSimilarity: which text fits an image best. */

import type { SimilarityModel } from '#backend/tools/roles';
import { cosine, each, ranked } from '#backend/tools/similarity';
import type { ToolHandler } from '#backend/tools/tool';
import type { getImageToTextsSimilarity as spec } from '#shared/tools/get-image-to-texts-similarity';

export function getImageToTextsSimilarity(model: SimilarityModel): ToolHandler<typeof spec> {
  return async ({ image, texts }, { image: raster, signal }) => {
    const seen = await model.image(await raster(image), signal);
    const scores = await each(texts, async (text) => cosine(seen, await model.text(text, signal)));
    const { similarity, index, entry } = ranked(texts, scores);
    return { observation: { similarity, best_text_index: index, best_text: entry } };
  };
}
