/** `cota filter`: keeps the traces that hold, and reports what fell out and why. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomOf } from '../random.ts';
import { checks } from './checks.ts';
import { createProgress } from './progress.ts';
import { reexecute } from './reexecute.ts';
import { createTally, reportText, type Tally } from './report.ts';
import { readTraces, ShardWriter } from './shards.ts';
import { openToolBench } from './tool-bench.ts';
import { type CotaTrace, toolsOf } from './trace.ts';
import { share, UsageError, wholeNumber } from './usage.ts';
import { type Outcomes, outcomes, uselessness } from './usefulness.ts';

export const usage = `filter --in FOLDER --out FOLDER [--pictures 0.01] [--tools-min 0] [--easy-max 1] [--outcomes FILE]
    keeps what passes every check; --pictures: share of traces whose image tools are called again on the
    drawn picture; --tools-min: calls a trace must have; --easy-max: largest share of a source
    whose traces have one call or none; --outcomes: what distill wrote, to drop useless sources`;

type Options = {
  /** 0..1 */
  readonly pictures: number;
  readonly toolsMin: number;
  /** 0..1, of what is kept of a source. */
  readonly easyMax: number;
  readonly outcomes: Outcomes;
};

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      in: { type: 'string' },
      out: { type: 'string' },
      pictures: { type: 'string', default: '0.01' },
      'tools-min': { type: 'string', default: '0' },
      'easy-max': { type: 'string', default: '1' },
      outcomes: { type: 'string' },
    },
  });
  const { in: from, out: to } = values;
  if (from === undefined || to === undefined)
    throw new UsageError('filter expects --in FOLDER and --out FOLDER');
  const tally = await filter(from, to, {
    pictures: share('pictures', values.pictures),
    toolsMin: wholeNumber('tools-min', values['tools-min'], 0),
    easyMax: share('easy-max', values['easy-max']),
    outcomes:
      values.outcomes === undefined
        ? {}
        : outcomes.parse(JSON.parse(await readFile(values.outcomes, 'utf8'))),
  });
  console.log(reportText(tally));
}

/** Writes the kept traces, report.json and report.md into `to`. */
export async function filter(from: string, to: string, options: Options): Promise<Tally> {
  const tally = createTally();
  const writer = new ShardWriter(to);
  const seen = new Set<string>();
  const reasonOf = await reasons(options, seen);
  const progress = createProgress(undefined, 0, 'traces');
  for await (const trace of readTraces(from)) {
    const reason = await reasonOf(trace);
    tally.add(trace, reason);
    if (!reason) await writer.add(trace);
    progress.add(1);
  }
  await writer.end();
  progress.end();
  await writeFile(join(to, 'report.json'), `${JSON.stringify(tally.rows, null, 1)}\n`);
  await writeFile(join(to, 'report.md'), `${reportText(tally)}\n`);
  return tally;
}

/** Traces of so few calls teach the form; more of them teach little else. */
const EASY_CALLS_MAX = 1;

type Reason = { readonly check: string; readonly detail: string };

/** The cheap checks first, pictures last; what falls out early is not drawn. */
async function reasons({ pictures, toolsMin, easyMax, outcomes: known }: Options, seen: Set<string>) {
  const kept = new Map<string, { all: number; easy: number }>();
  const useless = new Map(Object.entries(known).map(([source, counts]) => [source, uselessness(counts)]));
  const bench = pictures > 0 ? await openToolBench() : undefined;
  return async (trace: CotaTrace): Promise<Reason | undefined> => {
    const why = useless.get(trace.source);
    if (why) return { check: 'useless_source', detail: why };
    for (const [check, reason] of Object.entries(checks)) {
      const detail = await reason(trace);
      if (detail) return { check, detail };
    }
    const calls = toolsOf(trace).length;
    if (calls < toolsMin) return { check: 'difficulty', detail: `${calls} tool calls` };
    const key = keyOf(trace);
    if (seen.has(key)) return { check: 'duplicate', detail: 'the same question on the same picture' };
    seen.add(key);
    const counts = kept.get(trace.source) ?? { all: 0, easy: 0 };
    kept.set(trace.source, counts);
    const easy = calls <= EASY_CALLS_MAX;
    if (easy && easyMax < 1 && counts.easy + 1 > easyMax * (counts.all + 1))
      return { check: 'difficulty', detail: `${calls} tool calls, as in enough others of its source` };
    const detail = bench && isSampled(key, pictures) ? await reexecute(trace, bench) : undefined;
    if (detail) return { check: 'pictures', detail };
    counts.all++;
    counts.easy += easy ? 1 : 0;
    return undefined;
  };
}

/** 128 bits of what makes two traces the same lesson. */
function keyOf({ question, images, form }: CotaTrace): string {
  const text = JSON.stringify([
    question.toLowerCase(),
    images.map((image) => ('scene' in image ? image.scene : image)),
    form,
  ]);
  return createHash('sha256').update(text).digest('base64').slice(0, 22);
}

/** Drawn by the trace itself, so that another order or a resumed run looks at the same ones. */
function isSampled(key: string, part: number): boolean {
  return randomOf(Buffer.from(key, 'base64').readUInt32LE()).next() < part;
}
