/** Whether a port can be listened on. */
import { createServer } from 'node:net';
import { CommandError } from './failure.ts';

/** Throws CommandError when something else listens there, or the system does not allow it. */
export async function checkPort(host: string, port: number): Promise<void> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    reject(
      error.code === 'EADDRINUSE'
        ? portInUse(host, port)
        : new CommandError(`Listening on ${host}:${port} is not possible: ${error.message}`),
    );
  });
  server.listen(port, host, () => server.close(() => resolve()));
  await promise;
}

export function portInUse(host: string, port: number): CommandError {
  return new CommandError(
    `Port ${port} of ${host} is in use. Stop what runs there, or choose another: npm start -- --port 8790`,
  );
}
