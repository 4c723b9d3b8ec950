import * as z from 'zod';
import { boundingBox, defineTool, imageName } from '../tool.ts';

export const ocr = defineTool({
  name: 'OCR',
  description:
    'Reads all text in an image. Rows stay rows, in reading order. The text is empty where the image has none.',
  arguments: z.strictObject({ image: imageName }),
  observation: z.object({
    text: z.string().describe('the rows of the text, top to bottom, joined by line feeds'),
    regions: z.array(
      z.object({
        text: z.string(),
        bbox: boundingBox,
        score: z.number().min(0).max(1),
        words: z
          .array(z.object({ text: z.string(), bbox: boundingBox }))
          .optional()
          .describe('the words of the text and their places, where there are several and room for them'),
      }),
    ),
    rotation: z
      .literal([90, 180, 270])
      .optional()
      .describe(
        'degrees clockwise by which the main text is turned in the image; left out where it is upright',
      ),
    tables: z
      .array(z.object({ rows: z.array(z.array(z.string())), bbox: boundingBox }))
      .optional()
      .describe('rows of cells that stand in columns; an empty cell is an empty string'),
  }),
  examples: [{ arguments: { image: 'image-0' } }],
  runs: 'backend',
  version: '2',
  cacheable: true,
  roles: ['text-detection', 'text-recognition'],
  imageArguments: ['image'],
  returnsImage: false,
  plannerFields: ['text'],
  typicalMs: 900,
});
