/** What the calculator is attacked with: written-out hostile expressions, and random ones from a seed. */

import { pick, type Random, seededRandom } from './random.ts';

/**
 * Every kind of expression that hung, killed or changed a general evaluator: memory, time, shared state,
 * prototypes, nesting. Those that are plain arithmetic may be answered; none may take long.
 */
export const hostileExpressions: readonly string[] = [
  // Memory.
  'zeros(20000,20000)',
  'ones(1e5,1e5)',
  'ones(100,100,100,100)',
  'zeros(1e8)',
  'identity(2e4)',
  'range(1,1e8)',
  '1:1e9',
  'sum(1:1e9)',
  'kron(ones(80,80),ones(80,80))',
  'setPowerset(1:20)',
  'setCartesian(1:1000, 1:1000, 1:1000)',
  'randomInt([4000,4000],1,9)',
  'format(1/3,{precision:1e9})',
  'map(1:1e7, f(x) = x^2)',
  'resize([1], [100000, 100000])',
  'a=[];a[1e8]=1',
  'a="x";a=concat(a,a);a=concat(a,a);a=concat(a,a)',
  '"x".repeat(1e9)',
  // Time.
  'eigs(random([60,60]))',
  'sqrtm(random([80,80]))',
  'rationalize("(x+y+z)^12")',
  'rationalize((x+1)^40)',
  'fft(random([1e5]))',
  'sylvester(random([40,40]),random([40,40]),random([40,40]))',
  'fraction(12345678901,3)^1e6',
  'bigint(9)^bigint(99999999)',
  '9**99999999**9',
  'combinations(1e9,5e8)',
  'combinations(bignumber(1e9),bignumber(5e8))',
  'permutations(1e9)',
  'isPrime(bignumber("1000000000000000000000000000057"))',
  'fib(n)=n<2?n:fib(n-1)+fib(n-2);fib(40)',
  'simplify("1+1+1+1+1+x+x+x")',
  'derivative("sin(sin(sin(sin(x))))","x")',
  'zeta(0.5+1e8i)',
  'solveODE(f(t,y)=y,[0,1e7],1)',
  'sort(random([1000000]))',
  'factorial(1e9)',
  'factorial(170.5)',
  '99999999!',
  '1e308!',
  '((9!)!)!',
  '9^9^9^9^9',
  'gcd(1e308,3)',
  'lcm(1e15,1e15-1)',
  'mod(1e308,1e-308)',
  '1e308 % 1e-308',
  '1e308 // 1e-308',
  'round(1e308, 308)',
  'round(1.5, 1e9)',
  `1%(${'1%('.repeat(29)}2${')'.repeat(30)}`,
  `1${'%'.repeat(200)}`,
  `1${'!'.repeat(200)}`,
  // Shared state.
  'config({number:"BigNumber"})',
  'createUnit("foo")',
  'import({sqrt: 1})',
  'pi = 3',
  'e := 2',
  'sqrt(x) = 4',
  'sum = 5; sum',
  'parser().evaluate("1")',
  'typed("f", {})',
  // Prototypes and code.
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'valueOf(1)',
  'constructor(1)',
  '__proto__(1)',
  'toString()',
  'cos.constructor("return process")()',
  'math.constructor("return 1")()',
  '[].constructor.constructor("return this")()',
  '(1).constructor',
  '{}.__proto__',
  '{a:1}',
  'sqrt["constructor"]',
  'import("fs")',
  'process.exit(1)',
  'globalThis',
  'this',
  'eval("1")',
  'evaluate("1+1")',
  'compile("1")',
  'Function("return 1")()',
  '__import__("os").system("ls")',
  'lambda x: x',
  '`1`',
  'f"{1}"',
  // Nesting and length.
  '('.repeat(10_000) + ')'.repeat(10_000),
  '('.repeat(256),
  `${'('.repeat(120)}1${')'.repeat(120)}`,
  `${'sqrt('.repeat(40)}1${')'.repeat(40)}`,
  '['.repeat(128) + ']'.repeat(128),
  '2^'.repeat(3_000),
  `${'2^'.repeat(127)}2`,
  '1+'.repeat(50_000),
  `${'1+'.repeat(127)}1`,
  `${'-'.repeat(255)}1`,
  `${'+-'.repeat(127)}1`,
  `${'√'.repeat(250)}4`,
  `max(${'9,'.repeat(120)}9)`,
  '1'.repeat(256),
  `1e${'9'.repeat(200)}`,
  `1${',000'.repeat(60)}`,
  // Odd characters.
  '\u{0}',
  '1\u{0}+1',
  '\u{d800}',
  '1 + \u{202e}2',
  '๓ + 1',
  '∞',
  'NaN',
  'Infinity - Infinity',
  'i^2',
  '0x10',
  '0b1',
  '1..2',
  '1.2.3',
  '#comment',
  '1 # 2',
  '1;2',
  '1\n2',
  '%',
  '1 %% 2',
  '$',
  '😀',
];

const names = [
  'sqrt',
  'abs',
  'round',
  'log',
  'ln',
  'sin',
  'tan',
  'asin',
  'floor',
  'factorial',
  'exp',
] as const;
const lists = ['min', 'max', 'sum', 'mean', 'median', 'gcd', 'lcm', 'hypot'] as const;
const operators = ['+', '-', '*', '/', '^', '**', '//', '%', ' % ', ' mod ', '×', '÷', '−', ' x '] as const;

/** Well formed most of the time: numbers, functions, lists, percent and currency signs. */
function grammarSample(random: Random, depth: number): string {
  const choice = random();
  if (depth === 0 || choice < 0.25) return numberSample(random);
  if (choice < 0.6) {
    return grammarSample(random, depth - 1) + pick(random, operators) + grammarSample(random, depth - 1);
  }
  if (choice < 0.7) return `(${grammarSample(random, depth - 1)})`;
  if (choice < 0.8) return `${pick(random, names)}(${grammarSample(random, depth - 1)})`;
  if (choice < 0.9) {
    const items = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      grammarSample(random, depth - 1),
    );
    return random() < 0.5
      ? `${pick(random, lists)}([${items.join(', ')}])`
      : `${pick(random, lists)}(${items.join(',')})`;
  }
  if (choice < 0.95) return `-${grammarSample(random, depth - 1)}`;
  return `${grammarSample(random, depth - 1)}${pick(random, ['!', '%', '% of 80', '²'])}`;
}

function numberSample(random: Random): string {
  const kinds = [
    '0',
    '1',
    '2',
    '10',
    '0.1',
    '1e308',
    '1e-308',
    'pi',
    'e',
    '1,234.50',
    '$5',
    '3€',
    '1_000',
  ] as const;
  return random() < 0.5 ? String(Math.floor(random() * 1000) / 10) : pick(random, kinds);
}

const soup = [
  ...'0123456789+-*/^!%()[]{},:;=.\'"`~#@&|<>?\\_$€xei \n\u{0}π√²½×÷−',
  '\u{d800}',
  '๓',
  '∞',
  '**',
  '//',
  'sqrt(',
  'factorial(',
  'zeros(',
  'max(',
  'gcd(',
  'mod(',
  'f(x)=',
  '1e308',
  ' to ',
  ' cm',
  'constructor',
  '99999999',
] as unknown as readonly [string, ...string[]];

/** Endless: half follow the grammar, a quarter are damaged ones, a quarter are characters at random. */
export function* randomExpressions(seed: number): Generator<string> {
  const random = seededRandom(seed);
  for (;;) {
    const kind = random();
    const text = grammarSample(random, 4);
    if (kind < 0.5) yield text;
    else if (kind < 0.75) {
      const at = Math.floor(random() * (text.length + 1));
      yield text.slice(0, at) + pick(random, soup) + text.slice(at + Math.floor(random() * 3));
    } else {
      yield Array.from({ length: 1 + Math.floor(random() * 60) }, () => pick(random, soup)).join('');
    }
  }
}
