/** Tells a caller's server that a run has ended: Standard Webhooks, signed with the secrets of the endpoint. */
import { Webhook } from 'standardwebhooks';
import { BackendFailure, publicError } from '#edge/backend/failure';
import { backendOf } from '#edge/backend/index';
import type { Settings } from '#edge/env';
import { endpointOf, webhookSecrets } from '#edge/storage/key-web';
import { whyRefused } from '#shared/egress';
import { ApiError } from '#shared/errors';
import { WEBHOOK_ATTEMPTS_MAX } from '#shared/limits';
import { endings, isTerminal, type RunState } from './state.ts';
import { summaryView } from './view.ts';

/** @throws ApiError `url_not_allowed`, or what keeps the host's addresses from being looked up. */
export async function checkWebhookUrl(settings: Settings, text: string): Promise<void> {
  const refuse = (message: string) =>
    new ApiError('url_not_allowed', message, { errors: [{ path: 'webhook_url', message }] });
  const url = URL.parse(text);
  const reason = url ? whyRefused(url) : 'expected an absolute https URL';
  if (!url || reason !== undefined) throw refuse(reason ?? '');
  try {
    // Only the backend can see the addresses of the name.
    await backendOf(settings).checkUrl(url.href);
  } catch (error) {
    if (!(error instanceof BackendFailure) || error.kind !== 'refusal') throw error;
    throw refuse(publicError(error).message);
  }
}

/**
 * One attempt. True when no other is needed: it was taken, or the receiver says that it is gone for good.
 * The id is that of the run, so that a receiver can tell a repeated delivery.
 */
export async function deliverWebhook(settings: Settings, state: RunState, now: number): Promise<boolean> {
  const { webhook, id: runId } = state.input;
  if (!webhook || !isTerminal(state.status)) return true;
  const body = JSON.stringify({
    type: endings[state.status],
    timestamp: new Date(state.finishedAt ?? now).toISOString(),
    data: summaryView(state),
  });
  const id = `msg_${runId}`;
  const endpoint = endpointOf(new URL(webhook.url));
  const secrets = await webhookSecrets(settings.DB, webhook.keyId, endpoint, now);
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, new Date(now), body)).join(' '),
  };
  try {
    const status = await backendOf(settings).deliver({ url: webhook.url, headers, body });
    return (status >= 200 && status < 300) || status === 410;
  } catch (error) {
    if (error instanceof BackendFailure) return false;
    throw error;
  }
}

/**
 * When the attempt after `attempts` of them is due; undefined when there is to be none. `random` (0 to 1) spreads
 * what many runs have to say to a receiver that comes back: by up to a fifth of the pause, to both sides.
 */
export function nextWebhookAt(
  attempts: number,
  now: number,
  retryMs: number,
  random: number,
): number | undefined {
  if (attempts >= WEBHOOK_ATTEMPTS_MAX) return undefined;
  return now + Math.round(retryMs * 4 ** (attempts - 1) * (0.8 + 0.4 * random));
}
