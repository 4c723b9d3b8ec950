/** SolveMathEquation: an equation or a small system, in words or symbols, to its solutions. */
import type { solveMathEquation } from '#shared/tools/solve-math-equation';
import { attempt } from './math/failure.ts';
import { solveQuestion } from './math/solve.ts';
import type { EdgeToolHandler } from './tool.ts';

export const solveMathEquationHandler = (({ query }) =>
  attempt(() => solveQuestion(query))) satisfies EdgeToolHandler<typeof solveMathEquation>;
