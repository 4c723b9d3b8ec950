/**
 * POST /v1/client_tokens: a short token for an app, made by the app's server with its key.
 * DELETE /v1/client_tokens/{id} revokes one; it ends at the next request.
 */
import { readJsonBody } from '#edge/body';
import { stubOf } from '#edge/keys/rpc';
import { retryHeaders } from '#edge/limits/headers';
import type { AppContext, Route } from '#edge/route';
import { signClientToken } from '#edge/tokens/client-token';
import { rootSecret } from '#edge/tokens/principal';
import { type ClientToken, clientTokenId, clientTokenRequest } from '#shared/api/client-tokens';
import { ApiError } from '#shared/errors';

const scope = 'tokens:mint';

export const postClientTokens: Route = {
  method: 'POST',
  path: '/v1/client_tokens',
  scope,
  handler: async (c) => {
    const { settings, principal } = c.var;
    const wish = await readJsonBody(c, clientTokenRequest);
    const beyond = wish.scopes.filter((wished) => !principal.scopes.includes(wished));
    if (beyond.length > 0) {
      const message = `the calling key has no ${beyond.join(', ')}, so it cannot give it`;
      throw new ApiError('not_allowed', message, { errors: [{ path: 'scopes', message }] });
    }
    const { subject, scopes, max_runs, max_cost, ttl } = wish;
    const id = `ct_${crypto.randomUUID().replaceAll('-', '')}`;
    const { token, expiresAt } = await signClientToken(
      rootSecret(settings),
      { keyId: principal.keyId, sub: subject, jti: id, scopes, max_runs, max_cost, ttl },
      Date.now(),
    );
    const caps = { id, subject, maxRuns: max_runs, maxUnits: max_cost, expiresAt };
    const added = await answered(stubOf(settings.KEYS, principal.keyId).addToken(caps));
    if (!added)
      throw new ApiError('quota_exceeded', 'this key has too many living client tokens; let some expire');
    const body: ClientToken = {
      id,
      object: 'client_token',
      token,
      subject,
      scopes,
      max_runs,
      max_cost,
      expires_at: new Date(expiresAt).toISOString(),
    };
    return c.json(body, 201, { location: `/v1/client_tokens/${id}` });
  },
};

export const deleteClientToken: Route = {
  method: 'DELETE',
  path: '/v1/client_tokens/:id',
  scope,
  handler: async (c) => {
    if (await removed(c)) return c.body(null, 204);
    throw new ApiError('not_found', 'this key has no such client token, or it has expired');
  },
};

async function removed(c: AppContext): Promise<boolean> {
  const id = clientTokenId.safeParse(c.req.param('id'));
  if (!id.success) return false;
  return answered(stubOf(c.var.settings.KEYS, c.var.principal.keyId).removeToken(id.data));
}

/** A token that is not booked could not be counted, so none is given out. */
async function answered<Value>(call: Promise<Value>): Promise<Value> {
  try {
    return await call;
  } catch (cause) {
    throw new ApiError('limits_unavailable', 'client tokens cannot be kept now; try again', {
      headers: retryHeaders(1_000),
      cause,
    });
  }
}
