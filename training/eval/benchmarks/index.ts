/** `npm run eval -- tsv FILE --format NAME`: a published benchmark file, asked through the whole service. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import * as z from 'zod';
import { sniffMediaType } from '#backend/images/sniff';
import { IMAGE_BYTES_MAX } from '#shared/limits';
import { createProgress } from '../../cota/progress.ts';
import { openTeacher, TeacherError } from '../../cota/teacher.ts';
import { askRun, callsOf, RefusedError, type Server } from '../ask.ts';
import { count, serverFor } from '../asked.ts';
import { UsageError } from '../suite.ts';
import { type FormatName, formats, isFormat, type Question, questionOf } from './formats.ts';
import { judgeOf } from './judge.ts';
import { benchmarkReport } from './report.ts';
import { type Judge, scoreOf } from './score.ts';
import { readTable, TableError } from './tsv.ts';

const USAGE = `Usage: npm run eval -- tsv FILE --format ${Object.keys(formats).join('|')} [options]

  --limit N                    only the first N records
  --url U --key K              ask a running server instead of starting one
  --concurrency N              runs at the same time, 1 unless told
  --judge-url U --judge-model M  any OpenAI-compatible endpoint, up to /v1; its key is read from JUDGE_KEY
  --out FILE                   one JSON line an answer; a start that finds some of them goes on behind them`;

/** One answered record, as it stands in --out. */
const answered = z.object({
  id: z.string(),
  category: z.string(),
  score: z.number().min(0).max(1),
  by: z.enum(['rule', 'judge', 'none', 'failed']),
  answer: z.string().optional(),
  /** Code of a run that failed; `refused` where the server took no run, `judge` where the judge gave nothing. */
  error: z.string().optional(),
  steps: z.int().min(0),
  costUnits: z.int().min(0),
  tools: z.array(z.string()),
});
export type Answered = z.infer<typeof answered>;

/** Throws UsageError. */
export async function run(args: readonly string[]): Promise<void> {
  const { file, format, judge, options } = readOptions(args);
  const server = await serverFor(options);
  try {
    const out = options.out;
    if (out !== undefined) await mkdir(dirname(out), { recursive: true });
    const known = out === undefined ? [] : await readAnswered(out);
    const limit = options.limit === undefined ? Infinity : count('limit', options.limit);
    const concurrency = count('concurrency', options.concurrency);
    const results = await askTable(file, format, { server, judge, known, limit, concurrency, out });
    console.log(benchmarkReport(formats[format], results));
  } catch (error) {
    if (error instanceof TableError) throw new UsageError(error.message);
    throw error;
  } finally {
    await server.stop();
  }
}

function readOptions(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      limit: { type: 'string' },
      url: { type: 'string' },
      key: { type: 'string' },
      concurrency: { type: 'string', default: '1' },
      'judge-url': { type: 'string' },
      'judge-model': { type: 'string' },
      out: { type: 'string' },
    },
  });
  const [file, ...more] = positionals;
  const { format } = values;
  if (file === undefined || more.length > 0) throw new UsageError(`expected one file\n\n${USAGE}`);
  if (!isFormat(format))
    throw new UsageError(`--format expects ${Object.keys(formats).join(', ')}, got ${format ?? 'none'}`);
  if ((values.url === undefined) !== (values.key === undefined))
    throw new UsageError('--url and --key go together');
  return { file, format, judge: judgeFor(values['judge-url'], values['judge-model']), options: values };
}

function judgeFor(url: string | undefined, model: string | undefined): Judge | undefined {
  if (url === undefined && model === undefined) return undefined;
  if (url === undefined || model === undefined)
    throw new UsageError('--judge-url and --judge-model go together');
  return judgeOf(openTeacher({ url, model, key: process.env['JUDGE_KEY'] ?? '' }));
}

/** A line that a crash cut short is left out: its record is asked again, as are those whose judge gave nothing. */
async function readAnswered(path: string): Promise<Answered[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    const parsed = answered.safeParse(jsonOf(line)).data;
    return parsed && parsed.error !== 'judge' ? [parsed] : [];
  });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

type Asking = {
  readonly server: Server;
  readonly judge: Judge | undefined;
  readonly known: readonly Answered[];
  readonly limit: number;
  readonly concurrency: number;
  readonly out?: string | undefined;
};

/** Answers in the order of the records. Throws TableError. */
export async function askTable(file: string, format: FormatName, asking: Asking): Promise<Answered[]> {
  const { known, limit, concurrency, out } = asking;
  const done = new Map(known.map((one) => [one.id, one]));
  const results: Answered[] = [];
  const progress = createProgress(undefined, 0, 'records');
  const seen = new Map<string, readonly string[]>();
  const running = new Set<Promise<void>>();
  let place = 0;
  for await (const row of readTable(file)) {
    if (place >= limit) break;
    const question = questionOf(format, row, seen);
    const at = place++;
    const before = done.get(question.id);
    if (before) {
      results[at] = before;
      continue;
    }
    const work = answerOf(question, asking).then(async (one) => {
      results[at] = one;
      if (out !== undefined) await appendFile(out, `${JSON.stringify(one)}\n`);
      progress.add(1);
    });
    const tracked: Promise<void> = work.finally(() => running.delete(tracked));
    running.add(tracked);
    if (running.size >= concurrency) await Promise.race(running);
  }
  await Promise.all(running);
  progress.end();
  return results;
}

async function answerOf(
  { id, category, text, images, key }: Question,
  { server, judge }: Asking,
): Promise<Answered> {
  const nothing = { id, category, score: 0, by: 'failed', steps: 0, costUnits: 0, tools: [] } as const;
  try {
    const files = await Promise.all(images.map(pictureOf));
    const { run: made } = await askRun(text, files, server);
    const calls = callsOf(made).map(({ name }) => name);
    const told = {
      id,
      category,
      steps: made.steps.length,
      costUnits: made.usage.cost_units,
      tools: [...new Set(calls)],
    };
    if (made.status !== 'succeeded' || made.answer === undefined)
      return { ...told, score: 0, by: 'failed', error: made.error?.code ?? 'uncoded' };
    const { answer } = made;
    try {
      return { ...told, answer, ...(await scoreOf(text, key, answer, judge)) };
    } catch (error) {
      if (!(error instanceof TeacherError)) throw error;
      return { ...told, answer, score: 0, by: 'failed', error: 'judge' };
    }
  } catch (error) {
    if (error instanceof RefusedError) return { ...nothing, tools: [], error: 'refused' };
    throw error;
  }
}

const SIDE_MAX = 2_048;

/** What the service takes: other formats and very large files become JPEG. Throws TableError. */
async function pictureOf(base64: string): Promise<Buffer> {
  const bytes = Buffer.from(base64, 'base64');
  if (sniffMediaType(bytes) !== undefined && bytes.length < IMAGE_BYTES_MAX / 8) return bytes;
  try {
    return await sharp(bytes)
      .autoOrient()
      .resize(SIDE_MAX, SIDE_MAX, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 92 })
      .toBuffer();
  } catch {
    throw new TableError(`expected a picture in base64, got ${bytes.length} bytes that are none`);
  }
}
