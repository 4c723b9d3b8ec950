/**
 * The embedded detector of named objects, `training/objects`: one graph says where something stands, whatever it
 * is, a second one what each cut-out shows. Its softmax is over the whole vocabulary, so that a dog is no cat when
 * only cats were asked for, and one look answers for all names.
 */
import { readFile } from 'node:fs/promises';
import { keptWithImage } from '#backend/images/kept';
import type { Raster } from '#backend/images/raster';
import { sample, type Window, wholeOf } from '#backend/images/sample';
import type { AdapterOptions } from '#backend/packs/adapters';
import type { VerifiedPack } from '#backend/packs/verify';
import type { Box, FoundObject, ObjectModel } from '#backend/tools/roles';
import { type Detection, inImage, suppress } from './detections.ts';
import { openGraph } from './graph.ts';
import { openMemory } from './memory.ts';
import { type NanoVocabulary, parseVocabulary, VECTOR } from './nano-vocabulary.ts';

/** The square that the first graph sees, and that of a cut-out. */
export const SIDE = 320;
export const CUT = 48;
/** The byte of the grey beside a picture, and beside what a cut-out has of it; graphs take bytes as 0..1. */
export const FILL = 114;
/** Values of a cut-out. */
const CUT_LENGTH = 3 * CUT * CUT;
/** A cut-out is this much larger than the longer side of its box. */
const MARGIN = 1.15;
/** A cut-out from a level with three quarters of its pixels a side is named as well, for half of the time. */
const CUT_FINENESS = 0.75;
const OBJECTNESS_MIN = 0.1;
const OVERLAP_MAX = 0.5;
/** Looking at this many cut-outs takes about as long as finding them. */
const PLACES_MAX = 32;
/** A narrower name that is nearly as likely says more: dog instead of animal. */
const NEARLY = 0.9;

export type Size = { readonly width: number; readonly height: number };

/** The longer side becomes SIDE; no side falls below a pixel. */
export function fitted({ width, height }: Size): Size {
  const scale = SIDE / Math.max(width, height);
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

/** Fills [3, SIDE, SIDE]: the picture at the top left, grey beside it. */
function squareInto(data: Float32Array, raster: Raster, size: Size): void {
  data.fill(FILL / 255);
  sample(raster, wholeOf(raster), { data, offset: 0, ...size, row: SIDE, plane: SIDE * SIDE });
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

/** The square around a box, with a margin, in pixels of the image; it may reach beyond it. */
export function squareAround([left, top, right, bottom]: Box, { width, height }: Size): Window {
  const longer = Math.max((right - left) * width, (bottom - top) * height);
  const side = Math.max(1, Math.round(longer * MARGIN));
  const x = Math.round(((left + right) * width - side) / 2);
  const y = Math.round(((top + bottom) * height - side) / 2);
  return { left: x, top: y, width: side, height: side };
}

/** Fills [boxes, 3, CUT, CUT] with the square around each box, grey where the image ends. */
export function cutOutsInto(data: Float32Array, raster: Raster, boxes: readonly Box[]): void {
  data.fill(FILL / 255);
  for (const [index, box] of boxes.entries()) {
    const cut = { data, offset: index * CUT_LENGTH, width: CUT, height: CUT, row: CUT, plane: CUT * CUT };
    sample(raster, squareAround(box, raster), cut, CUT_FINENESS);
  }
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

/** The softmax. */
function shares(logits: Float32Array): Float64Array {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of logits) if (value > top) top = value;
  const powers = new Float64Array(logits.length);
  let sum = 0;
  for (let place = 0; place < logits.length; place++) {
    powers[place] = Math.exp((logits[place] as number) - top);
    sum += powers[place] as number;
  }
  for (let place = 0; place < powers.length; place++) powers[place] = (powers[place] as number) / sum;
  return powers;
}

/** Of the wishes that are nearly as likely as the likeliest, the narrowest; of these the likeliest. */
function bestOf(row: Float64Array, wishes: readonly Wish[]): { name: string; share: number } | undefined {
  const all = new Float64Array(wishes.length);
  let most = 0;
  for (let index = 0; index < wishes.length; index++) {
    const { places } = wishes[index] as Wish;
    let share = 0;
    for (let at = 0; at < places.length; at++) share += row[places[at] as number] ?? 0;
    all[index] = share;
    if (share > most) most = share;
  }
  let best: { readonly name: string; readonly share: number; readonly wide: number } | undefined;
  for (let index = 0; index < wishes.length; index++) {
    const share = all[index] as number;
    if (!(share > 0 && share >= NEARLY * most)) continue;
    const { name, places } = wishes[index] as Wish;
    const wide = places.length;
    if (!best || wide < best.wide || (wide === best.wide && share > best.share)) best = { name, share, wide };
  }
  return best;
}

export type NanoDetector = {
  readonly vocabulary: NanoVocabulary;
  /** All places with the logits of all names; kept with the image, for it answers for whatever is asked next. */
  look(raster: Raster, signal: AbortSignal): Promise<Look[]>;
};

export async function openNanoDetector(pack: VerifiedPack, options: AdapterOptions): Promise<NanoDetector> {
  const vocabulary = parseVocabulary(await readFile(pack.file('vocabulary.json'), 'utf8'));
  const [places, namer] = await Promise.all(
    ['places.onnx', 'names.onnx'].map((file) => openGraph(pack, file, options)),
  );
  if (!places || !namer) throw new Error('two graphs were opened');
  const { names, vectors } = vocabulary;
  const lend = openMemory();
  return {
    vocabulary,
    look: keptWithImage(async (raster, signal) => {
      const size = fitted(raster);
      const [boxes, objectness] = await lend(3 * SIDE * SIDE, (floats) => {
        squareInto(floats, raster, size);
        return places.run({ image: { floats, shape: [1, 3, SIDE, SIDE] } }, ['boxes', 'objectness']);
      });
      if (!boxes || !objectness || boxes.values.length !== 4 * objectness.values.length)
        throw new Error(`the detector gives boxes [${boxes?.shape}] and objectness [${objectness?.shape}]`);
      signal.throwIfAborted();
      const found = placesOf(boxes.values, objectness.values, size);
      if (found.length === 0) return [];
      const [logits] = await lend(PLACES_MAX * CUT_LENGTH, (floats) => {
        const cuts = floats.subarray(0, found.length * CUT_LENGTH);
        cutOutsInto(
          cuts,
          raster,
          found.map(({ box }) => box),
        );
        return namer.run(
          {
            cuts: { floats: cuts, shape: [found.length, 3, CUT, CUT] },
            names: { floats: vectors, shape: [names.length, VECTOR] },
          },
          ['logits'],
        );
      });
      signal.throwIfAborted();
      if (logits?.values.length !== found.length * names.length)
        throw new Error(`the namer gives logits [${logits?.shape}] for ${names.length} names`);
      return found.map((place, index) => ({
        ...place,
        logits: logits.values.subarray(index * names.length, (index + 1) * names.length),
      }));
    }),
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
