/** What the Worker says to the objects of keys and of addresses. */
import type { Ask, Client, Decision, Lease, Meter, Spent } from '#edge/limits/terms';
import type { NewToken } from '#edge/limits/tokens';
import type { PlanName } from '#shared/plans';

export type KeyRpc = {
  admit(ask: Ask): Promise<Decision>;
  settle(lease: Lease, spent: Spent): Promise<void>;
  /** Notes that the client of a run left before its answer. */
  abandon(run: string): Promise<void>;
  meters(plan: PlanName, client?: Client): Promise<Meter[]>;
  /** False when the key has as many living tokens as it may. */
  addToken(token: NewToken): Promise<boolean>;
  /** Whether there was such a token. */
  removeToken(id: string): Promise<boolean>;
};

export type AddressRpc = {
  /** Counts a wrong key. @returns how long to wait (ms) before the next one; 0 below the limit. */
  fail(): Promise<number>;
};

export type Namespace<Rpc> = {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId): Rpc;
};

export function stubOf<Rpc>(namespace: Namespace<Rpc>, name: string): Rpc {
  return namespace.get(namespace.idFromName(name));
}
