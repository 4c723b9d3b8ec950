import * as z from 'zod';
import { IMAGES_IN_CONVERSATION_MAX } from '../limits.ts';
import { defineTool, imageName } from '../tool.ts';

export const getImageToImagesSimilarity = defineTool({
  name: 'GetImageToImagesSimilarity',
  description: 'Compares one image with others and names the most similar one.',
  arguments: z.strictObject({
    image: imageName,
    other_images: z.array(imageName).min(1).max(IMAGES_IN_CONVERSATION_MAX),
  }),
  observation: z.object({
    similarity: z
      .array(z.number().min(-1).max(1))
      .describe('one number per other image, larger is more similar'),
    best_image_index: z.int().min(0).describe('place of the best one in other_images, from 0'),
    best_image: imageName,
  }),
  examples: [{ arguments: { image: 'image-0', other_images: ['image-1', 'image-2'] } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  // A fixed descriptor takes the place of a model that there is not.
  roles: [],
  imageArguments: ['image', 'other_images'],
  returnsImage: false,
  plannerFields: ['similarity', 'best_image_index', 'best_image'],
  typicalMs: 300,
});
