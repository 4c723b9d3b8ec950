/** What the Worker and the Durable Object of a run say to each other. Nothing throws across it. */
import type { Lease } from '#edge/limits/terms';
import type { Run, RunRequest } from '#shared/api';
import type { RunSummary } from '#shared/api/run-list';

/** An image that the caller owns: public id and digest of its bytes. */
export type RunImage = { readonly id: string; readonly sha256: string };

/** A usable action and the version that goes into cache keys. */
export type RunTool = { readonly name: string; readonly version: string };

export type RunInput = {
  readonly id: string;
  readonly tenant: string;
  /** SHA-256 of the body that asked for the run: another body under the same id is refused. */
  readonly fingerprint: string;
  readonly question: string;
  readonly images: readonly RunImage[];
  /** In listing order; holds Terminate. */
  readonly tools: readonly RunTool[];
  readonly maxSteps: number;
  readonly cache: RunRequest['cache'];
  /** The tenant whose documents the run may look things up in; absent where its key may read none. */
  readonly knowledge?: string;
  /** Where to tell that the run has ended, and the key whose secret signs it. */
  readonly webhook?: { readonly url: string; readonly keyId: string };
  readonly metadata?: Readonly<Record<string, string>>;
  /** What the limits hold for this run; settled when it ends. */
  readonly lease?: Lease;
  /** What a reply in another dialect needs when it is asked for later. Never read here. */
  readonly reply?: Readonly<Record<string, unknown>>;
};

export type StartReply =
  | { readonly outcome: 'created' | 'joined'; readonly run: Run }
  | { readonly outcome: 'mismatch' }
  | { readonly outcome: 'deleted' };

export type RunRpc = {
  /** Stores the run and its first event, then starts it. A second call changes nothing. */
  start(input: RunInput): Promise<StartReply>;
  /** What `start` would say of a run that is there already; null when it would create one. */
  found(fingerprint: string): Promise<StartReply | null>;
  /** The run as it stands; null when there is none. */
  view(): Promise<Run | null>;
  /**
   * Like `found`, but null gives the caller the preparing of the run, which ends with `start` or `release`
   * or after CLAIM_MS_MAX; whoever else asks meanwhile waits.
   */
  claim(fingerprint: string): Promise<StartReply | null>;
  release(): Promise<void>;
  /** What `RunInput.reply` said; null when there is none. */
  reply(): Promise<RunInput['reply'] | null>;
  /** The run without its steps; null when there is none. */
  summary(): Promise<RunSummary | null>;
  /** Ends the run where it stands and gives its view; a run that has ended stays as it is. */
  cancel(): Promise<Run | null>;
  /** Ends the run and forgets all of it, its images too. False when there is none. */
  remove(): Promise<boolean>;
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
