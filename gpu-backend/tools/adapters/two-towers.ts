/** CLIP and SigLIP: an image tower and a text tower that end in one space. */
import type { Raster } from '#backend/images/raster';
import type { AdapterOptions } from '#backend/packs/adapters';
import type { VerifiedPack } from '#backend/packs/verify';
import type { SimilarityModel } from '#backend/tools/roles';
import { oneOf, openGraph } from './graph.ts';
import { bicubic, CLIP, centreSquare, HALF, planesOf } from './input.ts';
import { openTokenizer, toLength } from './text.ts';

export const SIDE = 224;

type Towers = {
  pixels(raster: Raster): Float32Array;
  /** What the tokenizer is given. */
  text(text: string): string;
  readonly tokensMax: number;
  /** The id that fills up a short text; undefined where the tower takes texts of any length. */
  readonly padding?: number;
};

export const clip: Towers = {
  pixels: (raster) => planesOf(centreSquare(raster, SIDE), CLIP),
  text: (text) => text,
  tokensMax: 77,
};

/** Its text tower was trained on full length only, and is wrong on anything shorter. */
export const siglip: Towers = {
  pixels: (raster) => planesOf(bicubic(raster, SIDE, SIDE), HALF),
  // As its own tokenizer canonicalises: no punctuation, single spaces, lower case.
  text: (text) =>
    text
      .replace(/[!-/:-@[-`{-~]/gu, '')
      .replace(/\s+/gu, ' ')
      .trim()
      .toLowerCase(),
  tokensMax: 64,
  padding: 1,
};

/** The vector of length 1 in the same direction. Throws where there is none. */
export function unitVector(values: Float32Array): Float32Array {
  let squares = 0;
  for (const value of values) squares += value * value;
  const length = Math.sqrt(squares);
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) throw new Error('the tower gives no direction');
  return values.map((value) => value / length);
}

export function twoTowers({ pixels, text: prepare, tokensMax, padding }: Towers) {
  return async (pack: VerifiedPack, options: AdapterOptions): Promise<SimilarityModel> => {
    const encode = await openTokenizer(pack.file('tokenizer.json'));
    const images = await openGraph(pack, 'image.onnx', options);
    const texts = await openGraph(pack, 'text.onnx', options);
    const imageOutput = oneOf(images.outputs, ['image_embeds', 'pooler_output']);
    const textOutput = oneOf(texts.outputs, ['text_embeds', 'pooler_output']);
    return {
      image: async (raster, signal) => {
        signal.throwIfAborted();
        const input = { floats: pixels(raster), shape: [1, 3, SIDE, SIDE] };
        const [vector] = await images.run({ pixel_values: input }, [imageOutput]);
        signal.throwIfAborted();
        return unitVector(vector?.values ?? new Float32Array());
      },
      text: async (text, signal) => {
        signal.throwIfAborted();
        const encoded = encode(prepare(text));
        const length = padding === undefined ? Math.min(encoded.length, tokensMax) : tokensMax;
        const { ids, mask } = toLength(encoded, length, padding ?? 0);
        const shape = [1, length];
        const [vector] = await texts.run(
          { input_ids: { ints: ids, shape }, attention_mask: { ints: mask, shape } },
          [textOutput],
        );
        signal.throwIfAborted();
        return unitVector(vector?.values ?? new Float32Array());
      },
    };
  };
}
