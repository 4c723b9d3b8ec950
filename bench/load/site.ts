/** The real backend with the nano planner in processes of its own, and what can be seen of it from outside. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Backend, startBackend } from '../../scripts/cli/backend.ts';
import { Caller, digestOf, type Picture, SECRET } from './caller.ts';

export class Site extends Caller {
  readonly #folder: string;
  readonly #backend: Backend;

  private constructor(folder: string, backend: Backend) {
    super(backend.url);
    this.#folder = folder;
    this.#backend = backend;
  }

  /** Resolves once the planner is ready. */
  static async start(): Promise<Site> {
    // A core is left to the server and to those who ask.
    process.env['THREADS'] ??= String(Math.max(1, availableParallelism() - 1));
    const folder = await mkdtemp(join(tmpdir(), 'engine-load-'));
    const [imageFolder, logFile] = [join(folder, 'images'), join(folder, 'log')];
    const backend = await startBackend({ port: 0, secret: SECRET, imageFolder, logFile });
    await backend.ready();
    return new Site(folder, backend);
  }

  /** A metric by name and labels; undefined where it is not told, as while the planner starts. */
  async metric(name: string): Promise<number | undefined> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`taco_${name} `));
    return line === undefined ? undefined : Number(line.split(' ')[1]);
  }

  /** Process id of the planner that was ready last. */
  async plannerPid(): Promise<number> {
    const lines = (await readFile(join(this.#folder, 'log'), 'utf8')).split('\n');
    const ready = lines.filter((line) => line.includes('"child_ready"') && line.includes('"planner"'));
    return (JSON.parse(ready.at(-1) ?? '{}') as { pid: number }).pid;
  }

  async killPlanner(): Promise<void> {
    process.kill(await this.plannerPid(), 'SIGKILL');
  }

  get serverPid(): number {
    return this.#backend.pid ?? 0;
  }

  async stop(): Promise<void> {
    this.close();
    await this.#backend.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Megabytes that a process has in memory; NaN where it is gone. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** So many different small photos. */
export async function pictures(count: number): Promise<Picture[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const background = { r: (index * 37) % 256, g: (index * 91) % 256, b: index % 256 };
      const bytes = await sharp({ create: { width: 96, height: 128, channels: 3, background } })
        .png()
        .toBuffer();
      return { sha256: digestOf(bytes), bytes };
    }),
  );
}
