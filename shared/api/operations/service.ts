/** The service itself: its state and its description. */
import { healthy } from '../examples.ts';
import { ifNoneMatch, json, type Operation } from '../operation.ts';

export const serviceOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/healthz',
    operationId: 'getHealth',
    tag: 'service',
    scope: 'public',
    summary: 'State of the edge and its backends',
    description: 'Always 200 while the Worker runs.',
    replies: { 200: { description: 'The state.', content: [json('Health', healthy)] } },
  },
  {
    method: 'GET',
    path: '/readyz',
    operationId: 'getReadiness',
    tag: 'service',
    scope: 'public',
    summary: 'Whether a run could be taken now',
    description: 'For load balancers and probes.',
    replies: {
      200: { description: 'A run could be taken.', content: [json('Health')] },
      503: { description: 'No run could be taken.', content: [json('Health')] },
    },
  },
  {
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    tag: 'service',
    scope: 'public',
    summary: 'This description, as OpenAPI 3.1',
    description: 'It may be cached: ask again with `If-None-Match`.',
    parameters: [ifNoneMatch],
    replies: {
      200: {
        description: 'The document.',
        content: [{ type: 'application/json', schema: 'document' }],
        headers: ['ETag'],
      },
      304: { description: 'It has not changed.', headers: ['ETag'] },
    },
  },
  {
    method: 'GET',
    path: '/docs',
    operationId: 'getDocs',
    tag: 'service',
    scope: 'public',
    summary: 'This description, as a page',
    description: 'One page of HTML that loads nothing else.',
    parameters: [ifNoneMatch],
    replies: {
      200: {
        description: 'The page.',
        content: [{ type: 'text/html', schema: 'page' }],
        headers: ['ETag'],
      },
      304: { description: 'It has not changed.', headers: ['ETag'] },
    },
  },
];
