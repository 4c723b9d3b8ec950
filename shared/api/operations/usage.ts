/** What was used, what stands of the limits, and what signs webhooks. */
import { USAGE_DAYS_MAX } from '../../limits.ts';
import { endpoint, limitsReport, secret, usageReport, webhookEndpoints } from '../key-examples.ts';
import { BODY_ERRORS, json, type Operation, type Parameter } from '../operation.ts';

const day = (name: string, description: string): Parameter => ({
  in: 'query',
  name,
  description,
  schema: { type: 'string', format: 'date' },
  example: '2026-11-23',
});

export const usageOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/v1/usage',
    operationId: 'getUsage',
    tag: 'usage',
    scope: 'usage:read',
    summary: 'What was used, by day or by key',
    description: `A key sees its own; one with \`keys:admin\` sees its tenant's. Days are those of UTC, at most ${USAGE_DAYS_MAX} at a time, and a few seconds behind.`,
    parameters: [
      day('from', 'The first day; 30 days up to `to` when left out.'),
      day('to', 'The last day; today when left out.'),
      {
        in: 'query',
        name: 'group_by',
        description: 'What the rows are about.',
        schema: { type: 'string', enum: ['day', 'key', 'day,key'], default: 'day' },
        example: 'day',
      },
    ],
    replies: { 200: { description: 'The sums.', content: [json('Usage', usageReport)] } },
    errors: ['invalid_request'],
  },
  {
    method: 'GET',
    path: '/v1/limits',
    operationId: 'getLimits',
    tag: 'usage',
    scope: 'any',
    summary: 'What stands of your own limits',
    description: 'The same as in `RateLimit` of every reply, but all of them.',
    replies: { 200: { description: 'Each limit.', content: [json('Limits', limitsReport)] } },
  },
  {
    method: 'GET',
    path: '/v1/webhooks/secret',
    operationId: 'getWebhookSecret',
    tag: 'webhooks',
    scope: 'webhooks',
    summary: 'Get the secret that signs your webhooks',
    description:
      'Of the key that asks, to one endpoint: each URL has its own, so that one receiver cannot pass for another.',
    parameters: [
      {
        in: 'query',
        name: 'url',
        description: 'The `webhook_url` of runs; its query makes no difference.',
        schema: { type: 'string' },
        example: endpoint,
        required: true,
      },
    ],
    replies: { 200: { description: 'The secret.', content: [json('WebhookSecret', secret)] } },
    errors: ['invalid_request'],
  },
  {
    method: 'POST',
    path: '/v1/webhooks/secret/rotate',
    operationId: 'rotateWebhookSecret',
    tag: 'webhooks',
    scope: 'webhooks',
    summary: 'Make a new secret for your webhooks',
    description:
      'Of one endpoint. The secret before it signs as well for a day, so that no delivery fails meanwhile.',
    body: [json('WebhookEndpoint', webhookEndpoints)],
    replies: { 200: { description: 'The new secret.', content: [json('WebhookSecret')] } },
    errors: [...BODY_ERRORS],
  },
];
