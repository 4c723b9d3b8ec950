/**
 * The embedded detector of named objects, `training/objects`. One run finds the objects of all names: a cell
 * gives a box, whether something stands there, and one logit a name; the softmax is over the whole vocabulary, so
 * that a dog is no cat when only cats were asked for.
 */
import { readFile } from 'node:fs/promises';
import type { Raster } from '#backend/images/raster';
import type { AdapterOptions } from '#backend/packs/adapters';
import type { VerifiedPack } from '#backend/packs/verify';
import { resizeRaster } from '#backend/tools/ocr/pixels';
import type { FoundObject, ObjectModel } from '#backend/tools/roles';
import { inImage, suppress } from './detections.ts';
import { openGraph } from './graph.ts';
import { type Normalisation, planesOf } from './input.ts';
import { type NanoVocabulary, parseVocabulary, VECTOR } from './nano-vocabulary.ts';

export const SIDE = 320;
/** The grey beside a picture that is no square. */
const FILL = 114;
const UNIT: Normalisation = { scale: 1 / 255, mean: [0, 0, 0], deviation: [1, 1, 1] };
const OVERLAP_MAX = 0.5;
const OBJECTS_MAX = 100;
/** A narrower name that is nearly as likely says more: dog instead of animal. */
const NEARLY = 0.9;

export type Fitted = { readonly width: number; readonly height: number };

/** The longer side becomes SIDE; no side falls below a pixel. */
export function fitted({ width, height }: Fitted): Fitted {
  const scale = SIDE / Math.max(width, height);
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

export type Cells = {
  /** [cells, 4] left, top, right, bottom in pixels of the square. */
  readonly boxes: Float32Array;
  /** [cells] in 0..1. */
  readonly objectness: Float32Array;
  /** [cells, names] before the softmax. */
  readonly logits: Float32Array;
};

/** A name that was asked for, as it was written, and its places in the vocabulary. */
export type Wish = { readonly name: string; readonly places: readonly number[] };

/**
 * The score of a cell for a name is its objectness times the share of the name's places in the softmax. A cell gives
 * its best name alone. Cells with values that are no numbers give nothing.
 */
export function objectsOf(
  cells: Cells,
  wishes: readonly Wish[],
  size: Fitted,
  threshold: number,
): FoundObject[] {
  const { boxes, objectness, logits } = cells;
  const count = logits.length / Math.max(1, objectness.length);
  const found: FoundObject[] = [];
  for (let cell = 0; cell < objectness.length; cell++) {
    const seen = objectness[cell] as number;
    // No share is above 1.
    if (!(seen >= threshold)) continue;
    const row = logits.subarray(cell * count, (cell + 1) * count);
    const best = bestOf(shares(row), wishes);
    if (!best || !(seen * best.share >= threshold)) continue;
    const [left = 0, top = 0, right = 0, bottom = 0] = boxes.subarray(4 * cell, 4 * cell + 4);
    const box = inImage(left / size.width, top / size.height, right / size.width, bottom / size.height);
    if (box) found.push({ name: best.name, box, score: Math.min(1, seen * best.share) });
  }
  return suppress(found, OVERLAP_MAX, OBJECTS_MAX);
}

function shares(logits: Float32Array): Float64Array {
  const top = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - top));
  const sum = powers.reduce((all, value) => all + value, 0);
  return powers.map((value) => value / sum);
}

function bestOf(row: Float64Array, wishes: readonly Wish[]): { name: string; share: number } | undefined {
  const all = wishes.map(({ name, places }) => ({
    name,
    wide: places.length,
    share: places.reduce((sum, place) => sum + (row[place] ?? 0), 0),
  }));
  const most = all.reduce((top, { share }) => Math.max(top, share), 0);
  return all
    .filter(({ share }) => share > 0 && share >= NEARLY * most)
    .sort((a, b) => a.wide - b.wide || b.share - a.share)[0];
}

export type NanoDetector = {
  readonly vocabulary: NanoVocabulary;
  /** All names at once; `size` is that of the picture inside the square. */
  look(raster: Raster): Promise<{ readonly cells: Cells; readonly size: Fitted }>;
};

export async function openNanoDetector(pack: VerifiedPack, options: AdapterOptions): Promise<NanoDetector> {
  const vocabulary = parseVocabulary(await readFile(pack.file('vocabulary.json'), 'utf8'));
  const graph = await openGraph(pack, 'model.onnx', options);
  const { names, vectors } = vocabulary;
  return {
    vocabulary,
    look: async (raster) => {
      const size = fitted(raster);
      const small = resizeRaster(raster, size.width, size.height);
      const floats = planesOf(small, UNIT, 'rgb', { width: SIDE, height: SIDE, fill: FILL });
      const [boxes, objectness, logits] = await graph.run(
        {
          image: { floats, shape: [1, 3, SIDE, SIDE] },
          names: { floats: vectors, shape: [names.length, VECTOR] },
        },
        ['boxes', 'objectness', 'logits'],
      );
      const count = objectness?.values.length ?? 0;
      if (!boxes || !objectness || boxes.values.length !== 4 * count)
        throw new Error(`the detector gives boxes [${boxes?.shape}] and objectness [${objectness?.shape}]`);
      if (logits?.values.length !== count * names.length)
        throw new Error(`the detector gives logits [${logits?.shape}] for ${names.length} names`);
      return {
        cells: { boxes: boxes.values, objectness: objectness.values, logits: logits.values },
        size,
      };
    },
  };
}

export async function openNanoObjects(pack: VerifiedPack, options: AdapterOptions): Promise<ObjectModel> {
  const { vocabulary, look } = await openNanoDetector(pack, options);
  return {
    vocabulary: vocabulary.names,
    knows: (name) => vocabulary.placesOf(name).length > 0,
    detect: async (raster, names, signal) => {
      signal.throwIfAborted();
      const wishes = names
        .map((name) => ({ name, places: vocabulary.placesOf(name) }))
        .filter(({ places }) => places.length > 0);
      if (wishes.length === 0) return [];
      const { cells, size } = await look(raster);
      signal.throwIfAborted();
      return objectsOf(cells, wishes, size, vocabulary.threshold);
    },
  };
}
