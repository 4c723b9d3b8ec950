import * as z from 'zod';
import { LABELS_MAX } from '../limits.ts';
import { defineTool, imageName, label, note, region } from '../tool.ts';

export const localizeObjects = defineTool({
  name: 'LocalizeObjects',
  description:
    'Finds the named objects in an image. Gives a box and a score for each, and a new image with the boxes drawn.',
  arguments: z.strictObject({
    image: imageName,
    objects: z.array(label).min(1).max(LABELS_MAX).describe('what to look for, such as ["dog", "red cup"]'),
  }),
  observation: z.object({
    regions: z.array(region).describe('best score first; empty where nothing was found'),
    note,
  }),
  examples: [{ arguments: { image: 'image-0', objects: ['bicycle', 'helmet'] } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: ['objects'],
  imageArguments: ['image'],
  returnsImage: true,
  plannerFields: ['regions', 'note'],
  typicalMs: 800,
});
