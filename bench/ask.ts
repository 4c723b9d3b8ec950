/**
 * `npm run ask` on an example, here and in another working tree of this repository, in turns:
 *
 *   git worktree add /tmp/before COMMIT && ln -s "$PWD/node_modules" /tmp/before/node_modules
 *   BENCH_BEFORE=/tmp/before npm run bench -- ask
 *
 * What the planner's steps took is told apart from the whole, most of which is starting and reading the picture.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { median } from './engine/measure.ts';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const EXAMPLE = ['examples/receipt.jpg', 'What is the total?'] as const;
const REPEATS = 5;

const answered = z.object({ answer: z.string(), steps: z.array(z.object({ ms: z.number() })) });

type Asked = {
  readonly answer: string;
  readonly plannerMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
};

export async function run(): Promise<void> {
  const { BENCH_BEFORE: before, BENCH_REPEATS: repeats = String(REPEATS) } = process.env;
  const folders = { ...(before ? { before } : {}), now: HERE };
  const asked = new Map(Object.keys(folders).map((name) => [name, [] as Asked[]]));
  for (let round = 0; round < Number(repeats); round++)
    for (const [name, folder] of Object.entries(folders)) asked.get(name)?.push(await askIn(folder));
  console.log('| | planner, ms | whole command, ms | its CPU ms | answer |');
  console.log('|---|---|---|---|---|');
  for (const [name, list] of asked) {
    const middle = (of: (one: Asked) => number): string => {
      const values = list.map(of);
      return `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`;
    };
    const cells = [middle((one) => one.plannerMs), middle((one) => one.wallMs), middle((one) => one.cpuMs)];
    console.log(
      `| ${[name, ...cells, [...new Set(list.map(({ answer }) => answer))].join(' or ')].join(' | ')} |`,
    );
  }
}

/** The command in a shell that counts the processor time of all that it waits for. */
function askIn(folder: string): Promise<Asked> {
  const { promise, resolve, reject } = Promise.withResolvers<Asked>();
  const start = performance.now();
  const script = 'TIMEFORMAT="cpu %U %S"; time "$0" scripts/ask.ts --json "$@"';
  const child = spawn('bash', ['-c', script, process.execPath, ...EXAMPLE], { cwd: folder });
  let [json, log] = ['', ''];
  child.stdout.on('data', (chunk) => {
    json += chunk;
  });
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  child.on('error', reject);
  child.on('close', (code) => {
    if (code !== 0) return reject(new Error(`ask in ${folder} ended with ${code}: ${log}`));
    const { answer, steps } = answered.parse(JSON.parse(json));
    const [, user = 0, system = 0] = (/cpu ([\d.]+) ([\d.]+)/.exec(log) ?? []).map(Number);
    const plannerMs = steps.reduce((sum, { ms }) => sum + ms, 0);
    resolve({ answer, plannerMs, wallMs: performance.now() - start, cpuMs: 1000 * (user + system) });
  });
  return promise;
}
