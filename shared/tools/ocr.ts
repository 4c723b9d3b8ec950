import * as z from 'zod';
import { boundingBox, defineTool, imageName } from '../tool.ts';

export const ocr = defineTool({
  name: 'OCR',
  description:
    'Reads all text in an image. Rows stay rows, in reading order. The text is empty where the image has none.',
  arguments: z.strictObject({ image: imageName }),
  observation: z.object({
    text: z.string().describe('the rows of the text, top to bottom, joined by line feeds'),
    regions: z.array(z.object({ text: z.string(), bbox: boundingBox, score: z.number().min(0).max(1) })),
  }),
  examples: [{ arguments: { image: 'image-0' } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: ['text-detection', 'text-recognition'],
  imageArguments: ['image'],
  returnsImage: false,
  plannerFields: ['text'],
  typicalMs: 900,
});
