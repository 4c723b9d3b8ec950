/** The inference backend as a child process that is started again when it dies. */
import { type ChildProcess, fork } from 'node:child_process';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HEAP } from '#backend/heap';
import { backendHealth } from '#shared/contract';
import { CommandError } from './failure.ts';
import { ROOT } from './worker.ts';

const RESTART_MS = 500;
const READY_MS_MAX = 60_000;
const POLL_MS = 50;
const LOG_TAIL_CHARS = 1_500;

export type BackendOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  readonly secret: string;
  readonly imageFolder: string;
  /** Where the words of the backend go. */
  readonly logFile: string;
};

export type Backend = {
  readonly url: string;
  /** Of the process that runs now. */
  readonly pid: number | undefined;
  /** Resolves once planner and tools are loaded. Throws CommandError when they do not load. */
  ready(): Promise<void>;
  stop(): Promise<void>;
};

/** Resolves when the backend listens; models may still be loading. */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const log = await open(options.logFile, 'a');
  let port = options.port;
  let child: ChildProcess;
  let stopped = false;

  const spawn = async (): Promise<void> => {
    child = forkBackend({ ...options, port }, log);
    child.once('exit', () => void respawn());
    port = await listening(child, options);
  };
  const respawn = async (): Promise<void> => {
    if (stopped || port === 0) return;
    await delay(RESTART_MS);
    // A start that fails ends in the next 'exit', and so here again.
    if (!stopped) await spawn().catch(() => undefined);
  };
  await spawn();

  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    get pid() {
      return child.pid;
    },
    ready: () => untilReady(url, options.logFile),
    stop: async () => {
      stopped = true;
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await gone;
      }
      await log.close();
    },
  };
}

function forkBackend({ port, secret, imageFolder }: BackendOptions, log: FileHandle): ChildProcess {
  return fork(join(ROOT, 'gpu-backend', 'index.ts'), {
    cwd: ROOT,
    execArgv: [...process.execArgv, ...HEAP.server],
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      BACKEND_SECRET: secret,
      IMAGE_DIR: imageFolder,
    },
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
}

/** The port that the backend took. Throws CommandError with its last words when it ends instead. */
async function listening(child: ChildProcess, options: BackendOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('message', (message) => {
    const port = Reflect.get(Object(message), 'port');
    if (typeof port === 'number') resolve(port);
  });
  const failed = async (): Promise<void> =>
    reject(new CommandError(`The backend did not start.\n${await tail(options.logFile)}`));
  child.once('exit', () => void failed());
  return await promise;
}

async function untilReady(url: string, logFile: string): Promise<void> {
  const limit = performance.now() + READY_MS_MAX;
  for (;;) {
    const response = await fetch(`${url}/healthz`).catch(() => undefined);
    const health = response && backendHealth.parse(await response.json());
    if (health?.status === 'ok') return;
    if (health?.status === 'degraded' || performance.now() > limit) {
      throw new CommandError(
        `The backend is ${health?.status ?? 'silent'}. Its log ends with:\n${await tail(logFile)}`,
      );
    }
    await delay(POLL_MS);
  }
}

async function tail(logFile: string): Promise<string> {
  return (await readFile(logFile, 'utf8').catch(() => '')).slice(-LOG_TAIL_CHARS).trimEnd();
}
