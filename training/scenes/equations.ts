/** Equations and sums as they stand on a board or in a notebook. */
import type { Random } from '../random.ts';
import { center, type LabelledScene, type SceneKind } from './scene.ts';

const times = ['*', 'x', '×', '×'];
const divides = ['/', '/', '÷', ':'];

/** An equation with one integer solution. */
function linear(random: Random): { text: string; unknown: string } {
  const unknown = random.weighted({ x: 6, y: 2, n: 1, a: 1, z: 1, t: 1 });
  const solution = random.int(-9, 20);
  const slope = random.int(2, 12);
  const shift = random.int(1, 40);
  const sign = random.chance(0.5) ? 1 : -1;
  const moved = `${sign > 0 ? '+' : '-'} ${shift}`;
  const other = random.int(1, slope - 1);
  const text = random.pick([
    `${slope}${unknown} ${moved} = ${slope * solution + sign * shift}`,
    `${unknown} ${moved} = ${solution + sign * shift}`,
    `${slope}${unknown} = ${slope * solution}`,
    `${slope}(${unknown} ${moved}) = ${slope * (solution + sign * shift)}`,
    `${slope}${unknown} ${moved} = ${other}${unknown} ${signed((slope - other) * solution + sign * shift)}`,
    `${slope * solution + sign * shift} = ${slope}${unknown} ${moved}`,
    `${unknown}/${slope} ${moved} = ${solution + sign * shift}`,
  ]);
  return { text, unknown };
}
/** "+ 3", "- 2x", "+ y". */
const signed = (value: number, unknown = ''): string =>
  `${value < 0 ? '-' : '+'} ${unknown && Math.abs(value) === 1 ? '' : Math.abs(value)}${unknown}`;

function arithmetic(random: Random): string {
  const a = random.int(2, 99);
  const b = random.int(2, 99);
  const c = random.int(2, 20);
  const by = random.pick(times);
  return random.pick([
    `${a} ${by} ${c}`,
    `${a} + ${b}`,
    `${a} - ${c}`,
    `(${a} + ${b}) ${by} ${c}`,
    `${a} + ${b} ${by} ${c}`,
    `${a * c} ${random.pick(divides)} ${c}`,
    `${a * c} / ${c} + ${b}`,
    `${a} + ${b} + ${c}`,
    `${c} ${by} (${a} - ${c})`,
    `${a} + ${b} - ${c}`,
    `${a}.${c} + ${b}.${random.int(1, 9)}`,
    `${c}^2 + ${a}`,
    `${a} ${by} ${b} - ${c}`,
  ]);
}

/** Two equations in two unknowns with integer solutions, one a row. */
function system(random: Random): { rows: string[]; unknown: string } {
  const [x, y] = [random.int(-4, 9), random.int(-4, 9)];
  const [a, b, c, d] = [random.int(1, 5), random.int(1, 5), random.int(1, 5), -random.int(1, 5)];
  const side = (p: number, q: number): string => `${term(p, 'x')} ${signed(q, 'y')} = ${p * x + q * y}`;
  return { rows: [side(a, b), side(c, d)], unknown: random.pick(['x', 'y']) };
}
const term = (factor: number, unknown: string): string => (factor === 1 ? unknown : `${factor}${unknown}`);

/** x^2 + bx + c = 0 with two integer roots. */
function quadratic(random: Random): string {
  const [p, q] = [random.int(-7, 9), random.int(-7, 9)];
  const square = random.pick(['x^2', 'x²', 'x^2']);
  const [b, c] = [-(p + q), p * q];
  if (b === 0 || c === 0) return `${square} = ${random.int(2, 12) ** 2}`;
  return `${square} ${signed(b, 'x')} ${signed(c)} = 0`;
}

const headings = [
  'Homework',
  'Exercise 3',
  'Solve',
  'Question 1',
  'Task',
  'Quiz',
  'Solve for x',
  'Find x',
  'Math test',
  'Algebra',
  'Exercise',
  'Maths',
];

export function equation(random: Random): LabelledScene {
  const kind: SceneKind = random.weighted({ equation: 8, board: 1, note: 1 });
  const form = random.weighted({ linear: 55, sum: 33, system: 6, quadratic: 6 });
  const { rows, unknown } = printedAs[form](random);
  const minus = random.chance(0.3) ? '−' : '-';
  const body = rows.map((text) => text.replaceAll('-', minus));
  const head = random.chance(0.3) ? [random.pick(headings)] : [];
  const foot =
    unknown !== undefined && random.chance(0.2)
      ? [random.pick([`${unknown} = ?`, `Find ${unknown}`, `${unknown} = ...`])]
      : [];
  return {
    scene: {
      kind,
      rows: [
        ...head.map((text) => ({ cells: [center(text, 1)] })),
        ...[...body, ...foot].map((text) => ({ cells: [center(text, 2)] })),
      ],
    },
    facts: { type: 'equation', rows: body, ...(unknown === undefined ? {} : { unknown }) },
  };
}

const printedAs: Record<
  'linear' | 'sum' | 'system' | 'quadratic',
  (random: Random) => { rows: string[]; unknown?: string }
> = {
  linear: (random) => {
    const { text, unknown } = linear(random);
    return { rows: [text], unknown };
  },
  sum: (random) => {
    const text = arithmetic(random);
    return { rows: [random.pick([text, `${text} =`, `${text} =`, `${text} = ?`])] };
  },
  system,
  quadratic: (random) => ({ rows: [quadratic(random)], unknown: 'x' }),
};
