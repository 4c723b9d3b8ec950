/** The least that a server can be, in a process of its own: how long a reply takes on this machine, whatever it is of. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

export type BareServer = { readonly url: string; stop(): void };

export async function startBareServer(): Promise<BareServer> {
  const child = fork(fileURLToPath(import.meta.url));
  const [port] = (await once(child, 'message')) as [number];
  // A benchmark that fails must neither wait for it nor leave it behind.
  child.unref();
  child.channel?.unref();
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill() };
}

/** In the process that was forked. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = createServer((_, reply) => void reply.end('{"status":"ok"}'));
  process.on('disconnect', () => process.exit());
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}
