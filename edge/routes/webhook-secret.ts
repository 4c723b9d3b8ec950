/**
 * GET /v1/webhooks/secret: what signs the webhooks of the key that asks to one endpoint; each URL has its own.
 * POST /v1/webhooks/secret/rotate: a new one. The one before signs as well for a day.
 */

import { invalidRequest, readJsonBody } from '#edge/body';
import type { Route } from '#edge/route';
import { endpointOf, rotateWebhookSecret, webhookSecrets } from '#edge/storage/key-web';
import { type WebhookEndpoint, type WebhookSecret, webhookEndpoint } from '#shared/api/webhook';
import { whyRefused } from '#shared/egress';

export const getWebhookSecret: Route = {
  method: 'GET',
  path: '/v1/webhooks/secret',
  scope: 'webhooks',
  handler: async (c) => {
    const query = webhookEndpoint.safeParse(c.req.query());
    if (!query.success) throw invalidRequest(query.error.issues);
    const endpoint = readEndpoint(query.data);
    const [secret] = await webhookSecrets(c.var.settings.DB, c.var.principal.keyId, endpoint, Date.now());
    const body: WebhookSecret = { endpoint, secret };
    return c.json(body);
  },
};

export const rotateWebhook: Route = {
  method: 'POST',
  path: '/v1/webhooks/secret/rotate',
  scope: 'webhooks',
  handler: async (c) => {
    const { settings, principal } = c.var;
    const endpoint = readEndpoint(await readJsonBody(c, webhookEndpoint));
    const secret = await rotateWebhookSecret(settings.DB, principal.keyId, endpoint, Date.now());
    const body: WebhookSecret = { endpoint, secret };
    return c.json(body);
  },
};

/** @throws ApiError `invalid_request` for what could be no `webhook_url` either. */
function readEndpoint({ url: text }: WebhookEndpoint): string {
  const url = URL.parse(text);
  const reason = url ? whyRefused(url) : 'expected an absolute https URL';
  if (!url || reason !== undefined) throw invalidRequest([{ path: ['url'], message: reason ?? '' }]);
  return endpointOf(url);
}
