/** A LLaVA checkpoint of seeded noise with real proportions: there is speed in it, but no sense. */
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomOf } from '#training/random';

/** About 40 million parameters in the decoder, 21 million in the tower, 729 rows for an image. */
const text = {
  model_type: 'llama',
  hidden_size: 512,
  intermediate_size: 1408,
  num_hidden_layers: 8,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  head_dim: 64,
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  vocab_size: 32_000,
  tie_word_embeddings: true,
  max_position_embeddings: 8192,
};
const vision = {
  model_type: 'siglip_vision_model',
  hidden_size: 384,
  intermediate_size: 1536,
  num_hidden_layers: 12,
  num_attention_heads: 6,
  image_size: 378,
  patch_size: 14,
};
const config = {
  model_type: 'llava',
  image_token_index: 31_999,
  vision_feature_layer: -1,
  vision_feature_select_strategy: 'full',
  tie_word_embeddings: true,
  text_config: text,
  vision_config: vision,
};
const SEED = 20_261_125;

type Shapes = Record<string, readonly number[]>;

/** The folder of the checkpoint; it is written to the system's folder for temporary files once. */
export async function syntheticCheckpoint(): Promise<string> {
  const folder = join(tmpdir(), `taco-edge-bench-${SEED}`);
  if (existsSync(folder)) return folder;
  const draft = `${folder}-${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  await writeFile(join(draft, 'config.json'), JSON.stringify(config));
  await writeWeights(join(draft, 'model.safetensors'), shapes());
  await rename(draft, folder);
  return folder;
}

function shapes(): Shapes {
  const result: Shapes = {
    'language_model.model.embed_tokens.weight': [text.vocab_size, text.hidden_size],
    'language_model.model.norm.weight': [text.hidden_size],
    'multi_modal_projector.linear_1.weight': [text.hidden_size, vision.hidden_size],
    'multi_modal_projector.linear_1.bias': [text.hidden_size],
    'multi_modal_projector.linear_2.weight': [text.hidden_size, text.hidden_size],
    'multi_modal_projector.linear_2.bias': [text.hidden_size],
  };
  for (let layer = 0; layer < text.num_hidden_layers; layer++) addDecoderLayer(result, layer);
  const tower = 'vision_tower.vision_model';
  const patches = (vision.image_size / vision.patch_size) ** 2;
  const { hidden_size: wide, patch_size: patch } = vision;
  result[`${tower}.embeddings.patch_embedding.weight`] = [wide, 3, patch, patch];
  result[`${tower}.embeddings.patch_embedding.bias`] = [wide];
  result[`${tower}.embeddings.position_embedding.weight`] = [patches, wide];
  for (let layer = 0; layer < vision.num_hidden_layers; layer++) {
    const name = `${tower}.encoder.layers.${layer}`;
    addLinear(result, `${name}.mlp.fc1`, wide, vision.intermediate_size);
    addLinear(result, `${name}.mlp.fc2`, vision.intermediate_size, wide);
    for (const part of ['q', 'k', 'v', 'out'])
      addLinear(result, `${name}.self_attn.${part}_proj`, wide, wide);
    for (const norm of ['layer_norm1', 'layer_norm2']) {
      result[`${name}.${norm}.weight`] = [wide];
      result[`${name}.${norm}.bias`] = [wide];
    }
  }
  return result;
}

function addDecoderLayer(result: Shapes, layer: number): void {
  const name = `language_model.model.layers.${layer}`;
  const { hidden_size: hidden, intermediate_size: inner, head_dim: size } = text;
  for (const norm of ['input_layernorm', 'post_attention_layernorm'])
    result[`${name}.${norm}.weight`] = [hidden];
  result[`${name}.self_attn.q_proj.weight`] = [text.num_attention_heads * size, hidden];
  result[`${name}.self_attn.k_proj.weight`] = [text.num_key_value_heads * size, hidden];
  result[`${name}.self_attn.v_proj.weight`] = [text.num_key_value_heads * size, hidden];
  result[`${name}.self_attn.o_proj.weight`] = [hidden, text.num_attention_heads * size];
  result[`${name}.mlp.gate_proj.weight`] = [inner, hidden];
  result[`${name}.mlp.up_proj.weight`] = [inner, hidden];
  result[`${name}.mlp.down_proj.weight`] = [hidden, inner];
}

function addLinear(result: Shapes, name: string, input: number, output: number): void {
  result[`${name}.weight`] = [output, input];
  result[`${name}.bias`] = [output];
}

const product = (shape: readonly number[]): number => shape.reduce((all, side) => all * side, 1);

/** Uniform noise whose products keep their size: variance 1 / input; norms are near one. */
async function writeWeights(path: string, tensors: Shapes): Promise<void> {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(tensors)) {
    const end = offset + product(shape) * Float32Array.BYTES_PER_ELEMENT;
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padding = (8 - (json.length % 8)) % 8;
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.length + padding));
  const file = await open(path, 'w');
  try {
    await file.write(Buffer.concat([prefix, json, Buffer.alloc(padding, ' ')]));
    const random = randomOf(SEED);
    for (const [name, shape] of Object.entries(tensors)) {
      const isNorm = name.includes('norm') && name.endsWith('weight');
      const inputs = name.includes('embed_tokens') ? 1 : product(shape.slice(1));
      const reach = isNorm || shape.length === 1 ? 0.1 : Math.sqrt(3 / inputs);
      const values = new Float32Array(product(shape));
      for (let index = 0; index < values.length; index++)
        values[index] = (isNorm ? 1 : 0) + reach * (2 * random.next() - 1);
      await file.write(new Uint8Array(values.buffer));
    }
  } finally {
    await file.close();
  }
}
