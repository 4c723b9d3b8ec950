/** OWLv2. Constants: transformers' `owlv2/image_processing_owlv2.py` and `processing_owlv2.py`. */
import { halveRaster } from '#backend/images/pyramid';
import type { Raster } from '#backend/images/raster';
import type { AdapterOptions } from '#backend/packs/adapters';
import type { VerifiedPack } from '#backend/packs/verify';
import type { ObjectModel } from '#backend/tools/roles';
import { type Detection, inImage, sigmoid, suppress } from './detections.ts';
import { openGraph } from './graph.ts';
import { CLIP } from './input.ts';
import { openTokenizer, toLength } from './text.ts';

export const SIDE = 960;
/** Of the text tower; the padding is `!`, whose id is 0. */
export const TOKENS = 16;
const SCORE_MIN = 0.2;
const OVERLAP_MAX = 0.3;
const OBJECTS_MAX = 100;

/**
 * [3, 960, 960]: padded at the right and below to a square of zeros (black, whatever its comment says),
 * smoothed by a Gaussian where it shrinks, resampled bilinearly, normalised. A raster of more than twice
 * the side is halved first: the Gaussian of the original would take seconds and keep nothing more.
 */
export function planesForOwl(image: Raster): Float32Array {
  let raster = image;
  while (Math.max(raster.width, raster.height) > 2 * SIDE) raster = halveRaster(raster);
  const square = Math.max(raster.width, raster.height);
  const planes = new Float32Array(3 * SIDE * SIDE);
  const taps = tapsOf(square);
  const rows = new Float32Array(SIDE * square);
  for (let channel = 0; channel < 3; channel++) {
    const mean = CLIP.mean[channel] as number;
    const deviation = CLIP.deviation[channel] as number;
    const pixel = (x: number, y: number): number =>
      x < raster.width && y < raster.height
        ? (raster.data[(y * raster.width + x) * 3 + channel] as number) * CLIP.scale
        : 0;
    for (let y = 0; y < square; y++)
      for (let x = 0; x < SIDE; x++) rows[y * SIDE + x] = weigh(taps, x, (at) => pixel(at, y));
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) {
        const value = weigh(taps, y, (at) => rows[at * SIDE + x] as number);
        planes[(channel * SIDE + y) * SIDE + x] = (value - mean) / deviation;
      }
  }
  return planes;
}

type Tap = { readonly at: number; readonly weight: number };

function weigh(taps: ReadonlyArray<readonly Tap[]>, index: number, value: (at: number) => number): number {
  let sum = 0;
  for (const { at, weight } of taps[index] as readonly Tap[]) sum += weight * value(at);
  return sum;
}

/** Gaussian (scipy's, cut at four deviations, mirrored at the edges) and bilinear step as one filter. */
export function tapsOf(length: number): Tap[][] {
  const factor = length / SIDE;
  const sigma = Math.max(0, (factor - 1) / 2);
  const radius = Math.trunc(4 * sigma + 0.5);
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, index) =>
    sigma === 0 ? 1 : Math.exp(-0.5 * ((index - radius) / sigma) ** 2),
  );
  const total = kernel.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: SIDE }, (_, index) => {
    const centre = (index + 0.5) * factor - 0.5;
    const first = Math.floor(centre);
    const share = centre - first;
    const weights = new Map<number, number>();
    for (const [offset, part] of [
      [0, 1 - share],
      [1, share],
    ] as const) {
      kernel.forEach((weight, tap) => {
        const at = mirrored(mirrored(first + offset, length) + tap - radius, length);
        weights.set(at, (weights.get(at) ?? 0) + (part * weight) / total);
      });
    }
    return Array.from(weights, ([at, weight]) => ({ at, weight })).filter(({ weight }) => weight !== 0);
  });
}

/** d c b | a b c d | c b a */
function mirrored(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inside = ((index % period) + period) % period;
  return inside < length ? inside : period - inside;
}

export type FoundObject = Detection & { readonly name: string };

/** `logits` are [patches, names], `boxes` [patches, 4] as centre and size in 0..1 of the padded square. */
export function objectsOf(
  logits: Float32Array,
  boxes: Float32Array,
  names: readonly string[],
  { width, height }: { readonly width: number; readonly height: number },
): FoundObject[] {
  const square = Math.max(width, height);
  const [toX, toY] = [square / width, square / height];
  const found: FoundObject[] = [];
  for (let patch = 0; 4 * patch < boxes.length; patch++) {
    const row = logits.subarray(patch * names.length, (patch + 1) * names.length);
    const best = row.reduce((top, value, index) => (value > (row[top] as number) ? index : top), 0);
    const score = sigmoid(row[best] ?? Number.NEGATIVE_INFINITY);
    if (!(score > SCORE_MIN)) continue;
    const [x = 0, y = 0, w = 0, h = 0] = boxes.subarray(4 * patch, 4 * patch + 4);
    const box = inImage((x - w / 2) * toX, (y - h / 2) * toY, (x + w / 2) * toX, (y + h / 2) * toY);
    if (box) found.push({ name: names[best] as string, box, score });
  }
  return suppress(found, OVERLAP_MAX, OBJECTS_MAX);
}

export async function openOwlv2(pack: VerifiedPack, options: AdapterOptions): Promise<ObjectModel> {
  const encode = await openTokenizer(pack.file('tokenizer.json'));
  const graph = await openGraph(pack, 'model.onnx', options);
  return {
    detect: async (raster, names, signal) => {
      signal.throwIfAborted();
      if (names.length === 0) return [];
      const tokens = names.map((name) => toLength(encode(name), TOKENS, 0));
      const shape = [names.length, TOKENS];
      const [logits, boxes] = await graph.run(
        {
          pixel_values: { floats: planesForOwl(raster), shape: [1, 3, SIDE, SIDE] },
          input_ids: { ints: tokens.flatMap(({ ids }) => ids), shape },
          attention_mask: { ints: tokens.flatMap(({ mask }) => mask), shape },
        },
        ['logits', 'pred_boxes'],
      );
      signal.throwIfAborted();
      if (!logits || !boxes || boxes.values.length * names.length !== logits.values.length * 4)
        throw new Error(`the detector gives logits [${logits?.shape}] and boxes [${boxes?.shape}]`);
      return objectsOf(logits.values, boxes.values, names, raster);
    },
  };
}
