/** What one key may hand out to another: never more than it has itself. Pure. */
import { isRange } from '#edge/addresses';
import type { KeyGrant } from '#edge/storage/keys';
import { plans } from '#shared/plans';
import { toolSpec } from '#shared/tools/index';

export type GrantIssue = { readonly path: readonly PropertyKey[]; readonly message: string };

/** What is wrong with a grant in itself: unknown tools, addresses that are none, a past expiry. */
export function faultsOf(grant: KeyGrant, now: number): GrantIssue[] {
  return [
    ...(grant.tools ?? []).flatMap((name, index) =>
      toolSpec(name) ? [] : [{ path: ['tools', index], message: 'there is no such tool; see GET /v1/tools' }],
    ),
    ...(grant.addresses ?? []).flatMap((text, index) =>
      isRange(text)
        ? []
        : [{ path: ['addresses', index], message: 'expected an address or a range such as 203.0.113.0/24' }],
    ),
    ...(grant.expiresAt !== undefined && grant.expiresAt <= now
      ? [{ path: ['expires_at'], message: 'expected a time in the future' }]
      : []),
  ];
}

/** Where a grant goes beyond that of the key that hands it out. */
export function excessOf(grant: KeyGrant, own: KeyGrant): GrantIssue[] {
  const issues = [
    ...outside('scopes', grant.scopes, own.scopes),
    ...outside('tools', grant.tools, own.tools),
    ...outside('models', grant.models, own.models),
    ...outside('addresses', grant.addresses, own.addresses),
  ];
  if (plans[grant.plan].rank > plans[own.plan].rank) {
    issues.push({ path: ['plan'], message: `expected at most the plan of the calling key, ${own.plan}` });
  }
  if (own.expiresAt !== undefined && (grant.expiresAt ?? Number.POSITIVE_INFINITY) > own.expiresAt) {
    issues.push({ path: ['expires_at'], message: 'expected an expiry not after that of the calling key' });
  }
  return issues;
}

function outside(
  field: string,
  wished: readonly string[] | undefined,
  own: readonly string[] | undefined,
): GrantIssue[] {
  if (!own) return [];
  if (!wished)
    return [{ path: [field], message: `expected some of what the calling key has: ${own.join(', ')}` }];
  return wished.flatMap((item, index) =>
    own.includes(item)
      ? []
      : [{ path: [field, index], message: `the calling key has no ${item}, so it cannot give it` }],
  );
}
