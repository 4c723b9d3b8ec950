/**
 * The embedded detector of named objects, `training/objects`: one graph says where something stands, whatever it
 * is, a second one what each cut-out shows. Its softmax is over the whole vocabulary, so that a dog is no cat when
 * only cats were asked for, and one look answers for all names.
 */
import { readFile } from 'node:fs/promises';
import type { Raster } from '#backend/images/raster';
import type { AdapterOptions } from '#backend/packs/adapters';
import type { VerifiedPack } from '#backend/packs/verify';
import { resizeRaster } from '#backend/tools/ocr/pixels';
import type { Box, FoundObject, ObjectModel } from '#backend/tools/roles';
import { type Detection, inImage, suppress } from './detections.ts';
import { openGraph } from './graph.ts';
import { type Normalisation, planesOf } from './input.ts';
import { type NanoVocabulary, parseVocabulary, VECTOR } from './nano-vocabulary.ts';

/** The square that the first graph sees, and that of a cut-out. */
export const SIDE = 320;
export const CUT = 48;
/** The grey beside a picture, and beside what a cut-out has of it. */
export const FILL = 114;
const UNIT: Normalisation = { scale: 1 / 255, mean: [0, 0, 0], deviation: [1, 1, 1] };
/** A cut-out is this much larger than the longer side of its box. */
const MARGIN = 1.15;
const OBJECTNESS_MIN = 0.1;
const OVERLAP_MAX = 0.5;
/** Looking at this many cut-outs takes about as long as finding them. */
const PLACES_MAX = 32;
/** Cut-outs come from a picture of at most this side: a large one has no more to show in CUT pixels. */
const VIEW_MAX = 4 * SIDE;
/** A narrower name that is nearly as likely says more: dog instead of animal. */
const NEARLY = 0.9;

export type Size = { readonly width: number; readonly height: number };

/** The longer side becomes `longer`; no side falls below a pixel. */
export function fitted({ width, height }: Size, longer = SIDE): Size {
  const scale = longer / Math.max(width, height);
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

/**
 * The surest places, in fractions of the image. `boxes` are [cells, 4] left, top, right, bottom in pixels of the
 * square, in which the picture has `size`. Cells with values that are no numbers give nothing.
 */
export function placesOf(boxes: Float32Array, objectness: Float32Array, size: Size): Detection[] {
  const found: Detection[] = [];
  objectness.forEach((score, cell) => {
    if (!(score >= OBJECTNESS_MIN && score <= 1)) return;
    const [left = 0, top = 0, right = 0, bottom = 0] = boxes.subarray(4 * cell, 4 * cell + 4);
    const box = inImage(left / size.width, top / size.height, right / size.width, bottom / size.height);
    if (box) found.push({ box, score });
  });
  return suppress(found, OVERLAP_MAX, PLACES_MAX);
}

/** The square around a box, with a margin, as CUT x CUT pixels; grey where the image ends. */
export function cutOut(raster: Raster, [left, top, right, bottom]: Box): Raster {
  const { width, height } = raster;
  const longer = Math.max((right - left) * width, (bottom - top) * height);
  const side = Math.max(1, Math.round(longer * MARGIN));
  const x0 = Math.round(((left + right) * width - side) / 2);
  const y0 = Math.round(((top + bottom) * height - side) / 2);
  const data = new Uint8Array(side * side * 3).fill(FILL);
  const [from, to] = [Math.max(0, x0), Math.min(width, x0 + side)];
  for (let y = Math.max(0, y0); y < Math.min(height, y0 + side); y++) {
    const row = raster.data.subarray((y * width + from) * 3, (y * width + to) * 3);
    data.set(row, ((y - y0) * side + from - x0) * 3);
  }
  return resizeRaster({ data, width: side, height: side }, CUT, CUT);
}

/** A name that was asked for, as it was written, and its places in the vocabulary. */
export type Wish = { readonly name: string; readonly places: readonly number[] };

/** A place with one logit a name of the vocabulary. */
export type Look = Detection & { readonly logits: Float32Array };

/**
 * The score of a place for a name is its objectness times the name's share in the softmax. A place gives its best
 * name alone; nothing where a value is no number.
 */
export function objectsOf(looks: readonly Look[], wishes: readonly Wish[], threshold: number): FoundObject[] {
  const found: FoundObject[] = [];
  for (const { box, score, logits } of looks) {
    const best = bestOf(shares(logits), wishes);
    if (best && score * best.share >= threshold)
      found.push({ name: best.name, box, score: score * Math.min(1, best.share) });
  }
  return found.sort((a, b) => b.score - a.score);
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

function viewOf(raster: Raster): Raster {
  if (Math.max(raster.width, raster.height) <= VIEW_MAX) return raster;
  const { width, height } = fitted(raster, VIEW_MAX);
  return resizeRaster(raster, width, height);
}

export type NanoDetector = {
  readonly vocabulary: NanoVocabulary;
  /** All places with the logits of all names. */
  look(raster: Raster, signal: AbortSignal): Promise<Look[]>;
};

export async function openNanoDetector(pack: VerifiedPack, options: AdapterOptions): Promise<NanoDetector> {
  const vocabulary = parseVocabulary(await readFile(pack.file('vocabulary.json'), 'utf8'));
  const [places, namer] = await Promise.all(
    ['places.onnx', 'names.onnx'].map((file) => openGraph(pack, file, options)),
  );
  if (!places || !namer) throw new Error('two graphs were opened');
  const { names, vectors } = vocabulary;
  return {
    vocabulary,
    look: async (raster, signal) => {
      const size = fitted(raster);
      const view = viewOf(raster);
      const small = resizeRaster(view, size.width, size.height);
      const floats = planesOf(small, UNIT, 'rgb', { width: SIDE, height: SIDE, fill: FILL });
      const image = { floats, shape: [1, 3, SIDE, SIDE] };
      const [boxes, objectness] = await places.run({ image }, ['boxes', 'objectness']);
      if (!boxes || !objectness || boxes.values.length !== 4 * objectness.values.length)
        throw new Error(`the detector gives boxes [${boxes?.shape}] and objectness [${objectness?.shape}]`);
      signal.throwIfAborted();
      const found = placesOf(boxes.values, objectness.values, size);
      if (found.length === 0) return [];
      const area = 3 * CUT * CUT;
      const cuts = new Float32Array(found.length * area);
      for (const [index, { box }] of found.entries())
        cuts.set(planesOf(cutOut(view, box), UNIT), index * area);
      const [logits] = await namer.run(
        {
          cuts: { floats: cuts, shape: [found.length, 3, CUT, CUT] },
          names: { floats: vectors, shape: [names.length, VECTOR] },
        },
        ['logits'],
      );
      signal.throwIfAborted();
      if (logits?.values.length !== found.length * names.length)
        throw new Error(`the namer gives logits [${logits?.shape}] for ${names.length} names`);
      return found.map((place, index) => ({
        ...place,
        logits: logits.values.subarray(index * names.length, (index + 1) * names.length),
      }));
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
      return objectsOf(await look(raster, signal), wishes, vocabulary.threshold);
    },
  };
}
