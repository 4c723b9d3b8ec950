/** The two small towers of `training/similarity`: a picture squeezed to a square, and hashed words. */
import type { AdapterOptions } from '#backend/packs/adapters';
import type { VerifiedPack } from '#backend/packs/verify';
import type { SimilarityModel } from '#backend/tools/roles';
import { openGraph } from './graph.ts';
import { GRAMS_MAX, hashedWords } from './hashed-words.ts';
import { bicubic, halvedTowards, type Normalisation, planesOf } from './input.ts';
import { unitVector } from './two-towers.ts';

const SIDE = 96;
/** 0..1: the graph does the rest. */
const UNIT: Normalisation = { scale: 1 / 255, mean: [0, 0, 0], deviation: [1, 1, 1] };

export async function openNanoSimilarity(
  pack: VerifiedPack,
  options: AdapterOptions,
): Promise<SimilarityModel> {
  const images = await openGraph(pack, 'image.onnx', options);
  const texts = await openGraph(pack, 'text.onnx', options);
  return {
    // Trained to match pictures with words: two pictures that one sentence fits are alike to it.
    imageToImage: 'descriptor',
    image: async (raster, signal) => {
      signal.throwIfAborted();
      const floats = planesOf(bicubic(halvedTowards(raster, SIDE, SIDE), SIDE, SIDE), UNIT);
      const [vector] = await images.run({ image: { floats, shape: [1, 3, SIDE, SIDE] } }, ['vector']);
      signal.throwIfAborted();
      return unitVector(vector?.values ?? new Float32Array());
    },
    text: async (text, signal) => {
      signal.throwIfAborted();
      const { ids, words } = hashedWords(text);
      const [vector] = await texts.run({ grams: { ints: ids, shape: [1, words, GRAMS_MAX] } }, ['vector']);
      signal.throwIfAborted();
      return unitVector(vector?.values ?? new Float32Array());
    },
  };
}
