/** The edge as a process of its own, so that a test can kill it: `node edge-process.ts STATE PORT BACKEND SECRET`. */
import { createKey } from '#edge/storage/keys';
import { bundleWorker, startWorker } from '../../scripts/cli/worker.ts';

const [stateFolder = '', port = '0', backend = '', secret = ''] = process.argv.slice(2);
const worker = await startWorker({
  host: '127.0.0.1',
  port: Number(port),
  stateFolder,
  bundle: await bundleWorker(),
  settings: { BACKEND_URLS: backend, BACKEND_SECRET: secret, WATCHDOG_MS: '500' },
});
const wish = { mode: 'test', name: 'restarts', tenant: 'restarts', plan: 'development' } as const;
const { key } = await createKey(await worker.database(), wish, Date.now());
process.stdout.write(`${JSON.stringify({ url: worker.url, key })}\n`);
