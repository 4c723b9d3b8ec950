import * as z from 'zod';
import { EXPRESSION_CHARS_MAX } from '../limits.ts';
import { defineTool } from '../tool.ts';

export const calculate = defineTool({
  name: 'Calculate',
  description:
    'Computes an arithmetic expression: + - * / ^ (or **) // % and parentheses, sqrt, round, min, max, sum, mean and the like. Also 15% of 80, 80 + 15%, $1,234.50, 2(3+4). Between arguments a comma separates, log is natural, angles are in radians. One finite number comes back.',
  arguments: z.strictObject({
    expression: z
      .string()
      .min(1)
      .max(EXPRESSION_CHARS_MAX)
      .describe('an arithmetic expression of plain numbers, without units, words or "="'),
  }),
  observation: z.object({ result: z.number() }),
  examples: [{ arguments: { expression: '2 * 4.50 + 3.20' } }],
  runs: 'edge',
  version: '1',
  cacheable: true,
  roles: [],
  imageArguments: [],
  returnsImage: false,
  plannerFields: ['result'],
  typicalMs: 1,
});
