/** `cota distill`: a teacher answers rows of pictures and questions with our tools; what it did right is kept. */
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { decodeImage } from '#backend/images/decode';
import { STEPS_MAX } from '#shared/limits';
import { isRight } from '../eval/check.ts';
import { askAgent, askTeacher, dataUrl, type Outcome } from './distill-loop.ts';
import { formOf } from './forms.ts';
import { createProgress } from './progress.ts';
import { ShardWriter } from './shards.ts';
import { openTeacher, type Teacher, TeacherError } from './teacher.ts';
import { openToolBench, type ToolBench } from './tool-bench.ts';
import { type CotaTrace, cotaTrace, toolsOf, truth } from './trace.ts';
import { UsageError, wholeNumber } from './usage.ts';
import type { Outcomes } from './usefulness.ts';

export const usage = `distill --rows FILE --out FOLDER --url URL --model NAME [--agent] [--tokens 1000000] [--steps 10]
    --rows: JSON lines {"id", "source", "images": [paths], "question", "truth"}; the key is read from TEACHER_KEY;
    --agent: the teacher runs the loop itself and gives its trace in "cota", as this service does;
    --tokens: what may be spent in all. A start finds ledger.jsonl and goes on behind it.`;

const row = z.strictObject({
  id: z
    .string()
    .max(200)
    .regex(/^[\w.-]+$/, 'expected letters, digits, ".", "_" and "-"'),
  source: z.string().min(1).max(100),
  type: z.string().default('question'),
  images: z.array(z.string()).min(1),
  question: z.string().min(1),
  truth,
});
export type Row = z.output<typeof row>;

/** One line for each row that was asked: what came of it, what it cost, and the trace itself. */
const entry = z.object({
  id: z.string(),
  source: z.string(),
  /** `error`: the teacher gave nothing; such a row is asked again by the next start. */
  result: z.enum(['cota_correct', 'cota_wrong', 'cot_correct', 'cot_wrong', 'error']),
  tokens: z.int().min(0),
  detail: z.string().optional(),
  trace: cotaTrace.optional(),
});
export type Entry = z.output<typeof entry>;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string' },
      out: { type: 'string' },
      url: { type: 'string' },
      model: { type: 'string' },
      tokens: { type: 'string', default: '1000000' },
      steps: { type: 'string', default: '10' },
      agent: { type: 'boolean', default: false },
    },
  });
  const { rows: file, out, url, model } = values;
  const key = process.env['TEACHER_KEY'];
  if (file === undefined || out === undefined || url === undefined || model === undefined)
    throw new UsageError('distill expects --rows FILE, --out FOLDER, --url URL and --model NAME');
  if (!key)
    throw new UsageError('distill expects the key of the teacher in the environment variable TEACHER_KEY');
  const counts = await distill(await readRows(file), out, {
    teacher: openTeacher({ url, key, model }),
    agent: values.agent,
    bench: await openToolBench(),
    tokensMax: wholeNumber('tokens', values.tokens, 1),
    stepsMax: Math.min(STEPS_MAX, wholeNumber('steps', values.steps, 1)),
  });
  console.log(JSON.stringify(counts, null, 1));
}

/** Paths of images are taken from the folder of the file. Throws UsageError with the number of a bad line. */
export async function readRows(file: string): Promise<Row[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.flatMap((line, index): Row[] => {
    if (line.trim() === '') return [];
    const parsed = row.safeParse(jsonOf(line));
    if (!parsed.success) throw new UsageError(`${file}:${index + 1}: ${z.prettifyError(parsed.error)}`);
    return [{ ...parsed.data, images: parsed.data.images.map((path) => resolve(dirname(file), path)) }];
  });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export type DistillOptions = {
  readonly teacher: Teacher;
  /** Whether the teacher runs the loop itself. */
  readonly agent: boolean;
  readonly bench: ToolBench;
  readonly tokensMax: number;
  readonly stepsMax: number;
};

/** Asks what the ledger lacks, then writes shards and outcomes.json from all of it. Gives the outcomes by source. */
export async function distill(rows: readonly Row[], out: string, options: DistillOptions): Promise<Outcomes> {
  await mkdir(out, { recursive: true });
  const ledger = join(out, 'ledger.jsonl');
  const entries = await readLedger(ledger);
  const done = new Set(entries.filter(({ result }) => result !== 'error').map(({ id }) => id));
  let spent = entries.reduce((sum, { tokens }) => sum + tokens, 0);
  const progress = createProgress(rows.length, done.size, 'rows');
  for (const one of rows) {
    if (done.has(one.id)) continue;
    if (spent >= options.tokensMax) break;
    const made = await entryOf(one, out, { ...options, tokensMax: options.tokensMax - spent });
    await appendFile(ledger, `${JSON.stringify(made)}\n`);
    entries.push(made);
    spent += made.tokens;
    progress.add(1);
  }
  progress.end();
  return await publish(entries, out);
}

/** A line that a crash cut short is left out: its row is asked again. */
async function readLedger(file: string): Promise<Entry[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => entry.safeParse(jsonOf(line)).data ?? []);
}

async function entryOf(one: Row, out: string, options: DistillOptions): Promise<Entry> {
  const { id, source } = one;
  try {
    const images = await Promise.all(one.images.map(imageOf));
    const task = { question: one.question, images, folder: join(out, 'images'), name: id };
    const { teacher, bench, agent } = options;
    const outcome = agent ? await askAgent(teacher, task) : await askTeacher(teacher, bench, task, options);
    const made = traceOfRow(one, outcome);
    const correct = outcome.answer !== undefined && isRight(outcome.answer, one.truth, one.question);
    const used = toolsOf(outcome).length > 0 ? 'cota' : 'cot';
    const trace = correct ? made : directOf(one);
    return {
      id,
      source,
      result: `${used}_${correct ? 'correct' : 'wrong'}`,
      tokens: outcome.tokens,
      ...(trace ? { trace } : {}),
    };
  } catch (error) {
    if (!(error instanceof TeacherError)) throw error;
    return { id, source, result: 'error', tokens: 0, detail: error.message };
  }
}

async function imageOf(path: string) {
  const { raster, mediaType } = await decodeImage(path);
  return { raster, url: dataUrl(await readFile(path), mediaType) };
}

function traceOfRow(
  { id, source, type, images, question, truth: right }: Row,
  { steps }: Outcome,
): CotaTrace {
  const form = toolsOf({ steps }).length > 0 ? 'cota' : 'cot';
  const sources = images.map((path) => ({ type: 'file', path }) as const);
  return { id, source, type, form, images: sources, question, truth: right, steps: [...steps] };
}

/** What the teacher got wrong is kept as question and right answer, as in the paper. */
function directOf(one: Row): CotaTrace | undefined {
  const answer = rightAnswer(one.truth);
  const turn = { thought: '', actions: [{ name: 'Terminate', arguments: { answer } }] };
  return formOf.direct(traceOfRow(one, { steps: [{ turn }], tokens: 0 }));
}

function rightAnswer(right: Row['truth']): string {
  switch (right.type) {
    case 'number':
      return String(right.value);
    case 'text':
      return right.values[0];
    case 'digits':
    case 'choice':
      return right.value;
    case 'nothing':
      return 'There is nothing to read.';
    case 'unknown':
      return 'I cannot tell from the picture.';
  }
}

async function publish(entries: readonly Entry[], out: string): Promise<Outcomes> {
  const counts: Outcomes = {};
  const writer = new ShardWriter(out);
  for (const { source, result, trace } of entries) {
    if (trace) await writer.add(trace);
    if (result === 'error') continue;
    counts[source] ??= { cot_correct: 0, cot_wrong: 0, cota_correct: 0, cota_wrong: 0 };
    const row = counts[source];
    if (row) row[result]++;
  }
  await writer.end();
  await writeFile(join(out, 'outcomes.json'), `${JSON.stringify(counts, null, 1)}\n`);
  return counts;
}
