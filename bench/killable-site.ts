/** An edge with its state on disk and a backend with nothing, each of which can die at any time. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Killable, startKillable } from './killable.ts';

const SECRET = 'a secret that only benchmarks know';

export type Edge = { readonly url: string; readonly key: string };

/** Edge and backend as processes of their own, on ports that outlive them. */
export class KillableSite {
  readonly #folder: string;
  readonly #ports: { readonly edge: number; readonly backend: number };
  #edge: Killable<Edge> | undefined;
  #backend: Killable<{ url: string }> | undefined;
  /** The first key: later lives of the edge find it in their database. */
  #key: string | undefined;

  private constructor(folder: string, ports: { edge: number; backend: number }) {
    this.#folder = folder;
    this.#ports = ports;
  }

  static async start(): Promise<KillableSite> {
    const folder = await mkdtemp(join(tmpdir(), 'edge-crashes-'));
    const site = new KillableSite(folder, { edge: await freePort(), backend: await freePort() });
    await site.startBackend();
    await site.startEdge();
    return site;
  }

  get edge(): Edge {
    return { url: `http://127.0.0.1:${this.#ports.edge}`, key: this.#key ?? '' };
  }

  async startBackend(): Promise<void> {
    const file = new URL('../tests/edge/backend-process.ts', import.meta.url);
    this.#backend = await startKillable(file, [String(this.#ports.backend), SECRET, this.#log]);
  }

  async startEdge(): Promise<void> {
    const file = new URL('../tests/edge/edge-process.ts', import.meta.url);
    const { edge, backend } = this.#ports;
    const args = [join(this.#folder, 'state'), String(edge), `http://127.0.0.1:${backend}`, SECRET];
    this.#edge = await startKillable(file, args);
    this.#key ??= this.#edge.words.key;
  }

  async kill(which: 'edge' | 'backend'): Promise<void> {
    await (which === 'edge' ? this.#edge : this.#backend)?.kill();
  }

  /** Every call that a backend has begun to carry out. */
  async calls(): Promise<Array<{ life: number; path: string; key: string }>> {
    const lines = (await readFile(this.#log, 'utf8')).split('\n');
    return lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  }

  async stop(): Promise<void> {
    await this.kill('edge');
    await this.kill('backend');
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #log(): string {
    return join(this.#folder, 'calls.log');
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
