/** Calculate and SolveMathEquation under attack: counts, median and worst time. */
import { calculateHandler } from '#edge/tools/calculate';
import { solveMathEquationHandler } from '#edge/tools/solve-math-equation';
import { hostileExpressions, randomExpressions } from './calculator-corpus.ts';

const RANDOM_COUNT = 100_000;
const RANDOM_EQUATIONS = 20_000;
const SEED = 20_261_122;
const WORST_MS_MAX = 100;

/** `cpuMs`: the most processor time that one input took; other programs on the machine do not count. */
type Tally = {
  answered: number;
  refused: number;
  wrong: string[];
  worst: string;
  ms: number[];
  cpuMs: number;
};

export async function run(): Promise<void> {
  const random = [...take(randomExpressions(SEED), RANDOM_COUNT)];
  const canary = JSON.stringify(calculateHandler({ expression: '1/3 + sqrt(2)' }));
  report('hostile expressions', attack(hostileExpressions, calculate));
  report('random expressions', attack(random, calculate));
  const equations = [...take(randomExpressions(SEED + 1), RANDOM_EQUATIONS)].map(asEquation);
  report('hostile expressions as equations', attack(hostileExpressions, solve));
  report('random equations', attack(equations, solve));
  const same = JSON.stringify(calculateHandler({ expression: '1/3 + sqrt(2)' })) === canary;
  console.log(`a later result is ${same ? 'unchanged' : 'CHANGED'}`);
  if (!same) process.exitCode = 1;
}

const calculate = (expression: string): unknown => calculateHandler({ expression });
const solve = (query: string): unknown => solveMathEquationHandler({ query });

/** `x`, `y` in some places, and a right side: enough to reach every solver. */
function asEquation(text: string, index: number): string {
  const withUnknown = text
    .replaceAll(index % 2 ? 'pi' : '1', 'x')
    .replaceAll(index % 3 ? 'e' : '2', index % 4 ? 'x' : 'y');
  return `${withUnknown} = ${index % 10}`;
}

function attack(inputs: readonly string[], target: (text: string) => unknown): Tally {
  const tally: Tally = { answered: 0, refused: 0, wrong: [], worst: '', ms: [], cpuMs: 0 };
  let worstMs = 0;
  for (const input of inputs) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    let outcome: unknown;
    try {
      outcome = target(input);
    } catch (error) {
      outcome = error;
    }
    const ms = performance.now() - start;
    const used = process.cpuUsage(cpu);
    tally.ms.push(ms);
    if (ms > worstMs) [worstMs, tally.worst] = [ms, input];
    tally.cpuMs = Math.max(tally.cpuMs, (used.user + used.system) / 1000);
    if (isClearError(outcome)) tally.refused += 1;
    else if (isAnswer(outcome)) tally.answered += 1;
    else tally.wrong.push(input);
  }
  return tally;
}

function isAnswer(outcome: unknown): boolean {
  if (typeof outcome !== 'object' || outcome === null || !('result' in outcome)) return false;
  const { result } = outcome;
  return (
    (typeof result === 'number' && Number.isFinite(result)) ||
    (typeof result === 'string' && result.length > 0)
  );
}

function isClearError(outcome: unknown): boolean {
  if (typeof outcome !== 'object' || outcome === null || !('error' in outcome)) return false;
  const { error } = outcome;
  return typeof error === 'object' && error !== null && 'code' in error && error.code !== 'internal';
}

function report(what: string, tally: Tally): void {
  const sorted = tally.ms.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(3);
  console.log(
    `${what}: ${sorted.length}, answered ${tally.answered}, refused ${tally.refused}, wrong ${tally.wrong.length}; ` +
      `ms median ${at(0.5)}, p99.9 ${at(0.999)}, worst ${at(1)} (of the processor ${tally.cpuMs.toFixed(1)}) ${JSON.stringify(tally.worst.slice(0, 40))}`,
  );
  for (const input of tally.wrong.slice(0, 10))
    console.log(`  wrong: ${JSON.stringify(input.slice(0, 200))}`);
  if (tally.wrong.length > 0 || tally.cpuMs > WORST_MS_MAX) process.exitCode = 1;
}

function* take<Item>(items: Iterable<Item>, count: number): Generator<Item> {
  let left = count;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}
