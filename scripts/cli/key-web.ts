/** `npm run keys -- allow ID`: pages and apps that may call with a key, and hosts whose images may be fetched for it. */
import { updateKey } from '#edge/storage/key-changes';
import { allowImageHosts, allowOrigins } from '#edge/storage/key-web';
import { findKeyAnywhere } from '#edge/storage/keys';
import { CommandError } from './failure.ts';
import { APP_OPTIONS, type AppValues, appCheckOf, entriesOf } from './key-apps.ts';
import type { D1Like } from './worker.ts';

export type Allowance = AppValues & {
  /** Comma-separated; an empty text takes all away, and what is left out stays as it is. */
  readonly origins?: string | undefined;
  readonly 'image-hosts'?: string | undefined;
};

/** @throws CommandError when there is no such key, or an entry is none of its kind. */
export async function allow(database: D1Like, id: string | undefined, allowance: Allowance): Promise<string> {
  const { origins, 'image-hosts': hosts } = allowance;
  const named = ['origins', 'image-hosts', ...Object.keys(APP_OPTIONS)] as const;
  if (id === undefined || named.every((name) => allowance[name as keyof Allowance] === undefined)) {
    const options = named.map((name) => `[--${name} ...]`).join(' ');
    throw new CommandError(`Expected: npm run keys -- allow ID ${options}`, 2);
  }
  const key = await findKeyAnywhere(database, id);
  if (!key) {
    throw new CommandError(`There is no key ${JSON.stringify(id)}; see: npm run keys -- list`);
  }
  const { appCheck: before, ...rest } = key;
  const after = appCheckOf(allowance, before);
  if (after !== before && !(await updateKey(database, { ...rest, ...(after ? { appCheck: after } : {}) })))
    throw new CommandError(`The key ${id} is revoked.`);
  try {
    if (origins !== undefined) await allowOrigins(database, id, entriesOf(origins));
    if (hosts !== undefined) await allowImageHosts(database, id, entriesOf(hosts));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(reason.startsWith('expected') ? `E${reason.slice(1)}.` : reason, 2);
  }
  return `Changed ${id}.`;
}
