/** The checkpoint's preprocessor_config.json: how an image becomes numbers, as its image processor says. */
import * as z from 'zod';
import { readOptionalJson } from './checkpoint.ts';
import type { FilterName } from './resample.ts';
import { configSize } from './text-config.ts';

/** OpenAI's statistics, which CLIP and what came of it were trained with. */
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073];
const CLIP_DEVIATION = [0.26862954, 0.26130258, 0.27577711];
const HALF = [0.5, 0.5, 0.5];

/** PIL's numbers. */
const filterOf: Readonly<Record<number, FilterName>> = { 1: 'lanczos', 2: 'bilinear', 3: 'bicubic' };

const side = z.object({ height: configSize, width: configSize });
/** Lengths, or numbers of pixels: that is the processor's affair. */
const edges = z.object({
  shortest_edge: z.int().positive().optional(),
  longest_edge: z.int().positive().optional(),
});

const preprocessorConfig = z.object({
  image_processor_type: z.string().optional(),
  do_convert_rgb: z.boolean().nullish(),
  do_resize: z.literal(true).default(true),
  do_rescale: z.literal(true).default(true),
  do_normalize: z.literal(true).default(true),
  do_center_crop: z.boolean().nullish(),
  do_image_splitting: z.boolean().default(true),
  resample: z
    .union(
      [z.literal(1), z.literal(2), z.literal(3)],
      'only Lanczos (1), bilinear (2) and bicubic (3) resampling are supported',
    )
    .optional(),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  image_mean: z.array(z.number()).length(3).optional(),
  image_std: z.array(z.number().positive()).length(3).optional(),
  size: z.union([configSize, side, edges]).optional(),
  crop_size: z.union([configSize, side]).optional(),
  min_pixels: z.int().positive().optional(),
  max_pixels: z.int().positive().optional(),
  max_image_size: edges.optional(),
});

export type PreprocessorConfig = Omit<
  z.output<typeof preprocessorConfig>,
  'image_mean' | 'image_std' | 'resample'
> & {
  readonly filter: FilterName;
  readonly image_mean: readonly number[];
  readonly image_std: readonly number[];
};

/** What a processor's class does where its file is silent. */
export const processorDefaults = {
  siglip: { image_mean: HALF, image_std: HALF, filter: 'bicubic' },
  clip: { image_mean: CLIP_MEAN, image_std: CLIP_DEVIATION, filter: 'bicubic' },
  idefics3: { image_mean: HALF, image_std: HALF, filter: 'lanczos' },
} as const satisfies Record<string, Pick<PreprocessorConfig, 'image_mean' | 'image_std' | 'filter'>>;

/** Reads the file, or takes the defaults where there is none. Throws CheckpointError. */
export async function readPreprocessor(
  folder: string,
  defaults: (typeof processorDefaults)[keyof typeof processorDefaults],
): Promise<PreprocessorConfig> {
  const { resample, ...read } =
    (await readOptionalJson(folder, 'preprocessor_config.json', preprocessorConfig)) ??
    preprocessorConfig.parse({});
  return {
    ...read,
    image_mean: read.image_mean ?? defaults.image_mean,
    image_std: read.image_std ?? defaults.image_std,
    filter: filterOf[resample ?? 0] ?? defaults.filter,
  };
}
