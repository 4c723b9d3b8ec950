/** A Hugging Face checkpoint folder: its JSON files and its tensors under our own short names. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { CheckpointError, readSafetensors, type StoredTensor } from './safetensors.ts';

export type CheckpointTensor = StoredTensor & {
  /** File name inside the folder. */
  readonly file: string;
  /** The name in the file, for messages. */
  readonly stored: string;
};

export type Checkpoint = {
  readonly folder: string;
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
};

/**
 * The spellings of checkpoints (before and after transformers 4.52, and LLaVA's own program) in one; the first
 * match wins.
 */
const renames: ReadonlyArray<readonly [string, string]> = [
  ['model.vision_tower.vision_tower.vision_model.', 'vision.'],
  ['model.mm_projector.0.', 'projector.linear_1.'],
  ['model.mm_projector.2.', 'projector.linear_2.'],
  ['model.image_newline', 'image_newline'],
  ['model.vision_tower.vision_model.', 'vision.'],
  ['vision_tower.vision_model.', 'vision.'],
  ['model.vision_tower.', 'vision.'],
  ['vision_tower.', 'vision.'],
  ['model.multi_modal_projector.', 'projector.'],
  ['multi_modal_projector.', 'projector.'],
  ['language_model.model.', 'text.'],
  ['language_model.lm_head.', 'head.'],
  ['model.language_model.', 'text.'],
  ['lm_head.', 'head.'],
  ['model.visual.', 'visual.'],
  ['model.vision_model.', 'vision.'],
  ['model.text_model.', 'text.'],
  ['model.connector.', 'connector.'],
  ['model.layers.', 'text.layers.'],
  ['model.embed_tokens.', 'text.embed_tokens.'],
  ['model.norm.', 'text.norm.'],
];

/** Weights come from these files only, so a shard index cannot name a file outside the folder. */
const SHARD_NAME = /^[\w][\w.-]*\.safetensors$/;

const shardIndex = z.object({ weight_map: z.record(z.string(), z.string().regex(SHARD_NAME)) });

/** Opens the headers of `model.safetensors`, or of all shards of `model.safetensors.index.json`. */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const tensors = new Map<string, CheckpointTensor>();
  for (const file of await weightFiles(folder)) {
    for (const [stored, tensor] of await readSafetensors(join(folder, file))) {
      const name = canonicalName(stored);
      const known = tensors.get(name);
      if (known)
        throw new CheckpointError(
          `${folder}: ${stored} in ${file} and ${known.stored} in ${known.file} are the same weight`,
        );
      tensors.set(name, { ...tensor, file, stored });
    }
  }
  return { folder, tensors };
}

export function canonicalName(stored: string): string {
  const rule = renames.find(([prefix]) => stored.startsWith(prefix));
  return rule ? rule[1] + stored.slice(rule[0].length) : stored;
}

async function weightFiles(folder: string): Promise<string[]> {
  if (await exists(join(folder, 'model.safetensors'))) return ['model.safetensors'];
  const index = await readJson(folder, 'model.safetensors.index.json', shardIndex);
  return [...new Set(Object.values(index.weight_map))];
}

/** Reads and checks one JSON file of the folder. Throws CheckpointError with the path of what is wrong. */
export async function readJson<Schema extends z.ZodType>(
  folder: string,
  file: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const path = join(folder, file);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new CheckpointError(`${path}: expected a readable JSON file`, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new CheckpointError(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** As readJson, but undefined where the folder has no such file. */
export async function readOptionalJson<Schema extends z.ZodType>(
  folder: string,
  file: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  return (await exists(join(folder, file))) ? readJson(folder, file, schema) : undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
