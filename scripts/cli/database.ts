/** The local D1 database of API keys alone: no run wakes up and no server listens. */
import { mkdir } from 'node:fs/promises';
import { type D1Like, migrate, workerBindings } from './worker.ts';

export type KeyStore = { readonly database: D1Like; close(): Promise<void> };

/** Opens the same database that `startWorker` uses with this folder, also while that one runs. */
export async function openDatabase(stateFolder: string): Promise<KeyStore> {
  await mkdir(stateFolder, { recursive: true });
  Object.assign(process.env, {
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    X_LOCAL_OBSERVABILITY: 'false',
  });
  const { Miniflare, convertV4MiniflareOptions, Log, LogLevel } = await import('miniflare');
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      log: new Log(LogLevel.ERROR),
      telemetry: { enabled: false },
      unsafeLocalExplorer: false,
      unsafeObservability: false,
      resourcePersistencePath: stateFolder,
      workers: [
        {
          name: 'taco-edge',
          modules: [
            {
              type: 'ESModule',
              path: 'index.mjs',
              contents: 'export default { fetch: () => new Response(null) };',
            },
          ],
          compatibilityDate: workerBindings.compatibilityDate,
          // No Durable Objects: an object without its code would lose its alarms.
          d1Databases: workerBindings.d1Databases,
        },
      ],
    }),
  );
  try {
    await miniflare.ready;
    const database = await miniflare.getD1Database('DB');
    await migrate(database);
    return { database, close: () => miniflare.dispose() };
  } catch (error) {
    await miniflare.dispose().catch(() => undefined);
    throw error;
  }
}
