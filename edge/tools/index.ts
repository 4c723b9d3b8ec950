/** The inline handlers. A spec that runs at the edge and has no row here does not compile; `undefined` has none yet. */

import type { ToolSpec } from '#shared/tool';
import type { EdgeToolName, SpecOf } from '#shared/tools/index';
import { calculateHandler } from './calculate.ts';
import { queryKnowledgeBaseHandler } from './query-knowledge-base.ts';
import { solveMathEquationHandler } from './solve-math-equation.ts';
import type { EdgeToolContext, EdgeToolHandler, EdgeToolResult } from './tool.ts';

/** Terminate has no handler: it is what ends the loop. */
const handlers: {
  readonly [Name in Exclude<EdgeToolName, 'Terminate'>]: EdgeToolHandler<SpecOf<Name>> | undefined;
} = {
  Calculate: calculateHandler,
  SolveMathEquation: solveMathEquationHandler,
  QueryKnowledgeBase: queryKnowledgeBaseHandler,
};

type AnyHandler = (
  input: unknown,
  context: EdgeToolContext,
) => EdgeToolResult<ToolSpec> | Promise<EdgeToolResult<ToolSpec>>;

// A Map, since the name comes from a model: it can reach nothing but these entries.
const handlerByName: ReadonlyMap<string, AnyHandler | undefined> = new Map(
  Object.entries(handlers) as [string, AnyHandler | undefined][],
);

/** The handler of a tool that runs inline. Its input must have been parsed by the tool's own spec. */
export function edgeHandler(name: string): AnyHandler | undefined {
  return handlerByName.get(name);
}
