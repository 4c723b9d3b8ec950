/** The real edge over real HTTP before the scripted backend, and a network that loses replies. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey, type KeyGrant } from '#edge/storage/keys';
import { bundleWorker, startWorker } from '../../../scripts/cli/worker.ts';
import { watchReplies } from '../../spec/checked-fetch.ts';
import { type FakeBackend, startFakeBackend } from '../fake-backend.ts';
import type { Script, ScriptedTurn } from '../script.ts';

const SECRET = 'a secret that only tests know';

export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQI12M4Y2wMQQxwFgBLYgctOrxZ4QAAAABJRU5ErkJggg==';
export const PHOTO = `data:image/png;base64,${PNG}`;

export type Edge = {
  readonly url: string;
  readonly key: string;
  readonly backend: FakeBackend;
  /** How many different runs have asked the planner. */
  runs(): number;
  /** A key that no limit stands in the way of, unless the grant says otherwise. */
  newKey(tenant: string, grant?: Partial<KeyGrant>): Promise<string>;
  stop(): Promise<void>;
};

export async function startEdge(settings: Record<string, string> = {}): Promise<Edge> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-compat-'));
  const backend = await startFakeBackend(SECRET);
  const worker = await startWorker({
    host: '127.0.0.1',
    port: 0,
    stateFolder: folder,
    bundle: await bundleWorker(),
    settings: { BACKEND_URLS: backend.url, BACKEND_SECRET: SECRET, EVENT_PING_MS: '100', ...settings },
  });
  const newKey: Edge['newKey'] = async (tenant, grant = {}) => {
    const wish = { mode: 'test', name: 'compat', tenant, plan: 'development', ...grant } as const;
    return (await createKey(await worker.database(), wish, Date.now())).key;
  };
  const unwatch = watchReplies(worker.url);
  return {
    url: worker.url,
    key: await newKey('compat'),
    backend,
    runs: () =>
      new Set(
        backend.calls.filter((call) => call.path === '/v1/step').map((call) => call.key.replace(/:.*/, '')),
      ).size,
    newKey,
    stop: async () => {
      unwatch();
      await worker.stop();
      await backend.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type LossyProxy = { readonly url: string; readonly attempts: string[]; stop(): Promise<void> };

/** Passes requests on, but closes the connections of the first `losses` of them to both sides after `ms`. */
export async function startCuttingProxy(target: string, losses: number, ms: number): Promise<LossyProxy> {
  const attempts: string[] = [];
  const server = createServer((incoming, reply) => {
    attempts.push(String(incoming.headers['x-stainless-retry-count'] ?? ''));
    const cut = attempts.length <= losses;
    const url = new URL(incoming.url ?? '/', target);
    const headers = { ...incoming.headers, host: url.host };
    const outgoing = request(url, { method: incoming.method ?? 'GET', headers, agent: false }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    outgoing.on('error', () => reply.destroy());
    incoming.pipe(outgoing);
    if (cut) {
      setTimeout(() => {
        // A reset: the end of one direction alone could also be a client that has no more to say.
        outgoing.socket?.resetAndDestroy();
        incoming.socket.destroy();
      }, ms);
    }
  });
  return listening(server, attempts);
}

/**
 * Passes requests on, but cuts the connection of the first `losses` of them as soon as the answer
 * begins: the server has done its work, the client knows nothing of it. `attempts` are the
 * `x-stainless-retry-count` headers as they came.
 */
export async function startLossyProxy(target: string, losses: number): Promise<LossyProxy> {
  const attempts: string[] = [];
  const server: Server = createServer((incoming, reply) => {
    attempts.push(String(incoming.headers['x-stainless-retry-count'] ?? ''));
    const lose = attempts.length <= losses;
    const url = new URL(incoming.url ?? '/', target);
    const headers = { ...incoming.headers, host: url.host };
    const outgoing = request(url, { method: incoming.method ?? 'GET', headers, agent: false }, (answer) => {
      if (lose) return void incoming.socket.destroy();
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    outgoing.on('error', () => reply.destroy());
    incoming.pipe(outgoing);
  });
  return listening(server, attempts);
}

async function listening(server: Server, attempts: string[]): Promise<LossyProxy> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    attempts,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function call(name: string, args: object, more: Partial<ScriptedTurn> = {}): ScriptedTurn {
  const actions = [{ name, arguments: args as Record<string, string> }];
  return { turn: { thought: `use ${name}`, actions }, ...more };
}

export function script(...turns: ScriptedTurn[]): string {
  return JSON.stringify({ turns } satisfies Script);
}

/** Reads the image, halves the total, answers `text`. */
export function receipt(text = '7.10'): string {
  return script(
    call('OCR', { image: 'image-0' }),
    call('Calculate', { expression: '14.20 / 2' }),
    call('Terminate', { answer: text }),
  );
}
