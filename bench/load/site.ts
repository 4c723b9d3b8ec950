/** The real backend with the nano planner in processes of its own, and what can be seen of it from outside. */
import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { SIGNATURE_HEADER, signedText, TIMESTAMP_HEADER } from '#shared/contract';
import { type Backend, startBackend } from '../../scripts/cli/backend.ts';
import { connections, exchange, type Reply } from './client.ts';

const SECRET = 'a secret that only benchmarks know';

export type Picture = { readonly sha256: string; readonly bytes: Buffer };

export class Site {
  readonly #folder: string;
  readonly #backend: Backend;
  readonly #agent = connections();

  private constructor(folder: string, backend: Backend) {
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

  get url(): string {
    return this.#backend.url;
  }

  async send(
    method: 'POST' | 'PUT',
    path: string,
    body: string | Buffer,
    { sha256 = digestOf(body), signal }: { sha256?: string; signal?: AbortSignal } = {},
  ): Promise<Reply> {
    const timestamp = String(Date.now());
    const text = signedText(method, path, timestamp, sha256);
    const signature = createHmac('sha256', SECRET).update(text).digest('hex');
    return await exchange(this.#agent, this.url + path, {
      method,
      headers: { [SIGNATURE_HEADER]: signature, [TIMESTAMP_HEADER]: timestamp },
      body,
      ...(signal ? { signal } : {}),
    });
  }

  async put({ sha256, bytes }: Picture): Promise<void> {
    const { status, text } = await this.send('PUT', `/v1/images/${sha256}`, bytes, { sha256 });
    if (status >= 300) throw new Error(`PUT of an image: ${status} ${text}`);
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
    this.#agent.destroy();
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

function digestOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
