/** A question in plain words or symbols to equations, one expression at most, and the unknowns asked for. */
import { EQUATIONS_MAX } from '#shared/limits';
import { MathFailure, quoted } from './failure.ts';
import { constants, functions } from './functions.ts';
import { plainSymbols } from './symbols.ts';

export type Question = {
  /** Both sides of each, still as text. */
  readonly equations: ReadonlyArray<readonly [string, string]>;
  /** "what is 2x + 1" beside the equations, or alone. */
  readonly expression?: string;
  readonly targets: readonly string[];
};

const numberWords = [
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty',
  'thirty forty fifty sixty seventy eighty ninety',
].flatMap((line, index) =>
  line.split(' ').map((word, at): [string, number] => [word, index === 0 ? at : 30 + 10 * at]),
);
const tensWords = numberWords.filter(([, value]) => value >= 20).map(([word]) => word);
const unitWords = numberWords.filter(([, value]) => value > 0 && value < 10).map(([word]) => word);
const numberOf: ReadonlyMap<string, number> = new Map([...numberWords, ['hundred', 100]]);

/** One simple operand of a wording such as "the sum of x and 3". */
const OPERAND = String.raw`(-?[\w.^]+|\([^()]*\))`;

/** Words to symbols, in this order. Every pattern is linear on the bounded text. */
const phrases: ReadonlyArray<readonly [RegExp, string | ((...found: string[]) => string)]> = [
  // As in Python's sympy: solve(x**2 - 4, x).
  [
    /^solve ?\(((?:[^()]|\([^()]*\))*), ?([a-z])\)$/g,
    (_, equation = '', name = '') => `${equation}${equation.includes('=') ? '' : ' = 0'}; find ${name}`,
  ],
  // The blank of a work sheet: 12 + ? = 20, 12 + ___ = 20. A bare "= ?" at the end asks for a value instead.
  [/[□▢☐]|_{2,}|(?<=[-+*/(] ?)\?|(?<=(?:^|=) ?)\?(?= ?[-+*/=])/g, 'x'],
  [/\bwhat's\b/g, 'what is'],
  [/\b(\w+)'s\b/g, '$1'],
  [
    new RegExp(String.raw`\b(${tensWords.join('|')})[ -](${unitWords.join('|')})\b`, 'g'),
    (_, tens = '', unit = '') => String((numberOf.get(tens) ?? 0) + (numberOf.get(unit) ?? 0)),
  ],
  [
    new RegExp(String.raw`\b(${[...numberOf.keys()].join('|')})\b`, 'g'),
    (_, word = '') => String(numberOf.get(word)),
  ],
  [/\b(?:a|an|the|some|this|that|my|one|1) (?:unknown )?(?:number|unknown)\b/g, 'x'],
  [/\bof (?:what|which) number\b/g, 'of x'],
  [/\b(?:what|which) (?:percentage|percent|%) of\b/g, 'x % *'],
  [/(?<=[\d)]):(?=[\d(])/g, '/'],
  [/\b(?:the )?square root of\b/g, ' √ '],
  [/\b(?:the )?cube root of\b/g, ' ∛ '],
  [new RegExp(String.raw`\b(?:the )?absolute value of\s+${OPERAND}`, 'g'), ' abs($1) '],
  [/\b(?:raised )?to the (?:power(?: of)?)\b/g, ' ^ '],
  [/\bto the (\d+)(?:st|nd|rd|th)(?: power)?\b/g, '^$1'],
  [/\bsquared\b/g, '^2'],
  [/\bcubed\b/g, '^3'],
  [new RegExp(String.raw`\b(?:the )?sum of\s+${OPERAND}\s+and\s+${OPERAND}`, 'g'), ' ($1 + $2) '],
  [
    new RegExp(String.raw`\b(?:the )?difference (?:of|between)\s+${OPERAND}\s+and\s+${OPERAND}`, 'g'),
    ' ($1 - $2) ',
  ],
  [new RegExp(String.raw`\b(?:the )?product of\s+${OPERAND}\s+and\s+${OPERAND}`, 'g'), ' ($1 * $2) '],
  [new RegExp(String.raw`\b(?:the )?quotient of\s+${OPERAND}\s+and\s+${OPERAND}`, 'g'), ' ($1 / $2) '],
  [new RegExp(String.raw`${OPERAND}\s+less than\s+${OPERAND}`, 'g'), ' ($2 - $1) '],
  [new RegExp(String.raw`${OPERAND}\s+more than\s+${OPERAND}`, 'g'), ' ($1 + $2) '],
  [new RegExp(String.raw`\bsubtract\s+${OPERAND}\s+from\s+${OPERAND}`, 'g'), ' ($2 - $1) '],
  [/\b(?:twice|double) (?:of )?/g, ' 2 * '],
  [/\b(?:thrice|triple) (?:of )?/g, ' 3 * '],
  [/\b(?:a )?half (?:of )?/g, ' 1/2 * '],
  [/\b(?:a )?third of /g, ' 1/3 * '],
  [/\b(?:a )?quarter of /g, ' 1/4 * '],
  [/(?:\bpercent|%) of\b/g, '% *'],
  [/\bpercent\b/g, '%'],
  [/\b(?:is|are)? ?(?:equal to|equals to|equals|equal|gives|results in|the same as)\b/g, ' = '],
  [/\b(?:multiplied by|times)\b/g, ' * '],
  [/\b(?:divided by|over)\b/g, ' / '],
  [/\b(?:increased by|added to|plus)\b/g, ' + '],
  [/\b(?:decreased by|reduced by|minus|less|negative)\b/g, ' - '],
];

const UNKNOWN = String.raw`[a-zθλμφα-ω](?:_?\d{1,2})?`;
const UNKNOWNS = String.raw`${UNKNOWN}(?:\s*(?:,|and|,\s*and)\s*${UNKNOWN})*`;
/** "for x", "find x and y", "what is x", where nothing follows that would make it an expression. */
const asked = new RegExp(
  String.raw`\b(?:for|find|determine|compute|calculate|what is|what are|whats|value of|values of|evaluate|solve)\s+(?:the\s+)?(?:values?\s+of\s+)?(?:for\s+)?(${UNKNOWNS})(?=\s*(?:$|[;,?.:]|(?:if|when|given|in|such|where|from|using|that)\b|and\s+[^\s]+\s*[-+*/=^(]))`,
  'gu',
);
/** Words that say nothing about the mathematics. */
const fillers = new Set(
  'what which how much many are the solve find determine compute calculate evaluate simplify work out value values of following equation equations system problem expression formula please me tell show we you i have has do does can let be being satisfies satisfy to get real root roots solution solutions answer result variable unknown unknowns this that its also must should now here step by'.split(
    ' ',
  ),
);
const separators =
  /\b(?:if|when|given|where|such|then|in|and|with|so|but|while|using|from|for|assuming|suppose|knowing)\b/g;

/** @throws MathFailure no_equation, not_an_equation, unknown_symbol, too_long */
export function readQuestion(text: string): Question {
  const targets: string[] = [];
  const plain = phrases.reduce(
    (value, [pattern, form]) =>
      typeof form === 'string' ? value.replace(pattern, form) : value.replace(pattern, form),
    plainSymbols(text)
      .toLowerCase()
      .replace(/[\\"`]/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
  refuseInequality(plain);
  const rest = plain.replace(asked, (_, names: string) => {
    targets.push(...(names.replace(/\band\b/g, ' ').match(new RegExp(UNKNOWN, 'gu')) ?? []));
    return ' ; ';
  });
  const clauses = clausesOf(rest);
  const equations = clauses.flatMap(sidesOf);
  const expressions = clauses.filter((clause) => !clause.includes('='));
  if (equations.length > EQUATIONS_MAX) {
    throw new MathFailure(
      'too_many_unknowns',
      `expected at most ${EQUATIONS_MAX} equations; came ${equations.length}: solve them in parts`,
    );
  }
  if (expressions.length > 1 || (expressions.length === 0 && equations.length === 0)) {
    throw new MathFailure(
      'no_equation',
      `expected an equation such as "3x + 5 = 20"; came ${quoted(text.trim())}: write it with "=" and one letter for each unknown`,
    );
  }
  const [expression] = expressions;
  return { equations, targets: [...new Set(targets)], ...(expression === undefined ? {} : { expression }) };
}

function refuseInequality(text: string): void {
  const sign = /[<>]=?|!=|≈/.exec(text)?.[0];
  if (sign === undefined) return;
  throw new MathFailure(
    'not_an_equation',
    `expected equations with "="; came ${quoted(sign)}: solve the equation at its border instead`,
  );
}

/** Splits at punctuation and joining words, drops fillers, and reads "is" as "=" where a clause has no other. */
function clausesOf(text: string): string[] {
  const letters = new Set(text.match(/(?<![\p{L}\d_])\p{L}(?![\p{L}_])/gu) ?? []);
  return splitCommas(
    text
      .replace(/[?:]/g, ';')
      .replace(/\.(?=\s|;|$)/g, ';')
      .replace(separators, ';'),
  )
    .split(';')
    .map((clause) =>
      equalsOf(
        clause.replace(/^\s*(?:what|which|how much|how many)?\s*(?:is|are)\b/, ' ').replace(/==+/g, '='),
      ),
    )
    .map((clause) =>
      wrapFunctions(clause.replace(/[\p{L}]+/gu, (word) => (fillers.has(word) ? ' ' : word))).trim(),
    )
    .map((clause) =>
      clause.replace(/=\s*$/, (sign) => (clause.indexOf('=') === clause.length - sign.length ? '' : sign)),
    )
    .map((clause) => splitLetters(clause, letters).trim())
    .filter((clause) => clause !== '' && !isProse(clause));
}

/** Nothing but words: a heading, a greeting. */
function isProse(clause: string): boolean {
  return clause
    .split(/[\s,.!]+/)
    .every((word) => word === '' || (/^\p{L}{3,}$/u.test(word) && !functions.has(word)));
}

function equalsOf(clause: string): string {
  if (clause.includes('=')) return clause.replace(/\b(?:is|are)\b/g, ' ');
  return clause.replace(/\b(?:is|are)\b/, ' = ');
}

/** A comma ends a clause, but for those of 1,234 and of arguments. */
function splitCommas(text: string): string {
  let depth = 0;
  return [...text]
    .map((sign, index, all) => {
      if (sign === '(' || sign === '[') depth += 1;
      if (sign === ')' || sign === ']') depth -= 1;
      const thousands =
        /\d/.test(all[index - 1] ?? '') && /^\d{3}(?!\d)/.test(all.slice(index + 1, index + 5).join(''));
      return sign === ',' && depth <= 0 && !thousands ? ';' : sign;
    })
    .join('');
}

/** `sin x`, `sqrt 2x`, `log 5` to calls: the operand is a number, a letter, or both. */
function wrapFunctions(clause: string): string {
  return clause.replace(
    /\b([a-z]{2,}\d*)\s+(\d*\.?\d*\s*[a-zθ]?(?:\^\d)?)(?![\w(])/gu,
    (found, name: string, inner: string) =>
      functions.has(name) && inner.trim() !== '' ? `${name}(${inner.trim()}) ` : found,
  );
}

/** `xy` and `2ab` are products, and so is `mx` where m and x stand alone elsewhere; other words are not. */
function splitLetters(clause: string, alone: ReadonlySet<string>): string {
  return clause.replace(/(?<![a-z_])[a-z]{2,3}(?![a-z_0-9])/g, (word) => {
    if (functions.has(word) || constants.has(word)) return word;
    const product = /^(?:[xyz]+|[abc]+|[uvw]+)$/.test(word) || [...word].every((letter) => alone.has(letter));
    return product ? [...word].join('*') : word;
  });
}

/** `a = b = c` is two equations. */
function sidesOf(clause: string): Array<[string, string]> {
  const sides = clause.split('=').map((side) => side.trim());
  if (sides.length < 2) return [];
  if (sides.some((side) => side === '')) {
    throw new MathFailure(
      'syntax',
      `expected an expression on both sides of "="; came ${quoted(clause)}: add the missing side`,
    );
  }
  return sides.slice(1).map((right, index) => [sides[index] ?? '', right]);
}
