/** Which architecture opens which checkpoint, by `model_type` of its config.json. */
import * as z from 'zod';
import { readJson } from './checkpoint.ts';
import { openIdefics3 } from './idefics3.ts';
import { type OpenOptions, openLlava } from './llava.ts';
import { openLlavaNext, openLlavaQwen, openOnevision } from './llava-onevision.ts';
import { openQwen2Vl } from './qwen2-vl.ts';
import { CheckpointError } from './safetensors.ts';
import type { VisionLanguageModel } from './vision-language.ts';

type Opener = (folder: string, options: OpenOptions) => Promise<VisionLanguageModel>;

const architectures: ReadonlyMap<string, Opener> = new Map<string, Opener>([
  ['llava', openLlava],
  ['llava_next', openLlavaNext],
  ['llava_onevision', openOnevision],
  ['llava_qwen', openLlavaQwen],
  ['qwen2_vl', openQwen2Vl],
  ['idefics3', openIdefics3],
  ['smolvlm', openIdefics3],
]);

const modelType = z.object({ model_type: z.string() });

/** Opens the checkpoint in `folder`. Throws CheckpointError with what is wrong with it. */
export async function openModel(folder: string, options: OpenOptions): Promise<VisionLanguageModel> {
  const { model_type: type } = await readJson(folder, 'config.json', modelType);
  const open = architectures.get(type);
  if (open) return await open(folder, options);
  throw new CheckpointError(
    `${folder}/config.json: model_type: expected one of ${[...architectures.keys()].join(', ')}, got ${JSON.stringify(type)}`,
  );
}
