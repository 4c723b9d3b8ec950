/** Who asks, and what that one may do. */
import type { Client } from '#edge/limits/terms';
import type { KeyRecord } from '#edge/storage/keys';
import { ApiError } from '#shared/errors';
import type { PlanName } from '#shared/plans';
import type { Scope } from '#shared/scopes';

export type Principal = {
  readonly keyId: string;
  /** Whose data it sees: a segment of every storage name. Each user of an app has one of its own. */
  readonly tenant: string;
  /** The tenant that the key belongs to. */
  readonly account: string;
  readonly scopes: readonly Scope[];
  readonly plan: PlanName;
  readonly tools?: readonly string[];
  readonly models?: readonly string[];
  /** Set for a token in an app, which has less than its key. */
  readonly client?: Client;
};

export function principalOf(key: KeyRecord): Principal {
  return {
    keyId: key.id,
    tenant: key.tenant,
    account: key.tenant,
    scopes: key.scopes,
    plan: key.plan,
    ...(key.tools ? { tools: key.tools } : {}),
    ...(key.models ? { models: key.models } : {}),
  };
}

/** @throws ApiError `insufficient_scope`; always, when no scope is named. */
export function requireScope({ scopes }: Principal, scope: Scope | undefined): void {
  if (scope !== undefined && scopes.includes(scope)) return;
  throw new ApiError(
    'insufficient_scope',
    `expected a key with the scope ${scope ?? 'of this route'}; this one has ${scopes.join(', ')}`,
    { headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope ?? ''}"` } },
  );
}

/** The tenant whose documents the caller may read: its key's own. The users of an app share those of the key. */
export function knowledgeOf({ scopes, account }: Principal): string | undefined {
  return scopes.includes('knowledge:read') ? account : undefined;
}

/** Whether the key lets its caller use the tool. Terminate only ends a run. */
export function mayUseTool({ tools }: Principal, name: string): boolean {
  return !tools || name === 'Terminate' || tools.includes(name);
}

/** @throws ApiError `not_allowed` for the first tool that the key does not list. */
export function requireTools(principal: Principal, names: readonly string[]): void {
  const refused = names.find((name) => !mayUseTool(principal, name));
  if (refused !== undefined) throw notAllowed('tool', refused, principal.tools);
}

/** Whether the key lets its caller name the model. */
export function mayUseModel({ models }: Principal, name: string): boolean {
  return !models || models.includes(name);
}

/** @throws ApiError `not_allowed` for a model that the key does not list. */
export function requireModel(principal: Principal, name: string): void {
  if (!mayUseModel(principal, name)) throw notAllowed('model', name, principal.models);
}

function notAllowed(kind: string, name: string, allowed: readonly string[] = []): ApiError {
  return new ApiError(
    'not_allowed',
    `this key may not use the ${kind} ${name}; it may use ${allowed.join(', ')}`,
  );
}
