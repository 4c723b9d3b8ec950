/** Systems of polynomial equations: exact elimination, then the roots of what is left in one unknown. */
import { SOLUTIONS_MAX } from '#shared/limits';
import { MathFailure } from './failure.ts';
import {
  coefficientsOf,
  constant,
  constantOf,
  degree,
  denseOf,
  gcdDense,
  NOTHING,
  type Polynomial,
  scale,
  substitute,
  unknownsOf,
} from './polynomial.ts';
import { isZero, negative, ONE, over, type Rational, ZERO } from './rational.ts';
import { type Root, rootsOf, valueAtRoot } from './roots.ts';

export type Point = ReadonlyMap<string, Root>;

export type Solved =
  /** Finitely many points, maybe none. */
  | { readonly kind: 'points'; readonly points: readonly Point[] }
  /** Infinitely many: some unknowns as polynomials in the free ones. */
  | {
      readonly kind: 'family';
      readonly bound: ReadonlyMap<string, Polynomial>;
      readonly free: readonly string[];
    };

type Step = { readonly name: string; readonly value: Polynomial };

const NO_POINT: Solved = { kind: 'points', points: [] };

/**
 * @param equations polynomials that are to be zero.
 * @param unknowns all unknowns, those that are asked for first.
 * @throws MathFailure not_solvable
 */
export function solveSystem(equations: readonly Polynomial[], unknowns: readonly string[]): Solved {
  return eliminate(equations, unknowns, []);
}

function eliminate(
  equations: readonly Polynomial[],
  unknowns: readonly string[],
  steps: readonly Step[],
): Solved {
  const open = equations.filter((equation) => equation.size > 0);
  if (open.some((equation) => constantOf(equation) !== undefined)) return NO_POINT;
  if (open.length === 0) return backSubstitute(steps, unknowns);
  const pivot = linearPivot(open, unknowns);
  if (pivot === undefined) return branch(open, unknowns, steps);
  const rest = open.filter((equation) => equation !== pivot.equation);
  return eliminate(
    rest.map((equation) => substitute(equation, pivot.name, pivot.value)),
    unknowns,
    [...steps, { name: pivot.name, value: pivot.value }],
  );
}

/** An equation that gives one unknown as a polynomial in the others; plain linear equations first. */
function linearPivot(
  equations: readonly Polynomial[],
  unknowns: readonly string[],
): (Step & { equation: Polynomial }) | undefined {
  for (const equation of equations.toSorted((a, b) => degree(a) - degree(b))) {
    for (const name of unknowns) {
      const [rest = NOTHING, factor = NOTHING, ...higher] = coefficientsOf(equation, name);
      const plain = constantOf(factor);
      if (higher.length > 0 || plain === undefined || isZero(plain)) continue;
      return { equation, name, value: scale(rest, over(negative(ONE), plain)) };
    }
  }
  return undefined;
}

/** No unknown is to be eliminated: take the roots of the equations that hold only one. */
function branch(open: readonly Polynomial[], unknowns: readonly string[], steps: readonly Step[]): Solved {
  const [name] = open.map(unknownsOf).find((names) => names.length === 1) ?? [];
  if (name === undefined) throw unsupported();
  const inName = open.filter((equation) => unknownsOf(equation).every((other) => other === name));
  const shared = inName.map((equation) => denseOf(equation, name)).reduce<Rational[]>(gcdDense, []);
  const others = open.filter((equation) => !inName.includes(equation));
  const points: Point[] = [];
  for (const root of rootsOf(shared)) {
    const found = follow(root, name, others, unknowns, steps);
    if (found.kind === 'family') return found;
    points.push(...found.points);
    if (points.length > SOLUTIONS_MAX) throw unsupported();
  }
  return { kind: 'points', points };
}

function follow(
  root: Root,
  name: string,
  others: readonly Polynomial[],
  unknowns: readonly string[],
  steps: readonly Step[],
): Solved {
  if (root.kind === 'rational') {
    const value = constant(root.value);
    return eliminate(
      others.map((equation) => substitute(equation, name, value)),
      unknowns,
      [...steps, { name, value }],
    );
  }
  // The other unknowns must already be polynomials in this one.
  if (others.length > 0) throw unsupported();
  const { bound, free } = expressed(steps, unknowns);
  if (free.some((other) => other !== name)) throw unsupported();
  const point = new Map(unknowns.map((other) => [other, valueAtRoot(denseIn(bound.get(other), name), root)]));
  return { kind: 'points', points: [point.set(name, root)] };
}

function backSubstitute(steps: readonly Step[], unknowns: readonly string[]): Solved {
  const { bound, free } = expressed(steps, unknowns);
  if (free.length > 0) return { kind: 'family', bound, free };
  const values = unknowns.map((name): [string, Root] => [
    name,
    { kind: 'rational', value: constantOf(bound.get(name) ?? NOTHING) ?? ZERO },
  ]);
  return { kind: 'points', points: [new Map(values)] };
}

/** Every eliminated unknown in terms of the free ones; later steps hold fewer unknowns. */
function expressed(
  steps: readonly Step[],
  unknowns: readonly string[],
): { bound: Map<string, Polynomial>; free: string[] } {
  const bound = new Map<string, Polynomial>();
  for (const { name, value } of steps.toReversed()) {
    bound.set(
      name,
      unknownsOf(value).reduce((sum, other) => {
        const known = bound.get(other);
        return known === undefined ? sum : substitute(sum, other, known);
      }, value),
    );
  }
  return { bound, free: unknowns.filter((name) => !bound.has(name)) };
}

function denseIn(value: Polynomial | undefined, name: string): Rational[] {
  return value === undefined ? [ZERO, ONE] : denseOf(value, name);
}

/** One equation for one of its unknowns, `x*y = 6` for x, as the text of a quotient; undefined where it is not linear in it. */
export function isolate(
  equation: Polynomial,
  name: string,
): { top: Polynomial; bottom: Polynomial } | undefined {
  const [rest = NOTHING, factor = NOTHING, ...higher] = coefficientsOf(equation, name);
  if (higher.length > 0 || factor.size === 0) return undefined;
  const plain = constantOf(factor);
  if (plain !== undefined) return { top: scale(rest, over(negative(ONE), plain)), bottom: constant(ONE) };
  return { top: scale(rest, negative(ONE)), bottom: factor };
}

function unsupported(): MathFailure {
  return new MathFailure(
    'not_solvable',
    'expected a system in which unknowns can be eliminated one by one; came a harder one: solve one equation for one unknown first',
  );
}
