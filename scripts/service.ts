/** The whole system on this machine: backend and edge in one process tree, state in one folder. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encyclopediaUrl } from '#edge/env';
import { createKey, verifyKey } from '#edge/storage/keys';
import { scope } from '#shared/scopes';
import { type Backend, startBackend } from './cli/backend.ts';
import { CommandError } from './cli/failure.ts';
import { claimState, recordOwner, releaseState } from './cli/owner.ts';
import { checkPort } from './cli/port.ts';
import { bundleWorker, type D1Like, loadRuntime, startWorker } from './cli/worker.ts';

export type ServiceOptions = {
  readonly stateFolder: string;
  readonly host?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly backendPort?: number;
  /** Times of `edge/env.ts`, for tests. */
  readonly settings?: Readonly<Record<string, string>>;
};

export type Service = {
  readonly url: string;
  /** A key of the tenant `local`; the same one for as long as the state folder lives. */
  readonly key: string;
  readonly backend: Backend;
  readonly logFile: string;
  stop(): Promise<void>;
};

/**
 * Resolves when a run can be started. Throws CommandError when a port is taken or a model does
 * not load; nothing is left running then.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { stateFolder, host = '127.0.0.1', port = 0, backendPort = 0, settings = {} } = options;
  const encyclopedia = encyclopediaOf(process.env);
  await mkdir(stateFolder, { recursive: true });
  await claimState(stateFolder);
  // Known now rather than after the models are loaded.
  if (port !== 0) await checkPort(host, port);
  const secret = await keep(join(stateFolder, 'backend-secret'), () => randomBytes(32).toString('hex'));
  const logFile = join(stateFolder, 'backend.log');
  const imageFolder = join(stateFolder, 'backend-images');
  const stops: Array<() => Promise<void>> = [() => releaseState(stateFolder)];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    // The models load while the Worker is bundled and started.
    const [backend, bundle] = await Promise.all([
      startBackend({ port: backendPort, secret, imageFolder, logFile }).then((started) => {
        stops.push(started.stop);
        return started;
      }),
      bundleWorker(),
      loadRuntime(),
    ]);
    const ready = backend.ready();
    const worker = startWorker({
      host,
      port,
      bundle,
      stateFolder: join(stateFolder, 'edge'),
      settings: { BACKEND_URLS: backend.url, BACKEND_SECRET: secret, ...encyclopedia, ...settings },
    }).then((started) => {
      stops.push(started.stop);
      return started;
    });
    // Both must have settled before anything is stopped: what starts later would be left running.
    await Promise.allSettled([ready, worker]);
    await ready;
    const { url, database } = await worker;
    await recordOwner(stateFolder);
    const key = await developmentKey(stateFolder, await database());
    return { url, key, backend, logFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The Worker reads no variables of this process; this one is the operator's to give. */
function encyclopediaOf({ ENCYCLOPEDIA_URL: url }: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  if (url === undefined || url === '') return {};
  const parsed = encyclopediaUrl.safeParse(url);
  if (parsed.success) return { ENCYCLOPEDIA_URL: parsed.data };
  throw new CommandError(
    `Expected ENCYCLOPEDIA_URL to be the MediaWiki API of a public host, such as https://en.wikipedia.org/w/api.php, got ${JSON.stringify(url)}.`,
    2,
  );
}

/** The key in the state folder while the database knows it, else a new one. */
async function developmentKey(stateFolder: string, database: D1Like): Promise<string> {
  const file = join(stateFolder, 'development-key');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  const known = kept ? await verifyKey(database, kept, Date.now()) : undefined;
  // A key from before there were plans, or a scope, is replaced: it would be limited.
  const isWhole = known?.plan === 'development' && scope.options.every((one) => known.scopes.includes(one));
  if (kept && isWhole) return kept;
  const { key } = await createKey(
    database,
    { mode: 'test', name: 'development', tenant: 'local', plan: 'development', scopes: scope.options },
    Date.now(),
  );
  await writeFile(file, key, { mode: 0o600 });
  return key;
}

async function keep(file: string, make: () => string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    const value = make();
    await writeFile(file, value, { mode: 0o600 });
    return value;
  }
}
