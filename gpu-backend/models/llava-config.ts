/** The parts of a LLaVA checkpoint's config.json and preprocessor_config.json that the graphs depend on. */
import * as z from 'zod';
import { readJson, readOptionalJson } from './checkpoint.ts';
import { CheckpointError } from './safetensors.ts';

const size = z
  .int()
  .positive()
  .max(1 << 20);

const visionConfig = z.object({
  model_type: z.literal('siglip_vision_model'),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_channels: z.literal(3).default(3),
  image_size: size,
  patch_size: size,
  layer_norm_eps: z.number().positive().default(1e-6),
  hidden_act: z.enum(['gelu_pytorch_tanh', 'gelu']).default('gelu_pytorch_tanh'),
});

const rope = z.object({
  rope_type: z.literal('default').optional(),
  rope_theta: z.number().positive().optional(),
});

const textConfig = z.object({
  model_type: z.enum(['qwen2', 'llama']),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size,
  head_dim: size.nullish(),
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().optional(),
  rope_parameters: rope.nullish(),
  rope_scaling: z.null('scaled rotary positions are not supported').optional(),
  vocab_size: size,
  tie_word_embeddings: z.boolean().default(false),
  max_position_embeddings: size,
  hidden_act: z.literal('silu').default('silu'),
  use_sliding_window: z.literal(false, 'sliding windows are not supported').default(false),
});

const llavaConfig = z
  .object({
    model_type: z.literal('llava'),
    image_token_index: z.int().min(0).optional(),
    image_token_id: z.int().min(0).optional(),
    projector_hidden_act: z.enum(['gelu', 'gelu_pytorch_tanh']).default('gelu'),
    multimodal_projector_bias: z.boolean().default(true),
    vision_feature_layer: z.int('a list of feature layers is not supported').default(-2),
    vision_feature_select_strategy: z.enum(['default', 'full']).default('default'),
    tie_word_embeddings: z.boolean().optional(),
    vision_config: visionConfig,
    text_config: textConfig,
  })
  .refine((config) => (config.image_token_index ?? config.image_token_id) !== undefined, {
    path: ['image_token_index'],
    message: 'the id of the image token is missing',
  });

export type VisionConfig = z.output<typeof visionConfig>;
export type TextConfig = z.output<typeof textConfig> & {
  readonly headSize: number;
  readonly ropeTheta: number;
};

const preprocessorConfig = z.object({
  do_convert_rgb: z.boolean().nullish(),
  do_resize: z.literal(true).default(true),
  do_rescale: z.literal(true).default(true),
  do_normalize: z.literal(true).default(true),
  /** PIL's numbering: 3 is bicubic. */
  resample: z.literal(3, 'only bicubic resampling (3) is supported').default(3),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  image_mean: z.array(z.number()).length(3).default([0.5, 0.5, 0.5]),
  image_std: z.array(z.number().positive()).length(3).default([0.5, 0.5, 0.5]),
  size: z.object({ height: size, width: size }).optional(),
});
export type PreprocessorConfig = z.output<typeof preprocessorConfig>;

export type LlavaConfig = {
  readonly imageToken: number;
  readonly projectorActivation: 'gelu' | 'gelu_pytorch_tanh';
  readonly projectorBias: boolean;
  /** Encoder layers that run before the features are taken. */
  readonly visionLayers: number;
  /** The `default` strategy drops the first patch, where CLIP has its class token. */
  readonly dropsFirstPatch: boolean;
  readonly tiesEmbeddings: boolean;
  readonly vision: VisionConfig;
  readonly text: TextConfig;
  readonly preprocessor: PreprocessorConfig;
  /** Features per image. */
  readonly imageTokens: number;
};

/** Reads and checks the configuration. Throws CheckpointError with the reason why a model cannot be served. */
export async function readLlavaConfig(folder: string): Promise<LlavaConfig> {
  const config = await readJson(folder, 'config.json', llavaConfig);
  const preprocessor =
    (await readOptionalJson(folder, 'preprocessor_config.json', preprocessorConfig)) ??
    preprocessorConfig.parse({});
  const { vision_config: vision, text_config: text } = config;
  const side = vision.image_size / vision.patch_size;
  const dropsFirstPatch = config.vision_feature_select_strategy === 'default';
  const result: LlavaConfig = {
    imageToken: (config.image_token_index ?? config.image_token_id) as number,
    projectorActivation: config.projector_hidden_act,
    projectorBias: config.multimodal_projector_bias,
    visionLayers: featureLayers(config.vision_feature_layer, vision.num_hidden_layers),
    dropsFirstPatch,
    tiesEmbeddings: config.tie_word_embeddings ?? text.tie_word_embeddings,
    vision,
    text: {
      ...text,
      headSize: text.head_dim ?? text.hidden_size / text.num_attention_heads,
      ropeTheta: text.rope_theta ?? text.rope_parameters?.rope_theta ?? 10_000,
    },
    preprocessor,
    imageTokens: Math.floor(side) ** 2 - (dropsFirstPatch ? 1 : 0),
  };
  checkProportions(folder, result);
  return result;
}

/** `hidden_states` has the embeddings first, then one entry per layer; -1 is the last layer, before the final norm. */
function featureLayers(layer: number, count: number): number {
  const layers = layer < 0 ? count + 1 + layer : layer;
  if (layers < 0 || layers > count) {
    throw new CheckpointError(`vision_feature_layer ${layer} does not exist in a tower of ${count} layers`);
  }
  return layers;
}

function checkProportions(folder: string, { vision, text, preprocessor, imageToken }: LlavaConfig): void {
  const rules: ReadonlyArray<readonly [boolean, string]> = [
    [
      vision.hidden_size % vision.num_attention_heads === 0,
      'vision hidden_size must be a multiple of its heads',
    ],
    [
      text.num_attention_heads % text.num_key_value_heads === 0,
      'text heads must be a multiple of the key-value heads',
    ],
    [Number.isInteger(text.headSize) && text.headSize % 2 === 0, 'the text head size must be even'],
    [vision.image_size >= vision.patch_size, 'image_size must be at least patch_size'],
    [imageToken < text.vocab_size, 'image_token_index must be smaller than vocab_size'],
    [
      preprocessor.size === undefined ||
        (preprocessor.size.height === vision.image_size && preprocessor.size.width === vision.image_size),
      'the size in preprocessor_config.json must be the image_size of the tower',
    ],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken) throw new CheckpointError(`${folder}/config.json: ${broken[1]}`);
}
