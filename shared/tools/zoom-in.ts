import * as z from 'zod';
import { ZOOM_FACTOR_MAX } from '../limits.ts';
import { boundingBox, defineTool, imageName } from '../tool.ts';

export const zoomIn = defineTool({
  name: 'ZoomIn',
  description: 'Cuts a box out of an image as Crop does and enlarges it, so that fine print can be read.',
  arguments: z.strictObject({
    image: imageName,
    bbox: boundingBox,
    zoom_factor: z
      .number()
      .gt(1)
      .max(ZOOM_FACTOR_MAX)
      .describe(`how many times larger, above 1 and at most ${ZOOM_FACTOR_MAX}`),
  }),
  observation: z.object({
    bbox: boundingBox.describe('the part of the source image that the new image shows'),
    zoom_factor: z
      .number()
      .describe('the enlargement that was done; less than asked where the image would grow too large'),
  }),
  examples: [{ arguments: { image: 'image-0', bbox: [0.4, 0.6, 0.7, 0.8], zoom_factor: 2 } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: [],
  imageArguments: ['image'],
  returnsImage: true,
  plannerFields: [],
  typicalMs: 100,
});
