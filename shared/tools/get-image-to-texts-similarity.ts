import * as z from 'zod';
import { LABELS_MAX, QUERY_CHARS_MAX } from '../limits.ts';
import { defineTool, imageName } from '../tool.ts';

export const getImageToTextsSimilarity = defineTool({
  name: 'GetImageToTextsSimilarity',
  description: 'Compares an image with several texts and tells which text fits best.',
  arguments: z.strictObject({
    image: imageName,
    texts: z.array(z.string().trim().min(1).max(QUERY_CHARS_MAX)).min(1).max(LABELS_MAX),
  }),
  observation: z.object({
    similarity: z.array(z.number().min(-1).max(1)).describe('one number per text, larger fits better'),
    best_text_index: z.int().min(0).describe('place of the best one in texts, from 0'),
    best_text: z.string(),
  }),
  examples: [{ arguments: { image: 'image-0', texts: ['a street at night', 'a street by day'] } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: ['similarity'],
  imageArguments: ['image'],
  returnsImage: false,
  plannerFields: ['similarity', 'best_text_index', 'best_text'],
  typicalMs: 200,
});
