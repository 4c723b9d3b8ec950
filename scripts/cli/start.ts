/** `npm start`: the service on http://127.0.0.1:8787 until Ctrl-C. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startService } from '../service.ts';
import { CommandError } from './failure.ts';
import { ROOT } from './worker.ts';

const USAGE = 'npm start [-- --port 8787] [--host 127.0.0.1] [--backend-port 0] [--state .state] [--json]';

type Options = { host: string; port: number; backendPort: number; state: string; json: boolean };

function readArguments(): Options {
  try {
    const { values } = parseArgs({
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '8787' },
        'backend-port': { type: 'string', default: '0' },
        state: { type: 'string', default: '.state' },
        json: { type: 'boolean', default: false },
      },
    });
    const { host, state, json } = values;
    return {
      host,
      json,
      state: resolve(ROOT, state),
      port: portOf(values.port),
      backendPort: portOf(values['backend-port']),
    };
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : error}\nUsage: ${USAGE}`, 2);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new Error(`Expected a port from 0 to 65535, got ${JSON.stringify(text)}.`);
  return port;
}

function banner(url: string, key: string, logFile: string): string {
  return [
    `taco-edge listens on ${url}`,
    '',
    `  development key   ${key}`,
    `  backend log       ${logFile}`,
    '',
    'Ask about a photo, and watch the steps:',
    '',
    `  npm run ask -- examples/receipt.jpg "What is the total?" --url ${url} --key ${key}`,
    '',
    'The same with curl:',
    '',
    `  export TACO_KEY=${key}`,
    `  IMAGE=$(curl -sS ${url}/v1/images -H "Authorization: Bearer $TACO_KEY" -H 'Content-Type: image/jpeg' \\`,
    `    --data-binary @examples/receipt.jpg | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')`,
    `  curl -sSN ${url}/v1/runs -H "Authorization: Bearer $TACO_KEY" -H 'Content-Type: application/json' \\`,
    `    -H 'Accept: text/event-stream' \\`,
    `    -d '{"question":"What is the total?","images":[{"type":"image_id","image_id":"'$IMAGE'"}]}'`,
    '',
    'Ctrl-C stops it.',
  ].join('\n');
}

async function main(): Promise<void> {
  const options = readArguments();
  const stopping = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stopping.resolve();
      // Whoever asks twice does not want to wait for calls in progress.
      process.once(signal, () => process.exit(130));
    });
  }
  const service = await startService({
    stateFolder: options.state,
    host: options.host,
    port: options.port,
    backendPort: options.backendPort,
  });
  const { url, key, backend, logFile } = service;
  console.log(
    options.json
      ? JSON.stringify({ url, key, backend_url: backend.url, backend_pid: backend.pid })
      : banner(url, key, logFile),
  );
  await stopping.promise;
  await service.stop();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  console.error(error.message);
  process.exit(error.exitCode);
}
