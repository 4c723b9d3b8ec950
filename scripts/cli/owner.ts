/**
 * Who uses a state folder. A service that was killed outright leaves its workerd running, which
 * would go on serving the port; the next start on the same folder ends it.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from './failure.ts';

/** `since` tells a process from a later one with the same number; '' where the system does not say. */
type ProcessMark = { readonly pid: number; readonly since: string };
type Owner = { readonly service: ProcessMark; readonly children: readonly ProcessMark[] };

const FILE = 'owner.json';
const GONE_TRIES = 100;
const GONE_POLL_MS = 20;

/** Throws CommandError while another service uses the folder; ends what a dead one left behind. */
export async function claimState(folder: string): Promise<void> {
  const owner = await readOwner(folder);
  if (owner && owner.service.pid !== process.pid && (await lives(owner.service))) {
    throw new CommandError(
      `The state folder ${folder} is in use by process ${owner.service.pid}. Stop it, or choose another with --state.`,
    );
  }
  for (const child of owner?.children ?? []) {
    if (!(await lives(child))) continue;
    process.kill(child.pid, 'SIGKILL');
    for (let tries = 0; tries < GONE_TRIES && (await lives(child)); tries++) await delay(GONE_POLL_MS);
  }
  await recordOwner(folder);
}

/** Notes this process and the children that it has now. */
export async function recordOwner(folder: string): Promise<void> {
  const owner: Owner = { service: await markOf(process.pid), children: await childrenOf(process.pid) };
  await writeFile(join(folder, FILE), JSON.stringify(owner));
}

export async function releaseState(folder: string): Promise<void> {
  await rm(join(folder, FILE), { force: true });
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, FILE), 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

async function lives({ pid, since }: ProcessMark): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return (await markOf(pid)).since === since;
}

async function markOf(pid: number): Promise<ProcessMark> {
  return { pid, since: (await statOf(pid))?.since ?? '' };
}

/** Linux only: elsewhere there is no /proc, and nothing is found. */
async function childrenOf(parent: number): Promise<ProcessMark[]> {
  const names = await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => ({ pid: Number(name), stat: await statOf(Number(name)) })),
  );
  return found.flatMap(({ pid, stat }) => (stat?.parent === parent ? [{ pid, since: stat.since }] : []));
}

/** Parent and start time out of /proc/PID/stat; zombies count as gone. */
async function statOf(pid: number): Promise<{ parent: number; since: string } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in brackets may hold spaces; the fields after it are: state, parent, ... start time (22nd of all).
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (!fields || fields[0] === 'Z') return undefined;
  return { parent: Number(fields[1]), since: fields[19] ?? '' };
}
