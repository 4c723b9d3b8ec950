import * as z from 'zod';
import { ANSWER_CHARS_MAX, QUERY_CHARS_MAX } from '../limits.ts';
import { defineTool } from '../tool.ts';

export const queryLanguageModel = defineTool({
  name: 'QueryLanguageModel',
  description:
    'Asks a language model a question of general knowledge. It sees neither the images nor this conversation.',
  arguments: z.strictObject({
    query: z.string().trim().min(1).max(QUERY_CHARS_MAX).describe('a question that stands on its own'),
  }),
  observation: z.object({ result: z.string().max(ANSWER_CHARS_MAX) }),
  examples: [{ arguments: { query: 'At what temperature does water boil at 3,000 m above the sea?' } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: ['language'],
  imageArguments: [],
  returnsImage: false,
  plannerFields: ['result'],
  setup:
    'set LANGUAGE_URL and LANGUAGE_MODEL of the backend to a model that speaks the OpenAI API, or serve a planner whose planner.json says "language": true',
  typicalMs: 3_000,
});
