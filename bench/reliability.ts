/**
 * R3, R4, R5, R6, R10 and R17 at full size: the tests themselves, with fifty times the rounds, or as many as
 * RELIABILITY_ROUNDS says. Prints what each has counted, and fails when a test fails or a count is missing: a test
 * that was skipped proves nothing.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from '../scripts/cli/worker.ts';
import { FULL_ROUNDS, roundsOf, shareOf } from '../tests/edge/rounds.ts';

const FILES = [
  'tests/edge/repeats.test.ts',
  'tests/edge/sockets.test.ts',
  'tests/edge/workerd/exactness.test.ts',
  'tests/edge/workerd/exactness-http.test.ts',
  'tests/edge/workerd/tenants.test.ts',
];
/** What must be counted, at least so much of it at full size: the bars, as they stand in the lines of the tests. */
const BARS: ReadonlyArray<readonly [bar: string, line: RegExp, counts: readonly number[]]> = [
  ['R3', /^R3: [\w -]+: (\d+) x (\d+) at once: .* 0 extra, 0 wrongly refused$/, [20, 50]],
  [
    'R4',
    /^R4: (\d+) x 50 requests with the same key at once: (\d+) runs; (\d+) of \3 with another body/,
    [50, 50],
  ],
  ['R5', /^R5: (\d+) clients left: .* 0 stuck; all came back/, [200]],
  ['R6', /^R6: (\d+) streams, \d+ cuts, (\d+) of a stream at least/, [100, 10]],
  ['R10', /^R10: (\d+) paired requests: 0 shared; \d+ attempts on foreign ids: 0 read$/, [1_000]],
  ['R10', /^R10: (\d+) routes with an id, \d+ attempts of strangers: 0 read, 0 changed$/, [1]],
  ['R17', /^R17: (\d+) clients in \d+ cases, .* 0 reset$/, [300]],
  // The streams of these files are read below fetch, where the checker does not stand.
  ['R13', /^R13: (\d+) replies and \d+ events of streams are as the OpenAPI document says$/, [1_000]],
];

const ROUNDS = roundsOf(process.env['RELIABILITY_ROUNDS'] ?? String(FULL_ROUNDS));

export async function run(): Promise<void> {
  const { lines, code } = await test(FILES);
  const bars = BARS.map(
    ([bar, line, counts]) => [bar, line, counts.map((count) => shareOf(count, ROUNDS))] as const,
  );
  const missing = bars.filter(([, line, counts]) => !lines.some((text) => holds(text, line, counts)));
  for (const [bar, line, counts] of missing)
    console.log(`${bar}: MISSING, expected ${line.source} with at least ${counts.join(' and ')}`);
  console.log(
    code === 0 && missing.length === 0
      ? `all bars hold, with ${ROUNDS} of ${FULL_ROUNDS} rounds: ${lines.length} counts`
      : `NOT all bars hold: vitest ended with ${code}, ${missing.length} counts are missing or too small`,
  );
  if (code !== 0 || missing.length > 0) process.exitCode = 1;
}

function holds(text: string, line: RegExp, counts: readonly number[]): boolean {
  const found = line.exec(text);
  return found !== null && counts.every((least, index) => Number(found[index + 1]) >= least);
}

/** Runs the tests and passes their counts on as they come, and everything when they fail. */
async function test(files: readonly string[]): Promise<{ lines: string[]; code: number | null }> {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...files], {
    cwd: ROOT,
    env: { ...process.env, RELIABILITY_ROUNDS: String(ROUNDS), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines: string[] = [];
  const all: string[] = [];
  const read = async (stream: NodeJS.ReadableStream): Promise<void> => {
    for await (const raw of createInterface({ input: stream })) {
      const line = stripVTControlCharacters(raw);
      all.push(line);
      if (!/^R\d+: /.test(line)) continue;
      lines.push(line);
      console.log(line);
    }
  };
  const [code] = await Promise.all([ended, read(child.stdout), read(child.stderr)]);
  if (code !== 0) console.log(all.join('\n'));
  return { lines, code };
}
