/**
 * Questions on tables. Columns are lettered in the thought ("a Math b Art. Art b."), so that
 * finding a cell is a chain of copies instead of one leap.
 */
import type { Random } from '../random.ts';
import type { Facts } from '../scenes/scene.ts';
import type { Observed } from './observed.ts';
import { calculate, type Problem, solvedBy, terminate } from './trace.ts';
import { asTyped, word } from './wording.ts';
import { type QuestionType, wordings } from './wordings/index.ts';

type Table = Extract<Facts, { type: 'table' }>;
type Context = {
  readonly facts: Table;
  readonly seen: Observed;
  readonly random: Random;
  readonly type: QuestionType;
  readonly column: number;
  readonly ask: (slots: Record<string, string>) => string;
};

const letters = 'abcdefgh';

const numericWeights = {
  cell: 34,
  columnSum: 22,
  rowMax: 22,
  rowMin: 2,
  valueMax: 18,
  valueMin: 2,
  average: 2,
  rowDifference: 2,
  rowPair: 2,
} as const;
const boardWeights = { departure: 1, departurePlace: 1 } as const;

export function tableProblem(facts: Table, seen: Observed, random: Random): Problem | undefined {
  const type = facts.numeric ? random.weighted(numericWeights) : random.weighted(boardWeights);
  const column = random.int(0, facts.columns.length - 1);
  const ask = (slots: Record<string, string>): string =>
    asTyped(word(random.pick(wordings[type]), slots, random), random);
  return programs[type]({ facts, seen, random, type, column, ask });
}

/** A name or a column as a person types it. */
const mention = (text: string, random: Random): string =>
  random.weighted({ same: 7, lower: 3 }) === 'same' ? text : text.toLowerCase();

/** `a Math b Art. Art b.`; nothing where the table has one column. */
function header(context: Context, asked: string): string {
  const { facts, column } = context;
  if (facts.columns.length === 1) return '';
  const list = facts.columns
    .map((name, index) => `${letters[index]} ${context.seen.seen(name) ?? name}`)
    .join(' ');
  return `${list}. ${asked} ${letters[column]}. `;
}

/** A row whose values were all read right; one that was misread teaches nothing. */
function readable(context: Context, row: Table['rows'][number]): boolean {
  const rest = context.seen.restAfter(row.name);
  return rest !== undefined && rest.trim() === row.values.join(' ');
}

/** `Maria a 12 b 15.` */
function rowQuote(context: Context, name: string, values: readonly string[]): string {
  if (context.facts.columns.length === 1) return `${name} ${values[0]}`;
  return `${name} ${values.map((value, index) => `${letters[index]} ${value}`).join(' ')}`;
}

/** Every row with the asked value picked out: `Maria a 12 b 15: 15 Maria.` */
function listing(context: Context): { text: string; names: string[]; values: string[] } | undefined {
  const { facts, seen, column } = context;
  const names: string[] = [];
  const values: string[] = [];
  const parts: string[] = [];
  for (const row of facts.rows) {
    const name = seen.seen(row.name);
    const value = row.values[column];
    if (name === undefined || value === undefined || !readable(context, row)) return undefined;
    names.push(name);
    values.push(value);
    parts.push(`${rowQuote(context, name, row.values)}: ${value} ${name}.`);
  }
  return { text: parts.join(' '), names, values };
}

/** A calculation over one column. */
function overColumn(
  context: Context,
  slots: Record<string, string>,
  expression: (values: readonly string[]) => string,
): Problem | undefined {
  const list = listing(context);
  if (!list) return undefined;
  const asked = mention(context.facts.columns[context.column] ?? '', context.random);
  const question = context.ask({ c: asked, ...slots });
  return solvedBy(
    context.type,
    question,
    [calculate(header(context, asked) + list.text, expression(list.values))],
    String,
  );
}

/** The row with the highest or lowest value. */
function extreme(context: Context, pick: 'max' | 'min'): Problem | undefined {
  const list = listing(context);
  if (!list) return undefined;
  const numbers = list.values.map(Number);
  const best = pick === 'max' ? Math.max(...numbers) : Math.min(...numbers);
  if (numbers.filter((value) => value === best).length > 1) return undefined;
  const at = numbers.indexOf(best);
  const asked = mention(context.facts.columns[context.column] ?? '', context.random);
  const question = context.ask({
    c: asked,
    h: context.random.pick(['row', 'one', 'name', 'team', 'player', 'item', 'city', 'person']),
  });
  const thought = header(context, asked) + list.text;
  const answer = list.names[at] ?? '';
  return solvedBy(
    context.type,
    question,
    [calculate(thought, `${pick}(${list.values.join(', ')})`)],
    () => answer,
    () => `${list.values[at]} ${answer}.`,
  );
}

/** Two rows of one column, joined by an operator. */
function twoRows(context: Context, operator: '+' | '-'): Problem | undefined {
  const { facts, random, column } = context;
  const pair = random.sample(
    facts.rows.filter((row) => readable(context, row)),
    2,
  );
  if (pair.length < 2) return undefined;
  if (operator === '-') pair.sort((a, b) => Number(b.values[column]) - Number(a.values[column]));
  const names = pair.map((row) => mention(row.name, random));
  const asked = mention(facts.columns[column] ?? '', random);
  const quotes = pair.map((row, index) => `${rowQuote(context, names[index] ?? '', row.values)}.`).join(' ');
  const expression = pair.map((row) => row.values[column]).join(` ${operator} `);
  const question = context.ask({ c: asked, r: names[0] ?? '', s: names[1] ?? '' });
  return solvedBy(context.type, question, [calculate(header(context, asked) + quotes, expression)], String);
}

/** One cell of the table, by the names of its row and column. */
function cell(context: Context): Problem | undefined {
  const { facts, random, column } = context;
  const row = random.pick(facts.rows);
  const value = row.values[column];
  if (!readable(context, row) || value === undefined) return undefined;
  const name = mention(row.name, random);
  const asked = mention(facts.columns[column] ?? '', random);
  const thought = `${header(context, asked)}${rowQuote(context, name, row.values)}.`;
  return {
    type: context.type,
    question: context.ask({ c: asked, r: name }),
    answer: value,
    steps: [terminate(thought, value)],
  };
}

/** A departure board: the whole row is quoted, the time or the platform is the answer. */
function departure(context: Context, column: number): Problem | undefined {
  const row = context.random.pick(context.facts.rows);
  const quote = context.seen.rowOf(row.name);
  const value = row.values[column];
  if (quote === undefined || value === undefined) return undefined;
  const answer = context.seen.seen(value) ?? value;
  const asked = context.facts.columns[1] ?? '';
  const question = context.ask({
    r: mention(row.name, context.random),
    c: context.random.chance(0.8) ? asked : `${asked} number`,
  });
  return { type: context.type, question, answer, steps: [terminate(`${quote}.`, answer)] };
}

const mean = (values: readonly string[]): string => `round((${values.join(' + ')}) / ${values.length}, 2)`;

const programs = {
  cell,
  columnSum: (context: Context) => overColumn(context, {}, (values) => values.join(' + ')),
  average: (context: Context) => overColumn(context, {}, mean),
  valueMax: (context: Context) => overColumn(context, {}, (values) => `max(${values.join(', ')})`),
  valueMin: (context: Context) => overColumn(context, {}, (values) => `min(${values.join(', ')})`),
  rowMax: (context: Context) => extreme(context, 'max'),
  rowMin: (context: Context) => extreme(context, 'min'),
  rowDifference: (context: Context) => twoRows(context, '-'),
  rowPair: (context: Context) => twoRows(context, '+'),
  departure: (context: Context) => departure(context, 0),
  departurePlace: (context: Context) => departure(context, 1),
} as const;
