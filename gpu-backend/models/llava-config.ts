/** The parts of a LLaVA checkpoint's config.json that the graphs depend on. */
import * as z from 'zod';
import { readJson } from './checkpoint.ts';
import { type PreprocessorConfig, readPreprocessor } from './preprocessor-config.ts';
import { CheckpointError } from './safetensors.ts';
import { textConfig, textConfigOf } from './text-config.ts';
import type { DecoderConfig } from './vision-language.ts';
import { towers, type VisionConfig, visionConfig } from './vision-tower.ts';

/** What LLaVA and all that came of it say of the way from pixels to rows. */
export const featureFields = {
  image_token_index: z.int().min(0).optional(),
  image_token_id: z.int().min(0).optional(),
  projector_hidden_act: z.enum(['gelu', 'gelu_pytorch_tanh']).default('gelu'),
  multimodal_projector_bias: z.boolean().default(true),
  vision_feature_layer: z.int('a list of feature layers is not supported').default(-2),
  vision_feature_select_strategy: z.enum(['default', 'full']).default('default'),
  tie_word_embeddings: z.boolean().optional(),
  vision_config: visionConfig,
  text_config: textConfig,
};

const llavaConfig = z.object({ ...featureFields, model_type: z.literal('llava') });

export type FeatureConfig = DecoderConfig & {
  /** Rows of one square of pixels. */
  readonly imageTokens: number;
  readonly projectorActivation: 'gelu' | 'gelu_pytorch_tanh';
  readonly projectorBias: boolean;
  /** Encoder layers that run before the features are taken. */
  readonly visionLayers: number;
  /** The `default` strategy drops the first row: CLIP's class token, and a patch of SigLIP, which has none. */
  readonly dropsFirstRow: boolean;
  readonly vision: VisionConfig;
  readonly preprocessor: PreprocessorConfig;
};

export type LlavaConfig = FeatureConfig;

/** Reads and checks the configuration. Throws CheckpointError with the reason why a model cannot be served. */
export async function readLlavaConfig(folder: string): Promise<LlavaConfig> {
  const config = await featureConfigOf(folder, await readJson(folder, 'config.json', llavaConfig));
  const { preprocessor, vision } = config;
  checkSquare(folder, preprocessor, vision.image_size);
  return config;
}

type ReadFeatures = z.output<z.ZodObject<typeof featureFields>>;

/** Throws CheckpointError where the parts do not fit together. */
export async function featureConfigOf(folder: string, config: ReadFeatures): Promise<FeatureConfig> {
  const { vision_config: vision } = config;
  const text = textConfigOf(folder, config.text_config);
  const tower = towers[vision.model_type];
  const imageToken = config.image_token_index ?? config.image_token_id;
  if (imageToken === undefined) {
    throw new CheckpointError(
      `${folder}/config.json: image_token_index: the id of the image token is missing`,
    );
  }
  const dropsFirstRow = config.vision_feature_select_strategy === 'default';
  const patches = Math.floor(vision.image_size / vision.patch_size) ** 2;
  const result: FeatureConfig = {
    imageToken,
    imageText: '<image>',
    projectorActivation: config.projector_hidden_act,
    projectorBias: config.multimodal_projector_bias,
    visionLayers: featureLayers(config.vision_feature_layer, vision.num_hidden_layers),
    dropsFirstRow,
    tiesEmbeddings: config.tie_word_embeddings ?? text.tie_word_embeddings,
    vision,
    text,
    preprocessor: await readPreprocessor(folder, tower.processor),
    imageTokens: patches + (tower.hasClassToken ? 1 : 0) - (dropsFirstRow ? 1 : 0),
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

function checkProportions(
  folder: string,
  { vision, text, imageToken }: Pick<FeatureConfig, 'vision' | 'text' | 'imageToken'>,
): void {
  const rules: ReadonlyArray<readonly [boolean, string]> = [
    [
      vision.hidden_size % vision.num_attention_heads === 0,
      'vision hidden_size must be a multiple of its heads',
    ],
    [vision.image_size >= vision.patch_size, 'image_size must be at least patch_size'],
    [imageToken < text.vocab_size, 'image_token_index must be smaller than vocab_size'],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken) throw new CheckpointError(`${folder}/config.json: ${broken[1]}`);
}

/** One square of the tower's size is made of every image, so the processor must want just that. */
function checkSquare(folder: string, { size, crop_size: crop }: PreprocessorConfig, side: number): void {
  for (const wanted of [size, crop]) {
    const sides = typeof wanted === 'object' ? Object.values(wanted) : wanted === undefined ? [] : [wanted];
    if (sides.every((length) => length === undefined || length === side)) continue;
    throw new CheckpointError(
      `${folder}/config.json: the size in preprocessor_config.json must be the image_size of the tower`,
    );
  }
}
