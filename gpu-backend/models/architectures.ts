/** Which architecture reads which checkpoint, by `model_type` of its config.json. */
import * as z from 'zod';
import { readJson } from './checkpoint.ts';
import { hasExport, openExport } from './export.ts';
import { readIdefics3 } from './idefics3.ts';
import { readLlava } from './llava.ts';
import { readLlavaNext, readLlavaQwen, readOnevision } from './llava-onevision.ts';
import { openWeights } from './open-weights.ts';
import { readQwen2Vl } from './qwen2-vl.ts';
import { CheckpointError } from './safetensors.ts';
import type { Architecture, OpenOptions, VisionLanguageModel } from './vision-language.ts';

const architectures: ReadonlyMap<string, (folder: string) => Promise<Architecture>> = new Map([
  ['llava', readLlava],
  ['llava_next', readLlavaNext],
  ['llava_onevision', readOnevision],
  ['llava_qwen', readLlavaQwen],
  ['qwen2_vl', readQwen2Vl],
  ['idefics3', readIdefics3],
  ['smolvlm', readIdefics3],
]);

const modelType = z.object({ model_type: z.string() });

/** Opens the weights in `folder`, or its exported graphs. Throws CheckpointError with what is wrong with it. */
export async function openModel(folder: string, options: OpenOptions): Promise<VisionLanguageModel> {
  const { model_type: type } = await readJson(folder, 'config.json', modelType);
  const read = architectures.get(type);
  if (!read) {
    throw new CheckpointError(
      `${folder}/config.json: model_type: expected one of ${[...architectures.keys()].join(', ')}, got ${JSON.stringify(type)}`,
    );
  }
  const architecture = await read(folder);
  const open = (await hasExport(folder)) ? openExport : openWeights;
  return await open(folder, architecture, options);
}
