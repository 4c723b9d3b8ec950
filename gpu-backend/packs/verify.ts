/**
 * Nothing is loaded that the manifest does not list, byte for byte. Every file of a pack is looked at
 * before any of them is opened as a model: no symlinks on the way, the listed size, the listed digest,
 * and external data of ONNX graphs only in files of the same pack.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, posix, resolve, sep } from 'node:path';
import type { Pack, PackFile } from './manifest.ts';
import { externalDataOf } from './onnx-external.ts';
import { PackError, type PackErrorCode } from './pack-error.ts';

export type PackFolders = {
  /** The folder of the manifest; embedded packs lie below it. */
  readonly embedded: string;
  /** Where pulled packs lie, one folder each. */
  readonly pulled: string;
};

export type VerifiedPack = {
  readonly pack: Pack;
  /** Real path of the folder of the pack. */
  readonly folder: string;
  /** The absolute path of a listed file. Throws PackError `file_missing` for any other. */
  file(path: string): string;
};

/** What a pull leaves beside a file until it is whole. */
export const PARTIAL_SUFFIXES = ['.partial', '.partial.json'] as const;
/** Words for people, which no loader reads. */
export const NOTES: readonly string[] = ['README.md', 'training.json'];

/** The folder below which the pack's files lie, and the part of it that we do not vouch for. */
export function placeOf(
  pack: Pack,
  folders: PackFolders,
): { readonly base: string; readonly folder: string } {
  switch (pack.source.kind) {
    case 'embedded':
      return { base: folders.embedded, folder: pack.source.folder };
    case 'npm':
      return { base: npmFolder(pack.source.entry), folder: '.' };
    case 'hub':
      return { base: folders.pulled, folder: pack.name };
  }
}

function npmFolder(entry: string): string {
  try {
    return dirname(createRequire(import.meta.url).resolve(entry));
  } catch (error) {
    throw new PackError('file_missing', `The npm package of ${entry} is not installed: npm ci`, {
      cause: error,
    });
  }
}

/** Where a file lies below the folder of its pack. */
export function localPath(pack: Pack, file: PackFile): string {
  return pack.source.kind === 'npm' ? (file.from ?? file.path) : file.path;
}

/** What a pull that is under way cannot ask yet. */
export type VerifyOptions = { readonly unlisted?: 'refuse' | 'ignore'; readonly graphs?: 'walk' | 'ignore' };

/** Verifies all files. Throws PackError with the first thing that is wrong. */
export async function verifyPack(
  pack: Pack,
  folders: PackFolders,
  { unlisted = 'refuse', graphs = 'walk' }: VerifyOptions = {},
): Promise<VerifiedPack> {
  const { base, folder } = placeOf(pack, folders);
  const realBase = await realpath(base).catch((error: unknown) => {
    throw new PackError('file_missing', `${base}: there is no such folder.${howToGet(pack)}`, {
      cause: error,
    });
  });
  const paths = new Map<string, string>();
  for (const file of pack.files) {
    const path = await verifyFile(realBase, posix.join(folder, localPath(pack, file)), file, howToGet(pack));
    paths.set(file.path, path);
  }
  const root = resolve(realBase, folder);
  if (pack.source.kind !== 'npm' && unlisted === 'refuse') await refuseUnlisted(root, pack);
  if (graphs === 'walk')
    for (const [path, real] of paths) if (path.endsWith('.onnx')) await verifyGraph(pack, path, real);
  return {
    pack,
    folder: root,
    file: (path) => {
      const real = paths.get(path);
      if (real === undefined)
        throw new PackError('file_missing', `The pack ${pack.name} lists no file ${path}.`);
      return real;
    },
  };
}

function howToGet({ name, source }: Pack): string {
  return source.kind === 'hub' ? ` Pull it: npm run models -- pull ${name}` : '';
}

/** Real path of one file after all checks. `base` is a real path that the operator chose. */
async function verifyFile(base: string, relative: string, listed: PackFile, hint: string): Promise<string> {
  const path = resolve(base, relative);
  if (!path.startsWith(base + sep))
    throw new PackError('path_escape', `${relative}: expected a path inside of ${base}.`);
  let walked = base;
  for (const segment of relative.split('/').filter((part) => part !== '.')) {
    walked = join(walked, segment);
    const found = await lstat(walked).catch((error: unknown) => {
      throw new PackError('file_missing', `${walked}: there is no such file.${hint}`, { cause: error });
    });
    if (found.isSymbolicLink())
      throw new PackError('symlink', `${walked}: expected a plain file or folder, found a symbolic link.`);
  }
  // A link that took the file's place meanwhile is not followed.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await verifyContents(handle, path, listed, hint);
  } finally {
    await handle.close();
  }
  return path;
}

async function verifyContents(
  handle: FileHandle,
  path: string,
  listed: PackFile,
  hint: string,
): Promise<void> {
  const refuse = (code: PackErrorCode, what: string): PackError =>
    new PackError(code, `${path}: ${what}.${hint}`);
  const found = await handle.stat();
  if (!found.isFile()) throw refuse('not_a_file', 'expected a plain file');
  if (found.size !== listed.bytes)
    throw refuse('size_mismatch', `expected ${listed.bytes} bytes, found ${found.size}`);
  const digest = await digestOf(handle);
  if (digest !== listed.sha256)
    throw refuse('digest_mismatch', `expected SHA-256 ${listed.sha256}, found ${digest}`);
}

const CHUNK_BYTES = 1024 * 1024;

async function digestOf(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let position = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}

/** A loader that looks for optional files by name must not find one that nobody vouches for. */
async function refuseUnlisted(root: string, pack: Pack): Promise<void> {
  const listed = new Set(pack.files.map(({ path }) => path));
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name)
      .slice(root.length + 1)
      .replaceAll(sep, '/');
    if (listed.has(path) || NOTES.includes(path) || PARTIAL_SUFFIXES.some((suffix) => path.endsWith(suffix)))
      continue;
    throw new PackError(
      'file_unlisted',
      `${join(root, path)}: the manifest does not list this file. Remove it.`,
    );
  }
}

async function verifyGraph(pack: Pack, path: string, real: string): Promise<void> {
  for (const { location, end } of await externalDataOf(real)) {
    const target = posix.normalize(posix.join(posix.dirname(path), location));
    const listed = pack.files.find((file) => file.path === target);
    if (location.startsWith('/') || location.includes('\\') || !listed)
      throw new PackError(
        'external_data',
        `${real}: keeps weights in ${JSON.stringify(location.slice(0, 200))}, which is no file of the pack ${pack.name}.`,
      );
    if (end > listed.bytes)
      throw new PackError(
        'external_data',
        `${real}: reads to byte ${end} of ${target}, which has ${listed.bytes}.`,
      );
  }
}
