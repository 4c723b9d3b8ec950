/** One question to its answer: exact algebra where it is algebra, else a bounded numeric search. */
import {
  ANSWER_CHARS_MAX,
  EQUATION_CHARS_MAX,
  SCAN_REACH,
  SOLUTIONS_MAX,
  UNKNOWNS_MAX,
} from '#shared/limits';
import { decimalText, familyText, pointsText, quotientText } from './describe.ts';
import {
  appliedIn,
  type Equation,
  namesIn,
  readEquation,
  readSide,
  valueAt,
  withoutStacks,
} from './equation.ts';
import { clean, evaluate } from './evaluate.ts';
import { MathFailure, quoted } from './failure.ts';
import { constant, constantOf, evaluatePolynomial, substitute, unknownsOf } from './polynomial.ts';
import { toNumber } from './rational.ts';
import { rootNumber, rootText } from './roots.ts';
import { scanRoots } from './scan.ts';
import { isolate, type Point, type Solved, solveSystem } from './system.ts';
import { type Question, readQuestion } from './wording.ts';

/** One unknown in one solution: exact text where there is one, and doubles; `imaginary` only of complex ones. */
export type SolutionValue = { exact: string | null; numeric: number; imaginary?: number };
export type Answer = { result: string; solutions: Array<Record<string, SolutionValue>> };

/** Equations with these hold on whole intervals or without end; a list of places would mislead. */
const STEPPED = new Set(
  'floor ceil ceiling round trunc int isqrt sign mod fmod floorDivide gcd lcm'.split(' '),
);

/** @throws MathFailure */
export function solveQuestion(text: string): Answer {
  const answer = answerOf(text);
  if (answer.result.length <= ANSWER_CHARS_MAX) return answer;
  throw new MathFailure(
    'not_solvable',
    `expected an answer of at most ${ANSWER_CHARS_MAX} characters; came ${answer.result.length}: use shorter numbers`,
  );
}

function answerOf(text: string): Answer {
  if (text.length > EQUATION_CHARS_MAX) {
    throw new MathFailure(
      'too_long',
      `expected at most ${EQUATION_CHARS_MAX} characters; came ${text.length}: solve it in parts`,
    );
  }
  const question = readQuestion(text);
  const equations = question.equations.map(([left, right]) => readEquation(left, right));
  const names = [
    ...new Set(equations.flatMap(({ left, right }) => [...namesIn(left), ...namesIn(right)])),
  ].sort();
  if (names.length > UNKNOWNS_MAX) {
    throw new MathFailure(
      'too_many_unknowns',
      `expected at most ${UNKNOWNS_MAX} unknowns; came ${names.join(', ')}: put numbers for some`,
    );
  }
  const decimals = /\d\.\d/.test(text);
  if (question.expression !== undefined) return evaluated(question.expression, equations, names);
  checkTargets(question, names);
  if (names.length === 0) return statement(equations);
  const asked = question.targets.length > 0 ? [...question.targets] : names;
  const ordered = [...asked, ...names.filter((name) => !asked.includes(name))];
  return equations.every(({ exact }) => exact !== undefined)
    ? algebraic(equations, ordered, asked, decimals)
    : numeric(equations, ordered, asked);
}

function checkTargets(question: Question, names: readonly string[]): void {
  const missing = question.targets.find((target) => !names.includes(target));
  if (missing === undefined) return;
  throw new MathFailure(
    'unknown_symbol',
    `expected an equation that holds ${quoted(missing)}; came none: ask for ${names.join(', ') || 'an unknown that is in it'}`,
  );
}

/** "what is 12 * 7?" and "if x = 3, what is 2x + 5?" */
function evaluated(text: string, equations: readonly Equation[], names: readonly string[]): Answer {
  const node = readSide(text, true);
  const wanted = [...namesIn(node)];
  if (equations.length === 0) {
    if (wanted.length === 0) return { result: String(clean(evaluate(node))), solutions: [] };
    throw new MathFailure(
      'no_equation',
      `expected an equation; came the expression ${quoted(text)} with ${wanted.join(', ')}: add "= 0" or give the value of ${wanted[0]}`,
    );
  }
  const missing = wanted.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw new MathFailure(
      'no_equation',
      `expected an equation for every unknown; came none for ${quoted(missing)}: give its value`,
    );
  }
  const points = realPoints(solvedExactly(equations, names));
  const values = points.map((point) => clean(evaluate(node, scopeOf(point))));
  if (values.length === 0) return { result: 'no real solution', solutions: [] };
  return { result: [...new Set(values)].join(' or '), solutions: points.map(solutionOf) };
}

/** Equations without unknowns are true or false. */
function statement(equations: readonly Equation[]): Answer {
  const texts = equations.map(({ left, right }) => {
    const [a, b] = [clean(evaluate(left)), clean(evaluate(right))];
    return a === b ? `true: both sides are ${a}` : `false: ${a} is not ${b}`;
  });
  return { result: texts.join('; '), solutions: [] };
}

function algebraic(
  equations: readonly Equation[],
  names: readonly string[],
  asked: readonly string[],
  decimals: boolean,
): Answer {
  const [only] = equations;
  const [target] = asked;
  if (
    equations.length === 1 &&
    names.length > 1 &&
    asked.length === 1 &&
    target !== undefined &&
    only?.exact !== undefined
  ) {
    return isolated(only.exact.zero, target);
  }
  const solved = solvedExactly(equations, names);
  if (solved.kind === 'family') {
    if (names.length === solved.free.length)
      return { result: `true for every ${names.join(', ')}`, solutions: [] };
    return { result: familyText(solved.bound, solved.free), solutions: [] };
  }
  const real = realPoints(solved);
  const complex = solved.points.filter((point) => !real.includes(point));
  const solutions = solved.points.map(solutionOf);
  if (solved.points.length === 0) return { result: 'no solution', solutions };
  if (complex.length === 0) return { result: pointsText(real, asked, decimals), solutions };
  if (real.length === 0) {
    return { result: `no real solution; complex: ${pointsText(complex, asked, decimals)}`, solutions };
  }
  return { result: `${pointsText(real, asked, decimals)} (and ${complex.length} complex)`, solutions };
}

/** "solve y = 2x + 1 for x" */
function isolated(zero: Parameters<typeof isolate>[0], target: string): Answer {
  const sides = isolate(zero, target);
  if (sides !== undefined)
    return { result: `${target} = ${quotientText(sides.top, sides.bottom)}`, solutions: [] };
  throw new MathFailure(
    'underdetermined',
    `expected as many equations as unknowns; came one with ${unknownsOf(zero).join(', ')}: add an equation, or put numbers for all but ${target}`,
  );
}

function solvedExactly(equations: readonly Equation[], names: readonly string[]): Solved {
  const forms = equations.map(({ exact }) => exact);
  if (!forms.every((form) => form !== undefined)) {
    throw new MathFailure(
      'not_solvable',
      'expected equations of powers and products only; came other functions: solve for the unknown first',
    );
  }
  const solved = solveSystem(
    forms.map(({ zero }) => zero),
    names,
  );
  if (solved.kind === 'family') return solved;
  return {
    kind: 'points',
    points: solved.points.filter((point) => forms.every(({ nonzero }) => staysNonzero(nonzero, point))),
  };
}

/** Whether a denominator keeps clear of 0 at a solution; exact where the solution is rational. */
function staysNonzero(nonzero: Parameters<typeof substitute>[0], point: Point): boolean {
  if (constantOf(nonzero) !== undefined) return true;
  if ([...point.values()].every((root) => root.kind === 'rational')) {
    const value = [...point].reduce(
      (sum, [name, root]) => (root.kind === 'rational' ? substitute(sum, name, constant(root.value)) : sum),
      nonzero,
    );
    return value.size > 0;
  }
  return !(Math.abs(evaluatePolynomial(nonzero, scopeOf(point), toNumber)) < 1e-9);
}

/** One equation that is no polynomial; the others may only give plain numbers for its further unknowns. */
function numeric(equations: readonly Equation[], names: readonly string[], asked: readonly string[]): Answer {
  const hard = equations.filter(({ exact }) => exact === undefined);
  const easy = equations.filter(({ exact }) => exact !== undefined);
  const [equation] = hard;
  const known =
    easy.length === 0
      ? [new Map<string, number>()]
      : realPoints(solvedExactly(easy, namesOf(easy))).map(scopeOf);
  const free = names.filter((name) => !namesOf(easy).includes(name));
  const [unknown] = free;
  const [scope] = known;
  if (
    hard.length !== 1 ||
    equation === undefined ||
    free.length !== 1 ||
    unknown === undefined ||
    known.length !== 1 ||
    scope === undefined
  ) {
    throw new MathFailure(
      'not_solvable',
      `expected one unknown in an equation with roots, logarithms or the like; came ${names.join(', ')}: put numbers for the others`,
    );
  }
  for (const side of [equation.left, equation.right]) {
    // Whatever is wrong with a plain number, such as the root of -1, is said as it is.
    if (!namesIn(side).has(unknown)) evaluate(side, scope);
  }
  const at = (node: Equation['left']) => (x: number) => valueAt(node, new Map(scope).set(unknown, x));
  const [left, right] = [at(equation.left), at(equation.right)];
  const applied = [...appliedIn(equation.left), ...appliedIn(equation.right)];
  const step = applied.find((name) => STEPPED.has(name));
  if (step !== undefined) {
    throw new MathFailure(
      'not_solvable',
      `expected an equation of smooth functions; came ${step} of ${unknown}: solve for its argument instead`,
    );
  }
  const difference = (x: number): number => left(x) - right(x);
  const size = (x: number): number => Math.max(1e-9, Math.abs(left(x)), Math.abs(right(x)));
  const periodic = repeats(difference);
  const given = equation.left.type === 'symbol' && !namesIn(equation.right).has(unknown);
  const roots = given
    ? [evaluate(equation.right, scope)]
    : withoutStacks(() => scanRoots(difference, size, periodic ? 'turn' : 'line'));
  const where = periodic ? `for 0 <= ${unknown} < 2*pi` : `between -${SCAN_REACH} and ${SCAN_REACH}`;
  const solutions = roots.map((x) => ({
    ...Object.fromEntries([...scope].map(([name, value]) => [name, { exact: null, numeric: value }])),
    [unknown]: { exact: null, numeric: Number(decimalText(x)) },
  }));
  if (roots.length === 0) return { result: `no real solution found ${where}`, solutions };
  const text = (x: number): string =>
    asked
      .map((name) => `${name} ${name === unknown ? relation(x) : '='} ${decimalText(scope.get(name) ?? x)}`)
      .join(', ');
  const more = roots.length >= SOLUTIONS_MAX ? ' (there may be more)' : '';
  return { result: roots.map(text).join(' or ') + (periodic ? ` (${where}, in radians)` : more), solutions };
}

/** Whether a full turn changes nothing, at places that are no special angles. */
function repeats(difference: (x: number) => number): boolean {
  const places = [0.7, 1.9, 3.3, 4.4].filter((x) => !Number.isNaN(difference(x)));
  if (places.length === 0) return false;
  return places.every((x) => {
    const [here, there] = [difference(x), difference(x + 2 * Math.PI)];
    return here !== difference(x + 1) && Math.abs(there - here) <= 1e-9 * Math.max(1, Math.abs(here));
  });
}

/** Values that fit to the last digit are whole or simple; the others are cut. */
function relation(x: number): string {
  return Number(decimalText(x)) === x ? '=' : '≈';
}

function namesOf(equations: readonly Equation[]): string[] {
  return [...new Set(equations.flatMap(({ left, right }) => [...namesIn(left), ...namesIn(right)]))];
}

function realPoints(solved: Solved): Point[] {
  if (solved.kind === 'family') {
    throw new MathFailure(
      'underdetermined',
      `expected one value for each unknown; came freedom in ${solved.free.join(', ')}: add an equation`,
    );
  }
  return solved.points.filter((point) => [...point.values()].every((root) => rootNumber(root).im === 0));
}

function scopeOf(point: Point): Map<string, number> {
  return new Map([...point].map(([name, root]) => [name, rootNumber(root).re]));
}

function solutionOf(point: Point): Record<string, SolutionValue> {
  return Object.fromEntries(
    [...point].map(([name, root]): [string, SolutionValue] => {
      const { re, im } = rootNumber(root);
      return [name, { exact: rootText(root) ?? null, numeric: re, ...(im === 0 ? {} : { imaginary: im }) }];
    }),
  );
}
