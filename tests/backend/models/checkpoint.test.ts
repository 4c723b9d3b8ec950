import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canonicalName, openCheckpoint } from '#backend/models/checkpoint';
import { openLlava } from '#backend/models/llava';
import { readLlavaConfig } from '#backend/models/llava-config';
import { CheckpointError } from '#backend/models/safetensors';
import { fixtureFolder } from './fixture.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterEach(async () => rm(folder, { recursive: true }));

async function edit(file: string, change: (value: Record<string, unknown>) => unknown): Promise<void> {
  const path = join(folder, file);
  await writeFile(
    path,
    JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>)),
  );
}

test('both spellings of the weight names mean the same', async () => {
  const classic = await openCheckpoint(fixtureFolder('grouped-f32'));
  const recent = await openCheckpoint(fixtureFolder('sharded-bf16'));
  expect([...recent.tensors.keys()].sort()).toEqual([...classic.tensors.keys()].sort());
  expect(canonicalName('language_model.model.embed_tokens.weight')).toBe('text.embed_tokens.weight');
  expect(canonicalName('model.vision_tower.vision_model.post_layernorm.bias')).toBe(
    'vision.post_layernorm.bias',
  );
});

test('a shard index cannot name a file outside of the folder', async () => {
  await cp(fixtureFolder('sharded-bf16'), folder, { recursive: true });
  await edit('model.safetensors.index.json', () => ({ weight_map: { a: '../model.safetensors' } }));
  await expect(openCheckpoint(folder)).rejects.toThrow(CheckpointError);
});

test('a folder without weights is refused', async () => {
  await expect(openCheckpoint(folder)).rejects.toThrow(
    /model\.safetensors\.index\.json: expected a readable JSON file/,
  );
});

test('a width that the weights do not have is refused by name', async () => {
  await cp(fixtureFolder('tied-f16'), folder, { recursive: true });
  await edit('config.json', (config) => ({
    ...config,
    text_config: { ...(config['text_config'] as object), intermediate_size: 60 },
  }));
  const opened = openLlava(folder, { device: 'cpu', threads: 1 });
  await expect(opened).rejects.toThrow(
    /gate_proj\.weight has shape \[56,32\], config\.json asks for \[60,32\]/,
  );
});

const unsupported: ReadonlyArray<readonly [string, object, RegExp]> = [
  ['another architecture', { model_type: 'llava_next' }, /model_type/],
  ['a layer that the tower lacks', { vision_feature_layer: -5 }, /vision_feature_layer -5/],
  ['several feature layers', { vision_feature_layer: [-2, -1] }, /list of feature layers/],
  ['no image token', { image_token_index: undefined }, /image token is missing/],
  ['an image token outside of the vocabulary', { image_token_index: 100_000 }, /image_token_index/],
];

test.each(unsupported)('%s is refused with a reason', async (_, change, reason) => {
  await cp(fixtureFolder('tied-f16'), folder, { recursive: true });
  await edit('config.json', (config) => ({ ...config, ...change }));
  const read = readLlavaConfig(folder);
  await expect(read).rejects.toThrow(CheckpointError);
  await expect(read).rejects.toThrow(reason);
});
