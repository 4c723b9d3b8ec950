import * as z from 'zod';
import { ANSWER_CHARS_MAX, EQUATION_CHARS_MAX } from '../limits.ts';
import { defineTool } from '../tool.ts';

export const solveMathEquation = defineTool({
  name: 'SolveMathEquation',
  description: 'Solves an equation or a small system of equations, exactly where it can.',
  arguments: z.strictObject({
    query: z
      .string()
      .trim()
      .min(1)
      .max(EQUATION_CHARS_MAX)
      .describe('equations, in symbols or with plain words around them, such as "x^2 = 9, what is x?"'),
  }),
  observation: z.object({
    result: z.string().max(ANSWER_CHARS_MAX).describe('such as "x = -3 or x = 3"'),
    solutions: z
      .array(
        z.record(
          z.string(),
          z.object({
            exact: z.string().nullable().describe('such as "sqrt(2)"; null where there is only the number'),
            numeric: z.number().describe('the value, or the real part of a complex one'),
            imaginary: z.number().optional(),
          }),
        ),
      )
      .describe('by unknown, one entry a solution; empty where there are none or infinitely many'),
  }),
  examples: [
    { arguments: { query: '3x + 5 = 20, what is x?' } },
    { arguments: { query: 'x + y = 10, x - y = 2' } },
  ],
  runs: 'edge',
  version: '1',
  cacheable: true,
  roles: [],
  imageArguments: [],
  returnsImage: false,
  plannerFields: ['result'],
  typicalMs: 20,
});
