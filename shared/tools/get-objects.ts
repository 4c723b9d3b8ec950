import * as z from 'zod';
import { defineTool, imageName } from '../tool.ts';

export const getObjects = defineTool({
  name: 'GetObjects',
  description: 'Lists what is to be seen in an image, without places.',
  arguments: z.strictObject({ image: imageName }),
  observation: z.object({ objects: z.array(z.string()).describe('names, most certain first') }),
  examples: [{ arguments: { image: 'image-0' } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: [['tags', 'objects']],
  imageArguments: ['image'],
  returnsImage: false,
  plannerFields: ['objects'],
  typicalMs: 500,
});
