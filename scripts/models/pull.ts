/** Pulls a pack: every file of its row from a hub or a mirror, and nothing else. */
import { join } from 'node:path';
import type { Pack, PackFile } from '#backend/packs/manifest';
import { PackError } from '#backend/packs/pack-error';
import { type PackFolders, verifyPack } from '#backend/packs/verify';
import { type DownloadOptions, downloadFile } from './download.ts';

export type PullOptions = Omit<DownloadOptions, 'onProgress'> & {
  /** Takes the place of the hub that the row names; the layout below it is the same. */
  readonly mirror?: URL | undefined;
  readonly acceptNonCommercial: boolean;
  /** Called when a file is begun, and as its bytes come in. */
  readonly onProgress?: (file: PackFile, bytes: number) => void;
};

type HubSource = Extract<Pack['source'], { kind: 'hub' }>;

/** `{base}/{repository}/resolve/{revision}/{path}` */
export function urlOf(source: HubSource, file: PackFile, mirror?: URL): URL {
  const base = (mirror?.href ?? source.hub).replace(/\/+$/, '');
  const { repository = source.repository, revision = source.revision, from = file.path } = file;
  return new URL(`${base}/${repository}/resolve/${revision}/${from}`);
}

/** Files that are there and genuine are left alone. Throws PackError with what is in the way. */
export async function pullPack(pack: Pack, folders: PackFolders, options: PullOptions): Promise<void> {
  const { source } = pack;
  if (source.kind !== 'hub') return void (await verifyPack(pack, folders));
  if (pack.nonCommercial && !options.acceptNonCommercial)
    throw new PackError(
      'licence_not_accepted',
      `The licence of ${pack.name} forbids commercial use (${pack.licence}). Read it, and repeat with --accept-non-commercial.`,
    );
  for (const file of pack.files) {
    options.onProgress?.(file, 0);
    if (await isGenuine(pack, file, folders)) continue;
    const target = join(folders.pulled, pack.name, file.path);
    await downloadFile(
      { url: urlOf(source, file, options.mirror), target, bytes: file.bytes, sha256: file.sha256 },
      { ...options, onProgress: (bytes) => options.onProgress?.(file, bytes) },
    );
  }
  await verifyPack(pack, folders);
}

/** A link in the file's place is refused here too, before anything is written through it. */
async function isGenuine(pack: Pack, file: PackFile, folders: PackFolders): Promise<boolean> {
  // The graph may lean on a file that is not there yet, so only bytes are looked at.
  const bytesOnly = { ...pack, files: [file] };
  try {
    await verifyPack(bytesOnly, folders, { unlisted: 'ignore', graphs: 'ignore' });
    return true;
  } catch (error) {
    const replaceable = ['file_missing', 'size_mismatch', 'digest_mismatch'];
    if (error instanceof PackError && replaceable.includes(error.code)) return false;
    throw error;
  }
}
