import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { calculateHandler } from '#edge/tools/calculate';
import { EXPRESSION_CHARS_MAX } from '#shared/limits';
import { hostileExpressions, randomExpressions } from '../../../bench/calculator-corpus.ts';

const of = (expression: string) => calculateHandler({ expression });

function codeOf(expression: string): string | undefined {
  const outcome = of(expression);
  return 'error' in outcome ? outcome.error.code : undefined;
}

/** Neither a finite number nor a coded error; an exception fails the test by itself. */
function isWrong(expression: string): boolean {
  const outcome = of(expression);
  return 'error' in outcome ? outcome.error.code === 'internal' : !Number.isFinite(outcome.result);
}

describe('arithmetic', () => {
  test.each([
    ['2 * 4.50 + 3.20', 12.2],
    ['0.1 + 0.2', 0.3],
    ['0.1 + 0.2 - 0.3', 0],
    ['19.99 * 3', 59.97],
    ['1 - 0.9', 0.1],
    ['2 + 3 * 4', 14],
    ['(2 + 3) * 4', 20],
    ['10 / 4', 2.5],
    ['2^10', 1024],
    ['2**3**2', 512],
    ['-2**2', -4],
    ['2^-1', 0.5],
    ['--2', 2],
    ['7 // 2', 3],
    ['-7 // 2', -4],
    ['0.3 // 0.1', 3],
    ['10 % 3', 1],
    ['-7 % 3', 2],
    ['10 % -3', -2],
    ['10 mod 4', 2],
    ['5.5 % 0.5', 0],
    ['5!', 120],
    ['170!', 7.257415615308e306],
    ['1e3 + 1', 1001],
    ['.5 + 5.', 5.5],
    ['1_000_000 / 2', 500000],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-0', 0],
  ])('%s is %d', (expression, result) => {
    expect(of(expression)).toEqual({ result });
  });
});

describe('functions and constants', () => {
  test.each([
    ['sqrt(16)', 4],
    ['cbrt(-27)', -3],
    ['abs(-3.5)', 3.5],
    ['|-3| + |2 - 5|', 6],
    ['min(3, 1, 2)', 1],
    ['max([3, 1, 2])', 3],
    ['sum([1, 2, 3])', 6],
    ['sum((1.10, 2.20, 3.30))', 6.6],
    ['mean(1, 2, 3, 4)', 2.5],
    ['average([2, 4])', 3],
    ['median(5, 1, 3)', 3],
    ['median(4, 1, 3, 2)', 2.5],
    ['stdev(2, 4, 4, 4, 5, 5, 7, 9)', 2.1380899352994],
    ['prod(2, 3, 4)', 24],
    ['round(2.5)', 3],
    ['round(-2.5)', -3],
    ['round(2.675, 2)', 2.68],
    ['round(1.005, 2)', 1.01],
    ['round(1234, -2)', 1200],
    ['floor((0.1 + 0.7) * 10)', 8],
    ['ceil(1.2)', 2],
    ['trunc(-1.7)', -1],
    ['int(3.9)', 3],
    ['exp(0)', 1],
    ['log(100, 10)', 2],
    ['log(e)', 1],
    ['ln(e^2)', 2],
    ['log10(1000)', 3],
    ['log2(8)', 3],
    ['sin(pi)', 0],
    ['cos(pi / 2)', 0],
    ['tan(pi / 4)', 1],
    ['atan2(1, 1) * 4 - pi', 0],
    ['degrees(pi)', 180],
    ['pow(2, 8)', 256],
    ['mod(10, 3)', 1],
    ['gcd(12, 18, 27)', 3],
    ['lcm(4, 6)', 12],
    ['factorial(5)', 120],
    ['combinations(5, 2)', 10],
    ['comb(50, 25)', 126410606437752],
    ['permutations(5, 2)', 20],
    ['hypot(3, 4)', 5],
    ['sign(-2)', -1],
    ['MAX(1, 2)', 2],
    ['math.sqrt(math.pi ** 2) / 2', 1.5707963267949],
    ['np.mean([1, 2])', 1.5],
    ['tau / pi', 2],
  ])('%s is %d', (expression, result) => {
    expect(of(expression)).toEqual({ result });
  });
});

describe('forms that models write', () => {
  test.each([
    ['1,234.50 + 1', 1235.5],
    ['12,345,678 * 2', 24691356],
    ['(1,234)', 1234],
    ['max(1,234)', 234],
    ['max($1,234, $99)', 1234],
    ['sum([1,234, 5])', 240],
    ['$4.50 * 2', 9],
    ['-$5 + $7', 2],
    ['€3.20 + 1.80€', 5],
    ['20%', 0.2],
    ['15% of 80', 12],
    ['80 * 15%', 12],
    ['80 + 15%', 92],
    ['80 - 15%', 68],
    ['20% + 30%', 0.5],
    ['100 - 15% of 80', 88],
    ['50% - 0.2', 0.3],
    ['15 percent of 80', 12],
    ['2 × 3 ÷ 4 − 1', 0.5],
    ['5 x 3', 15],
    ['5x3', 15],
    ['2(3 + 4)', 14],
    ['(1 + 2)(3 + 4)', 21],
    ['2pi', 6.2831853071796],
    ['6 / 2(1 + 2)', 9],
    ['3² + √16', 13],
    ['2½ + ¼', 2.75],
    ['２＋３', 5],
    ['2 \\times 3', 6],
    ['"2 + 3"', 5],
    ['2 + 3 =', 5],
    ['2 + 3 = ?', 5],
  ])('%s is %d', (expression, result) => {
    expect(of(expression)).toEqual({ result });
  });
});

describe('errors are coded and say how to mend them', () => {
  test.each([
    [' ', 'empty_expression'],
    ['1+'.repeat(50_000), 'too_long'],
    [`${'('.repeat(40)}1${')'.repeat(40)}`, 'too_deep'],
    [`${'1+'.repeat(127)}1`, 'too_deep'],
    ['1 +', 'syntax'],
    ['* 2', 'syntax'],
    ['(1', 'syntax'],
    ['1)', 'syntax'],
    ['()', 'syntax'],
    ['2 3', 'syntax'],
    ['1,23', 'syntax'],
    ['1.234,50', 'syntax'],
    ['a = 2', 'not_a_number'],
    ['3 > 2', 'not_a_number'],
    ['[1, 2]', 'not_a_number'],
    ['3 apples', 'unknown_symbol'],
    ['5 cm', 'unknown_symbol'],
    ['x + 1', 'unknown_symbol'],
    ['sqrt', 'unknown_symbol'],
    ['foo(2)', 'unknown_function'],
    ['sqrt(1, 2)', 'wrong_arity'],
    ['sqrt(1,234)', 'wrong_arity'],
    ['atan2(1)', 'wrong_arity'],
    ['1 / 0', 'division_by_zero'],
    ['0 / 0', 'division_by_zero'],
    ['1 % 0', 'division_by_zero'],
    ['1 // 0', 'division_by_zero'],
    ['0 ^ -1', 'division_by_zero'],
    ['sqrt(-1)', 'domain'],
    ['(-8) ^ (1/3)', 'domain'],
    ['log(0)', 'domain'],
    ['asin(2)', 'domain'],
    ['tan(pi / 2)', 'domain'],
    ['171!', 'domain'],
    ['2.5!', 'domain'],
    ['1e308 * 10', 'not_finite'],
    ['1e400', 'not_finite'],
    ['9^9^9', 'not_finite'],
  ])('%s is %s', (expression, code) => {
    const outcome = of(expression);
    expect(outcome).toMatchObject({ error: { code } });
    expect('error' in outcome && outcome.error.message).toMatch(/expected.*came/);
  });
});

describe('hostile input', () => {
  test('no written-out attack throws, gives anything but a finite number, or changes a later result', () => {
    expect(hostileExpressions.length).toBeGreaterThanOrEqual(60);
    const before = of('1/3 + sqrt(2) + sum([1, 2])');
    const changed = hostileExpressions.filter((expression) => {
      of(expression);
      return JSON.stringify(of('1/3 + sqrt(2) + sum([1, 2])')) !== JSON.stringify(before);
    });
    expect(before).toEqual({ result: 4.7475468957064 });
    expect(changed).toEqual([]);
    expect(hostileExpressions.filter(isWrong)).toEqual([]);
  });

  test('memory, state, prototype and code attacks are refused', () => {
    const attacks = hostileExpressions.filter((text) =>
      /[a-z_]{3,}/i.test(text.replace(/sqrt|max|mod|gcd|lcm|round|factorial/g, '')),
    );
    expect(attacks.length).toBeGreaterThan(50);
    expect(attacks.filter((text) => codeOf(text) === undefined)).toEqual([]);
  });

  test('5,000 random expressions give a finite number or a clear error', () => {
    const source = randomExpressions(7);
    const expressions = Array.from({ length: 5_000 }, () => String(source.next().value));
    expect(expressions.filter(isWrong)).toEqual([]);
    const answered = expressions.filter((expression) => codeOf(expression) === undefined).length;
    // Both kinds must be there for the test to mean anything.
    expect(answered).toBeGreaterThan(1_000);
    expect(answered).toBeLessThan(4_000);
  });

  test('nested remainders take no exponential time: the parser never sees a percent sign', () => {
    const depth = 31;
    expect(of(`${'3%(5+'.repeat(depth)}7${')'.repeat(depth)}`)).toEqual({ result: 3 });
  });

  test('the bound of length counts characters as sent', () => {
    expect(codeOf(`1${'+0'.repeat(40)}`)).toBeUndefined();
    expect(codeOf('1'.repeat(EXPRESSION_CHARS_MAX + 1))).toBe('too_long');
  });
});

test('of mathjs only the parser and its small helpers get into the bundle, and nothing makes code from text', async () => {
  const bundle = await build({
    entryPoints: ['edge/tools/calculate.ts', 'edge/tools/solve-math-equation.ts'],
    bundle: true,
    format: 'esm',
    minify: true,
    metafile: true,
    write: false,
    outdir: 'unused',
    logLevel: 'silent',
  });
  const used = Object.values(bundle.metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const mathjs = [...new Set(used)]
    .filter((path) => path.includes('mathjs'))
    .map((path) => path.split('/esm/')[1]);
  expect(mathjs).toContain('expression/parse.js');
  expect(
    mathjs.filter(
      (path) => !/^(?:expression\/parse|factoriesNumber|utils\/\w+|plain\/number\/\w+)\.js$/.test(path ?? ''),
    ),
  ).toEqual([]);
  for (const { text } of bundle.outputFiles) expect(text).not.toMatch(/\beval\(|\bFunction\(/);
});
