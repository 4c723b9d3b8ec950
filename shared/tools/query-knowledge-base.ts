import * as z from 'zod';
import { ANSWER_CHARS_MAX, QUERY_CHARS_MAX } from '../limits.ts';
import { defineTool } from '../tool.ts';

export const queryKnowledgeBase = defineTool({
  name: 'QueryKnowledgeBase',
  description: 'Looks a subject up in an encyclopedia and gives the summary of the best article.',
  arguments: z.strictObject({
    query: z
      .string()
      .trim()
      .min(1)
      .max(QUERY_CHARS_MAX)
      .describe('the subject, such as a person, place or thing'),
  }),
  observation: z.object({
    title: z.string(),
    url: z.url(),
    summary: z.string().max(ANSWER_CHARS_MAX),
  }),
  examples: [{ arguments: { query: 'Brandenburg Gate' } }],
  runs: 'edge',
  version: '1',
  // Articles change without our knowing.
  cacheable: false,
  roles: [],
  imageArguments: [],
  returnsImage: false,
  plannerFields: ['title', 'url', 'summary'],
  typicalMs: 500,
});
