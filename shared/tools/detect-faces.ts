import * as z from 'zod';
import { defineTool, imageName, region } from '../tool.ts';

export const detectFaces = defineTool({
  name: 'DetectFaces',
  description:
    'Finds faces in an image. Gives a box for each, and a new image with the boxes drawn. It knows no names.',
  arguments: z.strictObject({ image: imageName }),
  observation: z.object({
    regions: z.array(region).describe('labels face, face-2 ...; empty where there is no face'),
  }),
  examples: [{ arguments: { image: 'image-0' } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: ['faces'],
  imageArguments: ['image'],
  returnsImage: true,
  plannerFields: ['regions'],
  typicalMs: 400,
});
