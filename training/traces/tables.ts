/**
 * Questions on tables. Columns get marks in the thought (`① Math ② Art. Art ②.`), so that finding a
 * cell is a chain of copies instead of one leap.
 *
 * A question over a column walks through the rows. Each line of the thought takes up one row with its
 * marks, picks the asked value, carries the values so far, and ends with the row as it stands in the
 * reading: what followed that row there is the next one.
 *
 *   Maria ① 12 ② 15: ② 15; 15 | Maria 12 15
 *   Ben ① 3 ② 9: ② 9; 15 + 9 | Ben 3 9
 */
import type { Random } from '../random.ts';
import type { Facts } from '../scenes/scene.ts';
import { asNamed } from './desk.ts';
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

const marks = ['①', '②', '③', '④', '⑤', '⑥'] as const;

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
    asTyped(word(random.pick(wordings[type]), slots, random), random, [
      slots['r'] ?? '',
      slots['s'] ?? '',
      slots['c'] ?? '',
    ]);
  return programs[type]({ facts, seen, random, type, column, ask });
}

/** A name or a column as a person types it. */
const mention = (text: string, random: Random): string =>
  random.weighted({ same: 7, lower: 3 }) === 'same' ? text : text.toLowerCase();

/** `① Math ② Art. Art ②. ` */
function header({ facts, seen, column }: Context, asked: string): string {
  const list = facts.columns.map((name, index) => `${marks[index]} ${seen.seen(name) ?? name}`).join(' ');
  return `${list}. ${asked} ${marks[column]}.`;
}

/** A row whose values were all read right; one that was misread teaches nothing. */
function readable(context: Context, row: Table['rows'][number]): boolean {
  const rest = context.seen.restAfter(row.name);
  return rest !== undefined && rest.trim() === row.values.join(' ');
}

/** `Maria ① 12 ② 15: ② 15` */
function picked({ column }: Context, name: string, values: readonly string[]): string {
  const marked = values.map((value, index) => `${marks[index]} ${value}`).join(' ');
  return `${name} ${marked}: ${marks[column]} ${values[column]}`;
}

/** Walks through all rows. `text` is one line a row, `list` the picked values with `joint` between them. */
function walk(
  context: Context,
  joint: string,
): { text: string; list: string; names: string[]; values: string[] } | undefined {
  const { facts, seen, column } = context;
  const names: string[] = [];
  const values: string[] = [];
  const lines: string[] = [];
  for (const row of facts.rows) {
    const name = seen.seen(row.name);
    const value = row.values[column];
    if (name === undefined || value === undefined || !readable(context, row)) return undefined;
    names.push(name);
    values.push(value);
    lines.push(
      `${picked(context, name, row.values)}; ${values.join(joint)} | ${name} ${row.values.join(' ')}`,
    );
  }
  return { text: lines.join('\n'), list: values.join(joint), names, values };
}

/** A calculation over one column. */
function overColumn(
  context: Context,
  joint: string,
  expression: (list: string, count: number) => string,
): Problem | undefined {
  const rows = walk(context, joint);
  if (!rows) return undefined;
  const asked = mention(context.facts.columns[context.column] ?? '', context.random);
  const thought = `${header(context, asked)}\n${rows.text}`;
  const calculation = calculate(thought, expression(rows.list, rows.values.length));
  return solvedBy(context.type, context.ask({ c: asked }), [calculation], String);
}

/** The row with the highest or lowest value. */
function extreme(context: Context, pick: 'max' | 'min'): Problem | undefined {
  const rows = walk(context, ', ');
  if (!rows) return undefined;
  const numbers = rows.values.map(Number);
  const best = pick === 'max' ? Math.max(...numbers) : Math.min(...numbers);
  if (numbers.filter((value) => value === best).length > 1) return undefined;
  const at = numbers.indexOf(best);
  const asked = mention(context.facts.columns[context.column] ?? '', context.random);
  const question = context.ask({
    c: asked,
    h: context.random.pick(['row', 'one', 'name', 'team', 'player', 'item', 'city', 'person']),
  });
  const thought = `${header(context, asked)}\n${rows.text}`;
  const answer = rows.names[at] ?? '';
  return solvedBy(
    context.type,
    question,
    [calculate(thought, `${pick}(${rows.list})`)],
    () => answer,
    () => `${rows.values[at]} | ${answer}.`,
  );
}

/** Two rows of one column. */
function twoRows(context: Context, expression: (values: readonly string[]) => string): Problem | undefined {
  const { facts, random, column } = context;
  const pair = random
    .sample(
      facts.rows.filter((row) => readable(context, row)),
      2,
    )
    // A question names the higher one first, or says "fewer".
    .sort((a, b) => Number(b.values[column]) - Number(a.values[column]))
    .map((row) => ({ name: mention(row.name, random), values: row.values }));
  const [a, b] = pair;
  if (!a || !b) return undefined;
  const asked = mention(facts.columns[column] ?? '', random);
  const question = context.ask({ c: asked, r: a.name, s: b.name });
  const named = asNamed(question, pair, (row) => row.name);
  const thought = [
    header(context, asked),
    ...named.map((row) => `${picked(context, row.name, row.values)}.`),
  ].join(' ');
  const values = named.map((row) => row.values[column] ?? '');
  return solvedBy(context.type, question, [calculate(thought, expression(values))], String);
}

/** One cell of the table, by the names of its row and column. */
function cell(context: Context): Problem | undefined {
  const { facts, random, column } = context;
  const row = random.pick(facts.rows);
  const value = row.values[column];
  if (!readable(context, row) || value === undefined) return undefined;
  const name = mention(row.name, random);
  const asked = mention(facts.columns[column] ?? '', random);
  const thought = `${header(context, asked)} ${picked(context, name, row.values)}.`;
  return {
    type: context.type,
    question: context.ask({ c: asked, r: name }),
    answer: value,
    steps: [terminate(thought, value)],
  };
}

/** A departure board: the name and its whole row are quoted, the time or the platform is the answer. */
function departure(context: Context, column: number): Problem | undefined {
  const row = context.random.pick(context.facts.rows);
  const quote = context.seen.rowOf(row.name);
  const value = row.values[column];
  if (quote === undefined || value === undefined) return undefined;
  const answer = context.seen.seen(value) ?? value;
  const asked = context.facts.columns[1] ?? '';
  const name = mention(row.name, context.random);
  const question = context.ask({
    r: name,
    c: context.random.chance(0.8) ? asked : `${asked} number`,
  });
  return { type: context.type, question, answer, steps: [terminate(`${name}: ${quote}.`, answer)] };
}

const programs = {
  cell,
  columnSum: (context: Context) => overColumn(context, ' + ', (list) => list),
  average: (context: Context) =>
    overColumn(context, ' + ', (list, count) => `round((${list}) / ${count}, 2)`),
  valueMax: (context: Context) => overColumn(context, ', ', (list) => `max(${list})`),
  valueMin: (context: Context) => overColumn(context, ', ', (list) => `min(${list})`),
  rowMax: (context: Context) => extreme(context, 'max'),
  rowMin: (context: Context) => extreme(context, 'min'),
  rowDifference: (context: Context) => twoRows(context, (values) => `abs(${values.join(' - ')})`),
  rowPair: (context: Context) => twoRows(context, (values) => values.join(' + ')),
  departure: (context: Context) => departure(context, 0),
  departurePlace: (context: Context) => departure(context, 1),
} as const;
