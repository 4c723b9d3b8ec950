/** `npm run ask -- photo.jpg "question"`: the real edge and the real backend, started, asked, stopped. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run, RunEvent } from '#shared/api';
import { startService } from '../service.ts';
import { createApiClient } from './api-client.ts';
import { type AskOptions, readAskOptions, readPhoto, USAGE } from './ask-options.ts';
import { CommandError } from './failure.ts';
import { createStyle } from './terminal.ts';
import { createTrace } from './trace.ts';

type Server = { readonly url: string; readonly key: string; stop(): Promise<void> };

async function startTemporary(keep: boolean): Promise<Server> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'taco-ask-'));
  const discard = async (): Promise<void> => {
    if (keep)
      console.error(`State kept in ${stateFolder}; serve it again with: npm start -- --state ${stateFolder}`);
    else await rm(stateFolder, { recursive: true, force: true });
  };
  try {
    // Nobody else asks this backend, so its models need not stand behind anything.
    process.env['MODEL_NICENESS'] ??= '0';
    const service = await startService({ stateFolder });
    return {
      url: service.url,
      key: service.key,
      stop: async () => {
        await service.stop();
        await discard();
      },
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** Shows one line in place of the other, on a terminal only. */
function liveLine(stream: NodeJS.WriteStream): (text: string) => void {
  if (!stream.isTTY) return () => undefined;
  return (text) => void stream.write(`\r\x1b[2K${text}`);
}

async function ask(
  options: AskOptions,
  photos: ReadonlyArray<Awaited<ReturnType<typeof readPhoto>>>,
  server: Server,
): Promise<Run> {
  const client = createApiClient(server.url, server.key);
  const images = await Promise.all(photos.map(({ bytes, mediaType }) => client.upload(bytes, mediaType)));
  const style = createStyle(process.stdout, process.env);
  const trace = createTrace({
    style,
    width: process.stdout.columns ?? 100,
    print: (line) => console.log(line),
    live: liveLine(process.stdout),
  });
  if (!options.json) {
    console.log(`${style.dim(options.files.join(', '))}\n${style.bold(options.question)}\n`);
  }
  const show = options.json ? (_: RunEvent): void => undefined : trace;
  const { question, maxSteps } = options;
  return await client.run(
    { question, images, ...(maxSteps === undefined ? {} : { max_steps: maxSteps }) },
    show,
  );
}

/** Rejects at the first signal; what was started is then stopped in order. A second signal ends at once. */
function interruption(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      reject(new CommandError('Stopped.'));
      process.once(signal, () => process.exit(130));
    });
  }
  promise.catch(() => undefined);
  return promise;
}

async function main(): Promise<number> {
  const options = readAskOptions(process.argv.slice(2));
  if (!options) {
    console.log(USAGE);
    return 0;
  }
  // Before anything is started: a misspelt name must not cost a start.
  const photos = await Promise.all(options.files.map(readPhoto));
  const interrupted = interruption();
  const live = options.json ? () => undefined : liveLine(process.stderr);
  if (!options.server) live('starting the edge, the backend and the models ...');
  const server: Server = options.server
    ? { ...options.server, stop: async () => undefined }
    : await startTemporary(options.keep);
  live('');
  try {
    const run = await Promise.race([ask(options, photos, server), interrupted]);
    if (options.json) console.log(JSON.stringify(run, null, 2));
    return run.status === 'succeeded' ? 0 : 1;
  } finally {
    await server.stop();
  }
}

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  console.error(error.message);
  process.exit(error.exitCode);
}
