import * as z from 'zod';
import { boundingBox, defineTool, imageName } from '../tool.ts';

export const crop = defineTool({
  name: 'Crop',
  description:
    'Cuts a box out of an image, with a margin of a quarter of its size on each side, and shows it as a new image.',
  arguments: z.strictObject({ image: imageName, bbox: boundingBox }),
  observation: z.object({
    bbox: boundingBox.describe('the part of the source image that the new image shows'),
  }),
  examples: [{ arguments: { image: 'image-0', bbox: [0.33, 0.21, 0.58, 0.46] } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: [],
  imageArguments: ['image'],
  returnsImage: true,
  plannerFields: [],
  typicalMs: 60,
});
