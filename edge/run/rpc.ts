/** What the Worker and the Durable Object of a run say to each other. Nothing throws across it. */
import type { Run, RunRequest } from '#shared/api';

/** An image that the caller owns: public id and digest of its bytes. */
export type RunImage = { readonly id: string; readonly sha256: string };

/** A usable action and the version that goes into cache keys. */
export type RunTool = { readonly name: string; readonly version: string };

export type RunInput = {
  readonly id: string;
  readonly tenant: string;
  readonly question: string;
  readonly images: readonly RunImage[];
  /** In listing order; holds Terminate. */
  readonly tools: readonly RunTool[];
  readonly maxSteps: number;
  readonly cache: RunRequest['cache'];
  readonly metadata?: Readonly<Record<string, string>>;
  /** What a reply in another dialect needs when it is asked for later. Never read here. */
  readonly reply?: Readonly<Record<string, unknown>>;
};

export type RunRpc = {
  /** Stores the run and its first event, then starts it. A second call changes nothing. */
  start(input: RunInput): Promise<Run>;
  /** The run as it stands; null when there is none. */
  view(): Promise<Run | null>;
  /** Like `view`, but waits until the run has ended, at most `ms`. */
  settled(ms: number): Promise<Run | null>;
  /** Server-sent events after `after`; `ended` when none will come, `full` when too many watch. */
  watch(after: number): Promise<ReadableStream<Uint8Array> | 'ended' | 'full' | null>;
};

export type RunNamespace = {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId): RunRpc;
};

/** The tenant is part of the object's name: another tenant's run cannot even be addressed. */
export function runStub(runs: RunNamespace, tenant: string, id: string): RunRpc {
  return runs.get(runs.idFromName(`${tenant}/${id}`));
}
