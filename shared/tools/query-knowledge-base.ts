import * as z from 'zod';
import { ANSWER_CHARS_MAX, QUERY_CHARS_MAX } from '../limits.ts';
import { defineTool } from '../tool.ts';

export const queryKnowledgeBase = defineTool({
  name: 'QueryKnowledgeBase',
  description:
    'Looks a subject up in the documents of the caller, then in an encyclopedia, and gives the best passage.',
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
    url: z.url().optional().describe('absent for a document that was stored without one'),
    summary: z.string().max(ANSWER_CHARS_MAX),
    source: z.enum(['documents', 'encyclopedia']),
    note: z.string().optional(),
    document_id: z.string().optional().describe('for GET /v1/knowledge/{id}; absent for an article'),
  }),
  examples: [{ arguments: { query: 'Brandenburg Gate' } }],
  runs: 'edge',
  version: '2',
  // Documents and articles change without our knowing.
  cacheable: false,
  roles: [],
  imageArguments: [],
  returnsImage: false,
  plannerFields: ['title', 'url', 'summary'],
  typicalMs: 10,
});
