/** The scripted backend as a process of its own, so that a test can kill it: `node backend-process.ts PORT SECRET LOG`. */
import { appendFileSync } from 'node:fs';
import { startFakeBackend } from './fake-backend.ts';

const [port = '0', secret = '', log = ''] = process.argv.slice(2);
const backend = await startFakeBackend(secret, Number(port), ({ path, key }) =>
  // On disk before the call is carried out: what a kill cuts off is counted too.
  appendFileSync(log, `${JSON.stringify({ life: process.pid, path, key })}\n`),
);
process.stdout.write(`${JSON.stringify({ url: backend.url })}\n`);
