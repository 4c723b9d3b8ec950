/** Questions on an equation or a sum in the picture. The planner copies what was read; the tools do the rest. */
import { calculateHandler } from '#edge/tools/calculate';
import { solveMathEquationHandler } from '#edge/tools/solve-math-equation';
import type { Random } from '../random.ts';
import type { Facts } from '../scenes/scene.ts';
import type { Observed } from './observed.ts';
import { calculate, type Problem, solve, solvedBy, terminate } from './trace.ts';
import { asTyped, word } from './wording.ts';
import { wordings } from './wordings/index.ts';

type Equation = Extract<Facts, { type: 'equation' }>;

/** What was read of a printed sum, as an expression for the calculator. */
const asExpression = (text: string): string =>
  text
    .replace(/\s*=\s*\??\s*$/, '')
    .replaceAll('×', '*')
    .replaceAll('÷', '/')
    .replaceAll('−', '-')
    .replaceAll(':', '/')
    .replace(/(?<=[\d)]) ?[xX] ?(?=[\d(])/g, ' * ');

export function equationProblem(facts: Equation, seen: Observed, random: Random): Problem | undefined {
  const read = facts.rows.map((row) => seen.seen(row));
  if (read.some((row) => row === undefined)) return undefined;
  const { unknown } = facts;
  if (unknown !== undefined) {
    const problem = solved(read.join(', '), unknown, random);
    const printed = rootsOf(facts.rows.join(', '), unknown)?.answer;
    return problem && { ...problem, ...(printed === undefined ? {} : { printed }) };
  }
  const expression = asExpression(read[0] ?? '');
  if (!('result' in calculateHandler({ expression }))) return undefined;
  const question = asTyped(word(random.pick(wordings.evaluate), {}, random), random);
  const printed = calculateHandler({ expression: asExpression(facts.rows[0] ?? '') });
  return {
    ...solvedBy('evaluate', question, [calculate('I calculate it.', expression)], String),
    ...('result' in printed ? { printed: String(printed.result) } : {}),
  };
}

/** The tool's words and all roots, where each is a plain number. */
function rootsOf(query: string, unknown: string): { result: string; answer: string } | undefined {
  const observation = solveMathEquationHandler({ query });
  if (!('result' in observation)) return undefined;
  const roots = observation.solutions.map((solution) => solution[unknown]?.exact);
  if (roots.length === 0 || roots.some((root) => !root || !/^-?[\d/.]+$/.test(root))) return undefined;
  return { result: observation.result, answer: roots.join(' or ') };
}

function solved(query: string, unknown: string, random: Random): Problem | undefined {
  const roots = rootsOf(query, unknown);
  if (!roots) return undefined;
  const { result, answer } = roots;
  const question = asTyped(word(random.pick(wordings.solve), { v: unknown }, random), random);
  return {
    type: 'solve',
    question,
    answer,
    steps: [solve('I solve the equation.', query, result), terminate(`${result}.`, answer)],
  };
}
