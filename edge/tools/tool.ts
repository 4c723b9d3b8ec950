/** The shape of an inline handler: bounded in time, and without any I/O but what its context gives. */
import type * as z from 'zod';
import type { ToolError, ToolSpec } from '#shared/tool';

/** What a tool may look at beyond its arguments. Whose it is was settled before. */
export type EdgeToolContext = {
  /** The caller's documents that have all, or any, of these stems; the best first. None where it may read none. */
  documents(
    stems: readonly string[],
    join: 'all' | 'any',
    limit: number,
  ): Promise<readonly ContextDocument[]>;
  /** Absent where the operator has named none. */
  readonly encyclopedia?: Encyclopedia;
};

export type ContextDocument = {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly url?: string;
};

export type Encyclopedia = {
  /** Of its API. */
  readonly url: string;
  /** The reply of one of its URLs, or in a sentence why there is none. */
  open(url: string): Promise<{ readonly bytes: Uint8Array } | { readonly failed: string }>;
};

/**
 * What a tool that runs in the Worker exports. `input` already fits the spec's arguments. An input
 * that the tool cannot work on is a `ToolError` result, never an exception.
 */
export type EdgeToolHandler<Spec extends ToolSpec> = (
  input: z.output<Spec['arguments']>,
  context: EdgeToolContext,
) => EdgeToolResult<Spec> | Promise<EdgeToolResult<Spec>>;

export type EdgeToolResult<Spec extends ToolSpec> = z.output<Spec['observation']> | ToolError;
