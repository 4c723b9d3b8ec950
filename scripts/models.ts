/** `npm run models -- list | pull PACK ... | verify [PACK ...] | seal PACK | quantise FOLDER TARGET`: model packs. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Manifest, type Pack, type PackFile, packNamed, readManifest } from '#backend/packs/manifest';
import { PackError } from '#backend/packs/pack-error';
import { NOTES, type PackFolders, verifyPack } from '#backend/packs/verify';
import { CommandError } from './cli/failure.ts';
import { ROOT } from './cli/worker.ts';
import { type ProgressLine, progressLine } from './models/progress.ts';
import { pullPack } from './models/pull.ts';
import { quantise } from './models/quantise.ts';

const USAGE = `Usage: npm run models -- COMMAND [options]

  list              packs, what they are for, and whether they are here
  pull PACK ...     fetch packs; a pull that broke off goes on where it stopped
    --mirror URL    fetch {URL}/{repository}/resolve/{revision}/{path} instead of the hub's
                    (or the variable MODELS_MIRROR)
    --accept-non-commercial
                    needed for packs whose licence forbids commercial use
  verify [PACK ...] compare every byte with the manifest; all packs that are here when none is named
  seal PACK         write sizes and digests of an embedded pack, after its files were trained anew
  quantise FOLDER TARGET
                    write a planner's checkpoint anew with small weights in its decoder
    --bits 8        or 4: a quarter or an eighth of float32, with more error

  --manifest FILE   models/packs.json
  --packs FOLDER    where pulled packs lie (models/packs)
  --json            print JSON`;

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        mirror: { type: 'string' },
        'accept-non-commercial': { type: 'boolean', default: false },
        manifest: { type: 'string', default: join(ROOT, 'models', 'packs.json') },
        packs: { type: 'string', default: join(ROOT, 'models', 'packs') },
        json: { type: 'boolean', default: false },
        bits: { type: 'string', default: '8' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

type Options = ReturnType<typeof readArguments>['values'];

function usage(message: string): CommandError {
  return new CommandError(`${message}\n\n${USAGE}`, 2);
}

type Work = {
  readonly options: Options;
  readonly manifest: Manifest;
  readonly folders: PackFolders;
  readonly names: readonly string[];
};

const commands: ReadonlyMap<string, (work: Work) => Promise<void>> = new Map([
  ['list', list],
  ['pull', pull],
  ['verify', verify],
  ['seal', seal],
  ['quantise', quantiseFolder],
]);

type State = {
  readonly state: 'ready' | 'absent' | 'refused';
  readonly code?: string;
  readonly reason?: string;
};

async function stateOf(pack: Pack, folders: PackFolders): Promise<State> {
  try {
    await verifyPack(pack, folders);
    return { state: 'ready' };
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    const state = error.code === 'file_missing' ? 'absent' : 'refused';
    return { state, code: error.code, reason: error.message };
  }
}

async function list({ manifest, folders, options }: Work): Promise<void> {
  const rows = [];
  for (const pack of manifest.packs) {
    const bytes = pack.files.reduce((sum, file) => sum + file.bytes, 0);
    const { name, role, licence, nonCommercial } = pack;
    rows.push({ name, role, licence, nonCommercial, bytes, ...(await stateOf(pack, folders)) });
  }
  if (options.json) return console.log(JSON.stringify(rows));
  for (const row of rows) {
    const size = `${(row.bytes / 1e6).toFixed(row.bytes < 1e7 ? 1 : 0)} MB`;
    console.log(
      `${row.name.padEnd(26)} ${row.role.padEnd(11)} ${size.padStart(8)}  ${row.state.padEnd(8)} ${row.licence}`,
    );
  }
}

async function pull({ manifest, folders, names, options }: Work): Promise<void> {
  if (names.length === 0) throw usage('Which pack? Name it, as `list` shows it.');
  const mirror = mirrorOf(options.mirror ?? process.env['MODELS_MIRROR']);
  const packs = names.map((name) => packNamed(manifest, name));
  for (const pack of packs) {
    const line: ProgressLine = progressLine(process.stderr, performance.now.bind(performance));
    await pullPack(pack, folders, {
      mirror,
      acceptNonCommercial: options['accept-non-commercial'],
      onProgress: (file, bytes) => line.show(`${pack.name}/${file.path}`, bytes, file.bytes),
    }).finally(() => line.end());
    console.log(`${pack.name}: ready in ${join(folders.pulled, pack.name)}`);
  }
}

function mirrorOf(text: string | undefined): URL | undefined {
  if (text === undefined || text === '') return undefined;
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash) return url;
  throw usage(
    `Expected --mirror with an http or https address without a query, got ${JSON.stringify(text)}.`,
  );
}

async function verify({ manifest, folders, names, options }: Work): Promise<void> {
  const packs = names.length === 0 ? manifest.packs : names.map((name) => packNamed(manifest, name));
  const results = [];
  for (const pack of packs) results.push({ name: pack.name, ...(await stateOf(pack, folders)) });
  // A pack that was never pulled is no fault, unless it was asked for.
  const shown = results.filter(({ state }) => names.length > 0 || state !== 'absent');
  if (options.json) console.log(JSON.stringify(shown));
  else
    for (const { name, state, code, reason } of shown)
      console.log(state === 'ready' ? `${name}: ready` : `${name}: ${code}: ${reason}`);
  const failed = shown.filter(({ state }) => state !== 'ready').map(({ name }) => name);
  if (failed.length > 0) throw new CommandError(`Not as the manifest says: ${failed.join(', ')}`);
}

/** Only for what this repository makes: of a download, the digests must be known before. */
async function seal({ manifest, folders, names, options }: Work): Promise<void> {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) throw usage('Which pack? Name one embedded pack.');
  const pack = packNamed(manifest, name);
  if (pack.source.kind !== 'embedded')
    throw new CommandError(`${name} is not embedded in this repository: its digests are not ours to write.`);
  const folder = join(folders.embedded, pack.source.folder);
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files: PackFile[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .replaceAll('\\', '/');
    if (!entry.isFile() || NOTES.includes(path)) continue;
    const bytes = await readFile(join(folder, path));
    files.push({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const packs = manifest.packs.map((row) => (row === pack ? { ...row, files } : row));
  await writeFile(`${options.manifest}.new`, `${JSON.stringify({ ...manifest, packs }, null, 2)}\n`);
  await rename(`${options.manifest}.new`, options.manifest);
  console.log(`${name}: ${files.length} files sealed in ${options.manifest}`);
}

async function quantiseFolder({ names, options }: Work): Promise<void> {
  const [folder, target, ...more] = names;
  if (folder === undefined || target === undefined || more.length > 0)
    throw usage('Which checkpoint? Name its folder, and one to write to.');
  await quantise(folder, target, options.bits);
}

async function main(): Promise<void> {
  const { values: options, positionals } = readArguments();
  if (options.help) return console.log(USAGE);
  const [word = '', ...names] = positionals;
  const command = commands.get(word);
  if (!command) throw usage(`Expected list, pull, verify, seal or quantise, got ${JSON.stringify(word)}.`);
  const folders = { embedded: join(resolve(options.manifest), '..'), pulled: resolve(options.packs) };
  await command({ options, manifest: await readManifest(options.manifest), folders, names });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof CommandError) && !(error instanceof PackError)) throw error;
  console.error(error instanceof PackError ? `${error.code}: ${error.message}` : error.message);
  process.exitCode = error instanceof PackError ? 1 : error.exitCode;
}
