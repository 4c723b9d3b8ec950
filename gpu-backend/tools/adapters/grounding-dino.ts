/**
 * GroundingDINO. Constants: TACO's thresholds, which are those of the original's demo.
 *
 * One phrase a pass: the export that everybody uses was traced with one, so its text mask holds for one;
 * with several, words of different phrases would attend to each other and labels would merge.
 */
import type { AdapterOptions } from '#backend/packs/adapters';
import type { VerifiedPack } from '#backend/packs/verify';
import { resizeRaster } from '#backend/tools/ocr/pixels';
import type { ObjectModel } from '#backend/tools/roles';
import { type Detection, inImage, sigmoid, suppress } from './detections.ts';
import { openGraph } from './graph.ts';
import { IMAGENET, planesOf } from './input.ts';
import { openWordPieces } from './text.ts';

/** The export has one size; the image is squeezed to it. */
export const SIDE = 800;
const BOX_SCORE_MIN = 0.35;
const TOKEN_SCORE_MIN = 0.25;
/** Across phrases, for which a cat may also be a dog. */
const OVERLAP_MAX = 0.7;
const OBJECTS_MAX = 100;

/** Lower case, and one full stop, which is at the end. */
export function captionOf(name: string): string {
  return `${name
    .toLowerCase()
    .replace(/[.\s]+/gu, ' ')
    .trim()} .`;
}

/**
 * Boxes of one pass. `logits` are [queries, columns], `boxes` [queries, 4] as centre and size in 0..1.
 * `tokens` counts the tokens of the caption: first [CLS], then the phrase, last the full stop and [SEP].
 */
export function boxesOf(
  logits: Float32Array,
  boxes: Float32Array,
  columns: number,
  tokens: number,
): Detection[] {
  const found: Detection[] = [];
  for (let query = 0; 4 * query < boxes.length; query++) {
    const row = logits.subarray(query * columns, query * columns + Math.min(tokens, columns));
    const score = sigmoid(row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY));
    // A box whose own words say nothing has a label of separators: the original leaves it empty.
    const says = row.subarray(1, tokens - 2).some((logit) => sigmoid(logit) > TOKEN_SCORE_MIN);
    if (!(score > BOX_SCORE_MIN) || !says) continue;
    const [x = 0, y = 0, width = 0, height = 0] = boxes.subarray(4 * query, 4 * query + 4);
    const box = inImage(x - width / 2, y - height / 2, x + width / 2, y + height / 2);
    if (box) found.push({ box, score });
  }
  return found;
}

export async function openGroundingDino(pack: VerifiedPack, options: AdapterOptions): Promise<ObjectModel> {
  const encode = await openWordPieces(pack.file('vocab.txt'));
  const graph = await openGraph(pack, 'model.onnx', options);
  const pixelMask = { ints: new Array<number>(SIDE * SIDE).fill(1), shape: [1, SIDE, SIDE] };
  return {
    detect: async (raster, names, signal) => {
      const floats = planesOf(resizeRaster(raster, SIDE, SIDE), IMAGENET);
      const found = [];
      for (const name of names) {
        signal.throwIfAborted();
        const ids = encode(captionOf(name));
        // Only [CLS], the full stop and [SEP]: a name without a word finds nothing.
        if (ids.length < 4) continue;
        const shape = [1, ids.length];
        const [logits, boxes] = await graph.run(
          {
            pixel_values: { floats, shape: [1, 3, SIDE, SIDE] },
            pixel_mask: pixelMask,
            input_ids: { ints: ids, shape },
            token_type_ids: { ints: ids.map(() => 0), shape },
            attention_mask: { ints: ids.map(() => 1), shape },
          },
          ['logits', 'pred_boxes'],
        );
        const columns = logits?.shape.at(-1) ?? 0;
        if (!logits || !boxes || boxes.values.length * columns !== logits.values.length * 4)
          throw new Error(`the detector gives logits [${logits?.shape}] and boxes [${boxes?.shape}]`);
        found.push(
          ...boxesOf(logits.values, boxes.values, columns, ids.length).map((box) => ({ ...box, name })),
        );
      }
      signal.throwIfAborted();
      return suppress(found, OVERLAP_MAX, OBJECTS_MAX);
    },
  };
}
