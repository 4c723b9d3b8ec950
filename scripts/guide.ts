/**
 * `npm run guide [-- kotlin swift]`: compiles the examples of docs/guide.md as they stand, and has each ask the
 * real service about examples/receipt.jpg over a network that cuts its streams. A language whose tools are not
 * here is NOT CHECKED: said so at the end, and the command then ends with 3, with 1 where a promise broke.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './cli/worker.ts';
import { type BadNetwork, startBadNetwork } from './guide/bad-network.ts';
import { type Language, languages, type Program } from './guide/languages.ts';
import { type Service, startService } from './service.ts';

const QUESTION = 'What is the total?';
const ANSWER = '24.25';
const PROGRAM_MS_MAX = 180_000;

const FAILED = 1;
const UNKNOWN_LANGUAGE = 2;
const NOT_CHECKED = 3;

type Told = { run: { id: string; status: string; answer: string }; seen: number[] };

async function main(): Promise<number> {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !Object.hasOwn(languages, name));
  if (unknown.length > 0) {
    console.error(
      `There is no example in ${unknown.join(', ')}; there are ${Object.keys(languages).join(', ')}.`,
    );
    return UNKNOWN_LANGUAGE;
  }
  const guide = await readFile(join(ROOT, 'docs/guide.md'), 'utf8');
  const folder = await mkdtemp(join(process.env['GUIDE_FOLDER'] ?? tmpdir(), 'guide-'));
  const built = new Map<string, Program>();
  const unchecked: string[] = [];
  let failed = 0;
  try {
    for (const [name, language] of Object.entries(languages)) {
      if (asked.length > 0 && !asked.includes(name)) continue;
      const outcome = await build(name, language, guide, join(folder, name));
      if (outcome === 'failed') failed++;
      else if (outcome === 'absent') unchecked.push(name);
      else built.set(name, outcome);
    }
    if (built.size > 0) failed += await askAll(built, join(folder, 'photo.jpg'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  for (const name of unchecked) {
    console.error(`NOT CHECKED: the example in ${name}; it needs ${languages[name]?.needs}`);
  }
  if (failed > 0) return FAILED;
  return unchecked.length > 0 ? NOT_CHECKED : 0;
}

async function build(
  name: string,
  language: Language,
  guide: string,
  folder: string,
): Promise<Program | 'absent' | 'failed'> {
  const version = await language.version().catch(() => undefined);
  if (version === undefined) return 'absent';
  const example = new RegExp(`\`\`\`${language.fence}\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1];
  if (example === undefined) throw new Error(`docs/guide.md has no block in ${language.fence}`);
  try {
    await mkdir(folder);
    const program = await language.build(example, folder);
    console.log(`${name}: compiles as it stands (${version})`);
    return program;
  } catch (error) {
    console.log(`${name}: does NOT compile (${version})\n${error}`);
    return 'failed';
  }
}

/** @returns how many failed. Each asks a service of its own state, so that its runs can be counted. */
async function askAll(built: ReadonlyMap<string, Program>, photo: string): Promise<number> {
  let failed = 0;
  for (const [name, program] of built) {
    const stateFolder = await mkdtemp(join(tmpdir(), 'guide-state-'));
    const service = await startService({ stateFolder });
    const network = await startBadNetwork(service);
    try {
      // Within the folder that is seen from wherever the program runs.
      await cp(join(ROOT, 'examples/receipt.jpg'), photo);
      const told = await start(program, [network.url, network.tokenUrl, photo, QUESTION]);
      const faults = await faultsOf(told, service, network);
      const { cuts, tokens, refusals } = network.suffered;
      console.log(
        `${name}: uploaded, asked, answered ${JSON.stringify(told.run.answer)}; events ${told.seen.join(' ')}; ` +
          `${cuts} streams cut, ${refusals} refused token, ${tokens} tokens; ${faults.length === 0 ? 'as the guide says' : faults.join('; ')}`,
      );
      if (faults.length > 0) failed++;
    } catch (error) {
      console.log(`${name}: did NOT get its answer\n${error}`);
      failed++;
    } finally {
      await network.stop();
      await service.stop();
      await rm(stateFolder, { recursive: true, force: true });
    }
  }
  return failed;
}

function start({ command, args }: Program, more: readonly string[]): Promise<Told> {
  return new Promise((resolve, reject) => {
    execFile(command, [...args, ...more], { timeout: PROGRAM_MS_MAX }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Told);
    });
  });
}

/** What the guide promises and did not happen. */
async function faultsOf(
  { run, seen }: Told,
  { url }: Service,
  { suffered, token }: BadNetwork,
): Promise<string[]> {
  // The runs of an app's user are seen with that user's token.
  const headers = { authorization: `Bearer ${token()}` };
  const list = (await (await fetch(`${url}/v1/runs`, { headers })).json()) as { data: Array<{ id: string }> };
  const whole = seen.length > 2 && seen.every((seq, index) => seq === index + 1);
  const promises: ReadonlyArray<readonly [boolean, string]> = [
    [run.status === 'succeeded' && run.answer.includes(ANSWER), `expected a run that ends with ${ANSWER}`],
    [whole, 'expected every event once, in order'],
    [list.data.length === 1 && list.data[0]?.id === run.id, `expected one run, found ${list.data.length}`],
    [suffered.cuts === 3, `expected 3 cuts, made ${suffered.cuts}`],
    [suffered.tokens === 2 && suffered.refusals >= 1, 'expected a second token after the first was refused'],
  ];
  return promises.flatMap(([holds, fault]) => (holds ? [] : [fault]));
}

process.exitCode = await main();
