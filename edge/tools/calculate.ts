/** Calculate: one arithmetic expression to one finite number. */
import type { calculate } from '#shared/tools/calculate';
import { calculateExpression } from './math/evaluate.ts';
import { attempt } from './math/failure.ts';
import type { EdgeToolHandler } from './tool.ts';

export const calculateHandler = (({ expression }) =>
  attempt(() => ({ result: calculateExpression(expression) }))) satisfies EdgeToolHandler<typeof calculate>;
