/** The shape of an inline handler: pure, bounded in time, no I/O. */
import type * as z from 'zod';
import type { ToolError, ToolSpec } from '#shared/tool';

/**
 * What a tool that runs in the Worker exports. `input` already fits the spec's arguments. An input
 * that the tool cannot work on is a `ToolError` result, never an exception.
 */
export type EdgeToolHandler<Spec extends ToolSpec> = (
  input: z.output<Spec['arguments']>,
) => EdgeToolResult<Spec> | Promise<EdgeToolResult<Spec>>;

export type EdgeToolResult<Spec extends ToolSpec> = z.output<Spec['observation']> | ToolError;
