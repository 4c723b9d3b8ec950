import * as z from 'zod';
import { defineTool, imageName } from '../tool.ts';

const point = z.tuple([z.number(), z.number()]);

export const visualizeDepth = defineTool({
  name: 'VisualizeDepth',
  description:
    'Shows how far away every part of an image is as a new image in colours: bright is near, dark is far.',
  arguments: z.strictObject({ image: imageName }),
  observation: z.object({
    nearest: point.describe('[x, y] of the nearest point, each 0..1 of the image width or height'),
    farthest: point.describe('[x, y] of the farthest point'),
  }),
  examples: [{ arguments: { image: 'image-0' } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: ['depth'],
  imageArguments: ['image'],
  returnsImage: true,
  plannerFields: ['nearest', 'farthest'],
  typicalMs: 800,
});
