/** `npm run keys -- allow ID`: the pages that may call with a key, and the hosts whose images may be fetched for it. */
import { allowImageHosts, allowOrigins } from '#edge/storage/key-web';
import { listKeys } from '#edge/storage/keys';
import { CommandError } from './failure.ts';
import type { D1Like } from './worker.ts';

export type Allowance = {
  /** Comma-separated; an empty text takes all away, and what is left out stays as it is. */
  readonly origins?: string | undefined;
  readonly 'image-hosts'?: string | undefined;
};

/** @throws CommandError when there is no such key, or an entry is none of its kind. */
export async function allow(database: D1Like, id: string | undefined, allowance: Allowance): Promise<string> {
  const { origins, 'image-hosts': hosts } = allowance;
  if (id === undefined || (origins === undefined && hosts === undefined)) {
    throw new CommandError('Expected: npm run keys -- allow ID [--origins LIST] [--image-hosts LIST]', 2);
  }
  const known = await listKeys(database);
  if (!known.some((key) => key.id === id)) {
    throw new CommandError(`There is no key ${JSON.stringify(id)}; see: npm run keys -- list`);
  }
  try {
    if (origins !== undefined) await allowOrigins(database, id, entries(origins));
    if (hosts !== undefined) await allowImageHosts(database, id, entries(hosts));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(reason.startsWith('expected') ? `E${reason.slice(1)}.` : reason, 2);
  }
  return `Changed ${id}.`;
}

function entries(list: string): string[] {
  return list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
