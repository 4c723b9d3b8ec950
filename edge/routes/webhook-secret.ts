/**
 * GET /v1/webhooks/secret: what signs the webhooks of the key that asks; made when first asked for.
 * POST /v1/webhooks/secret/rotate: a new one. The one before signs as well for a day.
 */

import type { Route } from '#edge/route';
import { rotateWebhookSecret, webhookSecrets } from '#edge/storage/key-web';
import type { WebhookSecret } from '#shared/api/webhook';

export const getWebhookSecret: Route = {
  method: 'GET',
  path: '/v1/webhooks/secret',
  handler: async (c) => {
    const [secret] = await webhookSecrets(c.var.settings.DB, c.var.principal.keyId, Date.now());
    const body: WebhookSecret = { secret };
    return c.json(body);
  },
};

export const rotateWebhook: Route = {
  method: 'POST',
  path: '/v1/webhooks/secret/rotate',
  handler: async (c) => {
    const { settings, principal } = c.var;
    const body: WebhookSecret = {
      secret: await rotateWebhookSecret(settings.DB, principal.keyId, Date.now()),
    };
    return c.json(body);
  },
};
