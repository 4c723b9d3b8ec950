/** The decoder's part of a checkpoint's config.json: the Llama and Qwen2 families. */
import * as z from 'zod';
import { CheckpointError } from './safetensors.ts';

export const configSize = z
  .int()
  .positive()
  .max(1 << 20);

/** What transformers leaves out of config.json, because it is the default of the class. */
const defaults = {
  llama: {
    hidden_size: 4096,
    intermediate_size: 11_008,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    rms_norm_eps: 1e-6,
    vocab_size: 32_000,
    max_position_embeddings: 2048,
  },
  qwen2: {
    hidden_size: 4096,
    intermediate_size: 22_016,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 32,
    rms_norm_eps: 1e-6,
    vocab_size: 151_936,
    max_position_embeddings: 32_768,
  },
} as const;

const families = {
  llama: 'llama',
  qwen2: 'qwen2',
  qwen2_vl: 'qwen2',
  qwen2_vl_text: 'qwen2',
  llava_qwen: 'qwen2',
} as const satisfies Record<string, keyof typeof defaults>;

const rope = z
  .object({
    rope_type: z.string().optional(),
    /** The name of `rope_type` before transformers 4.43. */
    type: z.string().optional(),
    rope_theta: z.number().positive().optional(),
    factor: z.number().positive().default(1),
    low_freq_factor: z.number().positive().default(1),
    high_freq_factor: z.number().positive().default(4),
    original_max_position_embeddings: configSize.default(8192),
    mrope_section: z.array(configSize).length(3).optional(),
  })
  .nullish();

export const textConfig = z.preprocess(
  withDefaults,
  z.object({
    model_type: z.enum(Object.keys(families) as [keyof typeof families]),
    hidden_size: configSize,
    intermediate_size: configSize,
    num_hidden_layers: configSize,
    num_attention_heads: configSize,
    num_key_value_heads: configSize,
    head_dim: configSize.nullish(),
    rms_norm_eps: z.number().positive(),
    rope_theta: z.number().positive().optional(),
    rope_parameters: rope,
    rope_scaling: rope,
    vocab_size: configSize,
    tie_word_embeddings: z.boolean().default(false),
    max_position_embeddings: configSize,
    hidden_act: z.literal('silu').default('silu'),
    use_sliding_window: z.literal(false, 'sliding windows are not supported').default(false),
  }),
);

function withDefaults(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const type = 'model_type' in value ? String(value.model_type) : '';
  if (!Object.hasOwn(families, type)) return value;
  const known: Record<string, unknown> = { ...defaults[families[type as keyof typeof families]], ...value };
  return { ...known, num_key_value_heads: known['num_key_value_heads'] ?? known['num_attention_heads'] };
}

/** Frequency of one pair of dimensions from the unscaled one, in float32. */
type RopeScaling = (frequency: number) => number;

export type TextConfig = Omit<z.output<typeof textConfig>, 'model_type'> & {
  readonly headSize: number;
  readonly ropeTheta: number;
  readonly scaleFrequency: RopeScaling;
  /** Pairs of dimensions that turn by time, height and width; absent where positions are plain numbers. */
  readonly ropeSections: readonly number[] | undefined;
};

type Rope = NonNullable<z.output<typeof rope>>;

const unscaled: RopeScaling = (frequency) => frequency;

/** By `rope_type`; `mrope` has its sections beside it. */
const scalings: Readonly<Record<string, (parameters: Rope) => RopeScaling>> = {
  default: () => unscaled,
  mrope: () => unscaled,
  linear:
    ({ factor }) =>
    (frequency) =>
      Math.fround(frequency / factor),
  llama3: llama3Scaling,
};

/** Llama 3.1: long waves are stretched by the factor, short ones are kept, and those between blend. */
function llama3Scaling({
  factor,
  low_freq_factor: low,
  high_freq_factor: high,
  original_max_position_embeddings: context,
}: Rope): RopeScaling {
  return (frequency) => {
    const wave = Math.fround((2 * Math.PI) / frequency);
    if (wave > context / low) return Math.fround(frequency / factor);
    if (wave < context / high) return frequency;
    const smooth = (context / wave - low) / (high - low);
    return Math.fround(((1 - smooth) * frequency) / factor + smooth * frequency);
  };
}

/** The text model's sizes with what follows from them. Throws CheckpointError where it cannot be served. */
export function textConfigOf(folder: string, parsed: z.output<typeof textConfig>): TextConfig {
  const parameters: Rope | undefined = parsed.rope_parameters ?? parsed.rope_scaling ?? undefined;
  const type = parameters?.rope_type ?? parameters?.type ?? 'default';
  const scaling = scalings[type];
  const fail = (what: string): CheckpointError => new CheckpointError(`${folder}/config.json: ${what}`);
  if (!scaling) {
    throw fail(
      `rotary positions of type ${JSON.stringify(type)} are not supported; ${Object.keys(scalings).join(', ')} are`,
    );
  }
  const headSize = parsed.head_dim ?? parsed.hidden_size / parsed.num_attention_heads;
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) throw fail('the text head size must be even');
  if (parsed.num_attention_heads % parsed.num_key_value_heads !== 0)
    throw fail('text heads must be a multiple of the key-value heads');
  const sections = parameters?.mrope_section;
  if (sections && sections.reduce((sum, section) => sum + section, 0) !== headSize / 2)
    throw fail('mrope_section must add up to half of the text head size');
  return {
    ...parsed,
    headSize,
    ropeTheta: parsed.rope_theta ?? parameters?.rope_theta ?? 10_000,
    scaleFrequency: parameters ? scaling(parameters) : unscaled,
    ropeSections: sections,
  };
}
