/** The two small towers of `training/similarity`: a picture squeezed to a square, and hashed words. */
import { sampleWhole } from '#backend/images/sample';
import type { AdapterOptions } from '#backend/packs/adapters';
import type { VerifiedPack } from '#backend/packs/verify';
import type { SimilarityModel } from '#backend/tools/roles';
import { openGraph } from './graph.ts';
import { GRAMS_MAX, hashedWords } from './hashed-words.ts';
import { openMemory } from './memory.ts';
import { unitVector } from './two-towers.ts';

const SIDE = 96;

export async function openNanoSimilarity(
  pack: VerifiedPack,
  options: AdapterOptions,
): Promise<SimilarityModel> {
  const images = await openGraph(pack, 'image.onnx', options);
  const texts = await openGraph(pack, 'text.onnx', options);
  const lend = openMemory();
  return {
    // Trained to match pictures with words: two pictures that one sentence fits are alike to it.
    imageToImage: 'descriptor',
    image: async (raster, signal) => {
      signal.throwIfAborted();
      const [vector] = await lend(3 * SIDE * SIDE, (floats) => {
        // The graph normalises 0..1 itself.
        sampleWhole(raster, floats, SIDE, SIDE);
        return images.run({ image: { floats, shape: [1, 3, SIDE, SIDE] } }, ['vector']);
      });
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
