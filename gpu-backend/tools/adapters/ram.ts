/** RAM++: which of 4 585 tags an image has, each with a threshold of its own. */
import { readFile } from 'node:fs/promises';
import type { AdapterOptions } from '#backend/packs/adapters';
import { PackError } from '#backend/packs/pack-error';
import type { VerifiedPack } from '#backend/packs/verify';
import { resizeRaster } from '#backend/tools/ocr/pixels';
import type { TagModel } from '#backend/tools/roles';
import { sigmoid } from './detections.ts';
import { openGraph } from './graph.ts';
import { IMAGENET, planesOf } from './input.ts';

export const SIDE = 384;

export type Tag = { readonly name: string; readonly threshold: number };

/** Two files, one line a tag, in the order of the logits. Throws PackError where they do not fit. */
export function tagsOf(names: string, thresholds: string): Tag[] {
  const lines = (text: string): string[] => text.trimEnd().split(/\r?\n/u);
  const limits = lines(thresholds).map(Number);
  const tags = lines(names).map((name, index) => ({ name, threshold: limits[index] ?? Number.NaN }));
  if (limits.length !== tags.length || !limits.every((limit) => limit > 0 && limit < 1))
    throw new PackError(
      'model_invalid',
      `Expected a threshold in 0..1 for each of ${tags.length} tags, found ${limits.length} lines.`,
    );
  return tags;
}

/** Best first. */
export function tagsAbove(logits: Float32Array, tags: readonly Tag[]): { name: string; score: number }[] {
  if (logits.length !== tags.length)
    throw new Error(`the tagger gives ${logits.length} logits, its list has ${tags.length} tags`);
  return tags
    .map(({ name, threshold }, index) => ({ name, threshold, score: sigmoid(logits[index] ?? 0) }))
    .filter(({ score, threshold }) => score > threshold)
    .map(({ name, score }) => ({ name, score }))
    .sort((a, b) => b.score - a.score);
}

export async function openRam(pack: VerifiedPack, options: AdapterOptions): Promise<TagModel> {
  const read = (file: string): Promise<string> => readFile(pack.file(file), 'utf8');
  const tags = tagsOf(await read('tags.txt'), await read('thresholds.txt'));
  const graph = await openGraph(pack, 'model.onnx', options);
  const [input = 'image'] = graph.inputs;
  const [output = 'logits'] = graph.outputs;
  return {
    tags: async (raster, signal) => {
      signal.throwIfAborted();
      const floats = planesOf(resizeRaster(raster, SIDE, SIDE), IMAGENET);
      const [logits] = await graph.run({ [input]: { floats, shape: [1, 3, SIDE, SIDE] } }, [output]);
      signal.throwIfAborted();
      return tagsAbove(logits?.values ?? new Float32Array(), tags);
    },
  };
}
