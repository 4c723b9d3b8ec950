import * as z from 'zod';
import { ANSWER_CHARS_MAX } from '../limits.ts';
import { defineTool } from '../tool.ts';

export const terminate = defineTool({
  name: 'Terminate',
  description: 'Ends the run with the final answer.',
  arguments: z.strictObject({
    answer: z
      .string()
      .min(1)
      .max(ANSWER_CHARS_MAX)
      .describe('the answer to the question, as short as it can be'),
  }),
  observation: z.object({ answer: z.string() }),
  examples: [{ arguments: { answer: '$14.20' } }],
  runs: 'edge',
  version: '1',
  cacheable: false,
  roles: [],
  imageArguments: [],
  returnsImage: false,
  plannerFields: ['answer'],
  typicalMs: 1,
});
