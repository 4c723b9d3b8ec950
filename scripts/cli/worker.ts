/** The edge on this machine: the Worker bundled by esbuild, run by Miniflare (workerd). */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Miniflare, V4WorkerOptions } from 'miniflare';
import { portInUse } from './port.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type WorkerSettings = {
  /** Origins of the backends, comma-separated. */
  readonly BACKEND_URLS: string;
  readonly BACKEND_SECRET: string;
  /** Times of `edge/env.ts`, for tests. */
  readonly [variable: string]: string;
};

export type WorkerOptions = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Folder of D1, R2, KV and Durable Objects. */
  readonly stateFolder: string;
  readonly bundle: string;
  readonly settings: WorkerSettings;
  /** For tests: requests of one address within a minute, in place of what wrangler.toml says. */
  readonly requestsPerAddress?: number;
  /** Another Worker in the same workerd, which a benchmark compares ours with: one ES module. */
  readonly beside?: string;
};

export type Worker = {
  readonly url: string;
  /** The same without Miniflare's own Worker in front: what a benchmark measures. */
  readonly directUrl: string;
  /** Of the Worker beside; absent without one. */
  readonly besideUrl?: string;
  /** The D1 database of API keys, migrated. */
  database(): Promise<D1Like>;
  stop(): Promise<void>;
};

export type D1Like = Awaited<ReturnType<Miniflare['getD1Database']>>;

/** The Worker as one ES module. Throws when it does not compile. */
export async function bundleWorker(): Promise<string> {
  const result = await build({
    entryPoints: [join(ROOT, 'edge', 'index.ts')],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'silent',
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error('esbuild wrote no bundle of edge/index.ts');
  return file.text;
}

/** Bindings and flags as in wrangler.toml; a test compares the two. */
export const workerBindings = {
  compatibilityDate: '2026-08-15',
  compatibilityFlags: ['enable_request_signal', 'request_signal_passthrough'],
  kvNamespaces: { CACHE: 'CACHE' },
  r2Buckets: { IMAGES: 'taco-edge-images' },
  d1Databases: { DB: 'DB' },
  durableObjects: {
    RUNS: { className: 'RunObject', useSQLite: true },
    KEYS: { className: 'KeyObject', useSQLite: true },
    ADDRESSES: { className: 'AddressObject', useSQLite: true },
  },
  ratelimits: { ADDRESS_RATE: { namespace_id: '1001', simple: { limit: 600, period: 10 } } },
} as const;

/** Loads Miniflare, which takes a second. */
export async function loadRuntime(): Promise<typeof import('miniflare')> {
  silenceCloudflare();
  return await import('miniflare');
}

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  await mkdir(options.stateFolder, { recursive: true });
  const { Miniflare, convertV4MiniflareOptions, Log, LogLevel } = await loadRuntime();
  const worker: V4WorkerOptions = {
    ...moduleWorker('taco-edge', options.bundle),
    kvNamespaces: workerBindings.kvNamespaces,
    r2Buckets: workerBindings.r2Buckets,
    d1Databases: workerBindings.d1Databases,
    durableObjects: workerBindings.durableObjects,
    ratelimits:
      options.requestsPerAddress === undefined
        ? workerBindings.ratelimits
        : {
            ADDRESS_RATE: { namespace_id: '1001', simple: { limit: options.requestsPerAddress, period: 60 } },
          },
    bindings: { ...options.settings },
  };
  const miniflare = withoutSignalHandlers(
    () =>
      new Miniflare(
        convertV4MiniflareOptions({
          host: options.host,
          port: options.port,
          cf: false,
          log: new Log(LogLevel.ERROR),
          logRequests: false,
          telemetry: { enabled: false },
          unsafeLocalExplorer: false,
          unsafeObservability: false,
          resourcePersistencePath: options.stateFolder,
          workers: [worker, ...(options.beside ? [moduleWorker(BESIDE, options.beside)] : [])],
        }),
      ),
  );
  try {
    const url = await miniflare.ready;
    const database = await miniflare.getD1Database('DB');
    await migrate(database);
    return {
      url: url.origin,
      directUrl: (await miniflare.unsafeGetDirectURL()).origin,
      ...(options.beside ? { besideUrl: (await miniflare.unsafeGetDirectURL(BESIDE)).origin } : {}),
      database: async () => database,
      stop: () => miniflare.dispose(),
    };
  } catch (error) {
    await miniflare.dispose().catch(() => undefined);
    throw isPortInUse(error) ? portInUse(options.host, options.port) : error;
  }
}

const BESIDE = 'beside';

function moduleWorker(name: string, contents: string) {
  return {
    name,
    modules: [{ type: 'ESModule' as const, path: 'index.mjs', contents }],
    compatibilityDate: workerBindings.compatibilityDate,
    compatibilityFlags: [...workerBindings.compatibilityFlags],
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
  };
}

/** Applies the migrations that are missing, with the same record as `wrangler d1 migrations apply`. */
export async function migrate(database: D1Like): Promise<void> {
  await database
    .prepare(
      'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    )
    .run();
  const { results } = await database.prepare('SELECT name FROM d1_migrations').all<{ name: string }>();
  const applied = new Set(results.map((row) => row.name));
  const folder = join(ROOT, 'migrations');
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()) {
    if (applied.has(name)) continue;
    const statements = statementsOf(await readFile(join(folder, name), 'utf8'));
    await database.batch([
      ...statements.map((statement) => database.prepare(statement)),
      database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
    ]);
  }
}

/** Our migrations hold plain statements: no `;` in strings, no triggers. */
function statementsOf(sql: string): string[] {
  return sql
    .replace(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/**
 * Miniflare ends the process at once on a signal. We end it in order: edge, backend, state folder;
 * its handler of 'exit', which takes workerd along, stays.
 */
function withoutSignalHandlers<Value>(make: () => Value): Value {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const before = new Map(signals.map((signal) => [signal, new Set(process.listeners(signal))]));
  const value = make();
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (!before.get(signal)?.has(listener)) process.removeListener(signal, listener);
    }
  }
  return value;
}

/** None of Cloudflare's tools may look anything up or report anything. */
function silenceCloudflare(): void {
  Object.assign(process.env, {
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    DO_NOT_TRACK: '1',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    X_LOCAL_OBSERVABILITY: 'false',
  });
}

function isPortInUse(error: unknown): boolean {
  return /address already in use|EADDRINUSE/i.test(String(error));
}
