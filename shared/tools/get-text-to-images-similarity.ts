import * as z from 'zod';
import { IMAGES_IN_CONVERSATION_MAX, QUERY_CHARS_MAX } from '../limits.ts';
import { defineTool, imageName } from '../tool.ts';

export const getTextToImagesSimilarity = defineTool({
  name: 'GetTextToImagesSimilarity',
  description: 'Compares a text with several images and tells which image fits best.',
  arguments: z.strictObject({
    text: z.string().trim().min(1).max(QUERY_CHARS_MAX),
    images: z.array(imageName).min(1).max(IMAGES_IN_CONVERSATION_MAX),
  }),
  observation: z.object({
    similarity: z.array(z.number().min(-1).max(1)).describe('one number per image, larger fits better'),
    best_image_index: z.int().min(0).describe('place of the best one in images, from 0'),
    best_image: imageName,
  }),
  examples: [{ arguments: { text: 'two people on a bench', images: ['image-0', 'image-1'] } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: ['similarity'],
  imageArguments: ['images'],
  returnsImage: false,
  plannerFields: ['similarity', 'best_image_index', 'best_image'],
  typicalMs: 300,
});
