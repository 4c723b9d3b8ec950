/**
 * Idefics3 and SmolVLM: an image is enlarged to whole squares, cut into them, and seen whole besides; the rows of
 * a square are shuffled together into a few wide ones.
 */
import * as z from 'zod';
import type { Session } from '#backend/engine/runtime';
import type { Raster } from '../images/raster.ts';
import { type Checkpoint, readJson } from './checkpoint.ts';
import { encodeSquare } from './llava.ts';
import { joined } from './llava-onevision.ts';
import { GraphBuilder, type Value } from './onnx/graph.ts';
import { crop, planes } from './pixels.ts';
import { type PreprocessorConfig, processorDefaults, readPreprocessor } from './preprocessor-config.ts';
import { resize } from './resample.ts';
import { CheckpointError } from './safetensors.ts';
import { configSize, textConfig, textConfigOf } from './text-config.ts';
import type { Architecture, DecoderConfig, ImageLayout, ImageReader, ImageSize } from './vision-language.ts';
import { encodePixels, layerNorm, type VisionConfig, visionConfig } from './vision-tower.ts';
import { Weights } from './weights.ts';

/** Vision configurations of early checkpoints have the model's own name. */
const named = (names: Readonly<Record<string, string>>) => (value: unknown) =>
  typeof value === 'object' && value !== null
    ? { ...value, model_type: names['model_type' in value ? String(value.model_type) : ''] ?? 'unknown' }
    : value;

const towerNames = {
  '': 'idefics3_vision',
  idefics3: 'idefics3_vision',
  idefics3_vision: 'idefics3_vision',
  smolvlm: 'smolvlm_vision',
  smolvlm_vision: 'smolvlm_vision',
};

const idefics3Config = z.object({
  model_type: z.enum(['idefics3', 'smolvlm']),
  image_token_id: z.int().min(0).default(128_257),
  scale_factor: configSize.default(2),
  tie_word_embeddings: z.boolean().optional(),
  vision_config: z.preprocess(named(towerNames), visionConfig),
  text_config: textConfig,
});

type Squares = {
  /** Pixels of the longest edge before an image is cut, and of a square's side. */
  readonly longest: number;
  readonly side: number;
  readonly splits: boolean;
  /** Rows of one square. */
  readonly rows: number;
  readonly preprocessor: PreprocessorConfig;
};

/** Reads the configuration of an Idefics3 or SmolVLM checkpoint. Throws CheckpointError where it cannot be served. */
export async function readIdefics3(folder: string): Promise<Architecture> {
  const parsed = await readJson(folder, 'config.json', idefics3Config);
  const { vision_config: tower, scale_factor: scale } = parsed;
  const text = textConfigOf(folder, parsed.text_config);
  const fail = (what: string): CheckpointError => new CheckpointError(`${folder}/config.json: ${what}`);
  const patches = tower.image_size / tower.patch_size;
  if (!Number.isInteger(patches / scale))
    throw fail('the patches along a side must be a multiple of scale_factor');
  if (parsed.image_token_id >= text.vocab_size) throw fail('image_token_id must be smaller than vocab_size');
  const preprocessor = await readPreprocessor(folder, processorDefaults.idefics3);
  const { max_image_size: square, size } = preprocessor;
  const side = square?.longest_edge ?? tower.image_size;
  if (side !== tower.image_size)
    throw fail('max_image_size in preprocessor_config.json must be the image_size of the tower');
  const longest =
    (typeof size === 'object' && 'longest_edge' in size ? size.longest_edge : undefined) ?? 4 * side;
  const config: DecoderConfig = {
    text,
    imageToken: parsed.image_token_id,
    imageText: '<image>',
    tiesEmbeddings: parsed.tie_word_embeddings ?? text.tie_word_embeddings,
  };
  const rows = (patches / scale) ** 2;
  const squares = { longest, side, rows, splits: preprocessor.do_image_splitting, preprocessor };
  return {
    config,
    visionGraph: (checkpoint) => buildVisionGraph(checkpoint, tower, scale, text.hidden_size),
    reader: (vision) => squaresReader(vision, squares),
  };
}

/** ONNX bytes of: `pixel_values` [n, 3, size, size] float32 → `image_features` [n, rows, width]. */
function buildVisionGraph(
  checkpoint: Checkpoint,
  tower: VisionConfig,
  scale: number,
  width: number,
): Uint8Array {
  const graph = new GraphBuilder('vision');
  const weights = new Weights(graph, checkpoint);
  const pixels = graph.input('pixel_values', 'float32', ['n', 3, tower.image_size, tower.image_size]);
  const encoded = encodePixels(weights, pixels, tower, tower.num_hidden_layers);
  const normed = layerNorm(weights, encoded, 'vision.post_layernorm', tower);
  const shuffled = shufflePatches(graph, normed, tower, scale);
  const wide = tower.hidden_size * scale ** 2;
  const x = weights.linear(shuffled, ['connector.modality_projection.proj'], wide, [width], false);
  graph.node('Identity', [x], { names: ['image_features'] });
  graph.output('image_features', 'float32', ['n', 'rows', width]);
  return graph.finish();
}

/** Each `scale` by `scale` patches become one row: [n, patches², hidden] to [n, (patches / scale)², hidden * scale²]. */
function shufflePatches(
  graph: GraphBuilder,
  x: Value,
  { image_size: size, patch_size: patch, hidden_size: hidden }: VisionConfig,
  scale: number,
): Value {
  const side = size / patch / scale;
  const split = graph.node('Reshape', [x, graph.ints([0, side, scale, side, scale, hidden])]);
  const together = graph.node('Transpose', [split], { attributes: { perm: { ints: [0, 1, 3, 2, 4, 5] } } });
  return graph.node('Reshape', [together, graph.ints([0, side ** 2, hidden * scale ** 2])]);
}

function squaresReader(vision: Session, squares: Squares): ImageReader {
  const pixelsOf = (raster: Raster): Float32Array[] =>
    squaresOf(raster, squares).map((square) => planes(square, squares.preprocessor));
  return {
    layout: (size) => layoutOf(gridOf(size, squares), squares.rows),
    preprocess: (raster) => joined(pixelsOf(raster)),
    encode: async (raster) => {
      const rows: Float32Array[] = [];
      for (const pixels of pixelsOf(raster)) rows.push(await encodeSquare(vision, pixels, squares.side));
      return joined(rows);
    },
  };
}

type Grid = { readonly rows: number; readonly columns: number };

/** Every square has its row and column before it, the whole image comes last. */
function layoutOf({ rows, columns }: Grid, cells: number): ImageLayout {
  const around = '<fake_token_around_image>';
  const pieces: Array<string | number> = [];
  for (let row = 1; row <= rows; row++) {
    for (let column = 1; column <= columns; column++)
      pieces.push(`${around}<row_${row}_col_${column}>`, cells);
    pieces.push('\n');
  }
  pieces.push(`${rows > 0 ? '\n' : ''}${around}<global-img>`, cells, around);
  return { pieces: joinTexts(pieces), rows: cells * (rows * columns + 1) };
}

/** Texts that follow one another are tokenised as one. */
function joinTexts(pieces: ReadonlyArray<string | number>): Array<string | number> {
  const result: Array<string | number> = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') result[result.length - 1] = last + piece;
    else result.push(piece);
  }
  return result;
}

/** What transformers enlarges an image to at first: the longest edge to a length, the other to an even one. */
function enlarged({ width, height }: ImageSize, longest: number): ImageSize {
  const even = (length: number): number => length + (length % 2);
  const aspect = width / height;
  return width >= height
    ? { width: longest, height: Math.max(even(Math.trunc(longest / aspect)), 1) }
    : { width: Math.max(even(Math.trunc(longest * aspect)), 1), height: longest };
}

/** Whole squares in either direction. */
function wholeSquares({ width, height }: ImageSize, side: number): ImageSize {
  const whole = (length: number): number => Math.ceil(length / side) * side;
  const aspect = width / height;
  return width >= height
    ? { width: whole(width), height: whole(Math.trunc(whole(width) / aspect)) }
    : { width: whole(Math.trunc(whole(height) * aspect)), height: whole(height) };
}

/** Squares of the image besides the whole; none where it is not cut. */
function gridOf(size: ImageSize, { longest, side, splits }: Squares): Grid {
  if (!splits) return { rows: 0, columns: 0 };
  const { width, height } = wholeSquares(enlarged(size, longest), side);
  if (width <= side && height <= side) return { rows: 0, columns: 0 };
  return { rows: height / side, columns: width / side };
}

function squaresOf(raster: Raster, squares: Squares): Raster[] {
  const { longest, side, preprocessor } = squares;
  const { filter } = preprocessor;
  const { width, height } = enlarged(raster, longest);
  const first = resize(raster, width, height, filter);
  const { rows, columns } = gridOf(raster, squares);
  if (rows === 0) return [resize(first, side, side, filter)];
  const whole = resize(first, columns * side, rows * side, filter);
  const result: Raster[] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result.push(crop(whole, { left: column * side, top: row * side, width: side, height: side }));
  return [...result, resize(whole, side, side, filter)];
}
