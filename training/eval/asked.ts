/** Suites that ask the whole service: pictures and questions that training never saw. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { health } from '#shared/api/health';
import { startService } from '../../scripts/service.ts';
import { askItem, type Result, type Server } from './ask.ts';
import { capabilitySuites } from './capabilities/index.ts';
import { reportOf, writeQuality } from './report.ts';
import { scoreOf } from './score.ts';
import { type Item, type Suite, UsageError } from './suite.ts';
import { textMath } from './text-math/items.ts';

export const askedSuites: Readonly<Record<string, Suite>> = { 'text-math': textMath, ...capabilitySuites };

export const USAGE = `Usage: npm run eval -- SUITE [options]     suites: ${Object.keys(askedSuites).join(', ')}

  --limit N        only the first N items (a fair sample of all types)
  --seed S         other items of the same kind
  --dev            the development set: training fonts, names and its own wordings; tune on this one
  --url U --key K  ask a running server instead of starting one
  --concurrency N  runs at the same time, 1 unless told
  --blank          grey pictures of the same size instead: what is answered without seeing anything
  --out FILE       all results as JSON
  --record         write the table into docs/quality.md (whole held-out suite only)
  --wrong          print each item that was not right`;

type Options = ReturnType<typeof readOptions>;

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      limit: { type: 'string' },
      seed: { type: 'string' },
      dev: { type: 'boolean', default: false },
      url: { type: 'string' },
      key: { type: 'string' },
      concurrency: { type: 'string', default: '1' },
      blank: { type: 'boolean', default: false },
      out: { type: 'string' },
      record: { type: 'boolean', default: false },
      wrong: { type: 'boolean', default: false },
    },
  });
  const limit = values.limit === undefined ? undefined : count('limit', values.limit);
  const seed = values.seed === undefined ? undefined : count('seed', values.seed);
  if (values.record && (limit !== undefined || seed !== undefined || values.dev || values.blank)) {
    throw new UsageError(
      '--record takes the whole held-out suite: leave out --limit, --seed, --dev and --blank',
    );
  }
  if ((values.url === undefined) !== (values.key === undefined))
    throw new UsageError('--url and --key go together');
  return { ...values, limit, seed, concurrency: count('concurrency', values.concurrency) };
}

export function count(name: string, value: string): number {
  const parsed = Number(value);
  if (!Number.isInteger(parsed) || parsed < 1)
    throw new UsageError(`--${name} expects a positive whole number, got ${JSON.stringify(value)}`);
  return parsed;
}

export async function serverFor({
  url,
  key,
}: {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
}): Promise<Server & { stop(): Promise<void> }> {
  if (url !== undefined && key !== undefined) return { url, key, stop: async () => undefined };
  const stateFolder = await mkdtemp(join(tmpdir(), 'taco-eval-'));
  const service = await startService({ stateFolder });
  const stop = async (): Promise<void> => {
    await service.stop();
    await rm(stateFolder, { recursive: true, force: true });
  };
  return { url: service.url, key: service.key, stop };
}

async function askAll(
  items: readonly Item[],
  server: Server,
  { concurrency, wrong, blank }: Options,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  let done = 0;
  let right = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const result = await askItem(items[index] as Item, server, { blank });
      results[index] = result;
      done++;
      right += result.outcome === 'right' ? 1 : 0;
      if (wrong && result.outcome !== 'right') console.log(describe(result));
      if (done % 20 === 0 || done === items.length)
        console.error(`${done} of ${items.length}, ${((100 * right) / done).toFixed(1)} % right`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return results;
}

function describe({ id, type, outcome, question, truth, answer, error, ocrText }: Result): string {
  const got = answer === undefined ? `no answer (${error})` : JSON.stringify(answer);
  return `${id} ${type} ${outcome}: ${question} expected ${JSON.stringify(truth)}, got ${got}; read ${JSON.stringify(ocrText ?? '')}`;
}

/** `unknown` where the server does not say: a report is worth having without it. */
async function plannerOf(url: string): Promise<{ planner: string; device: string }> {
  const response = await fetch(new URL('/healthz', url)).catch(() => undefined);
  const told = health.safeParse(response?.ok ? await response.json() : undefined);
  const backend = told.data?.backends.find(({ planner }) => planner !== undefined);
  const planner = backend?.planner ? `${backend.planner.model} ${backend.planner.version}` : 'unknown';
  return { planner, device: backend?.device ?? 'cpu' };
}

/** Asks every item of the suite and prints its table. Throws UsageError. */
export async function runAsked(suite: Suite, args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const { dev, limit, out, record } = options;
  const items = suite.items({ seed: options.seed ?? suite.seed, dev }).slice(0, limit);
  const server = await serverFor(options);
  try {
    const results = await askAll(items, server, options);
    const score = scoreOf(items, results);
    const words = [suite.name, ...args].filter((word) => word !== '--record');
    const command = `npm run eval -- ${words.join(' ')}`;
    const report = reportOf(suite, score, {
      dev,
      command,
      ...(await plannerOf(server.url)),
      date: new Date().toISOString().slice(0, 10),
    });
    console.log(report);
    if (out !== undefined) {
      await mkdir(dirname(out), { recursive: true });
      await writeFile(
        out,
        `${JSON.stringify({ suite: suite.name, command, dev, score, results }, null, 1)}\n`,
      );
    }
    if (record) await writeQuality(new URL('../../docs/quality.md', import.meta.url), suite, report);
  } finally {
    await server.stop();
  }
}
