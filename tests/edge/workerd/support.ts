/** What the tests inside workerd share: keys, requests, scripts, streams. */
import { applyD1Migrations, type D1Migration, runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { readEnvironment } from '#edge/env';
import { type RunRpc, runStub } from '#edge/run/rpc';
import { createKey, type KeyGrant } from '#edge/storage/keys';
import type { Image, Run, RunEvent } from '#shared/api';
import type { Problem } from '#shared/errors';
import { checkReply } from '../../spec/reply.ts';
import type { ScriptedTurn } from '../script.ts';

export const settings = readEnvironment(env);

export async function migrate(): Promise<void> {
  await applyD1Migrations(settings.DB, (env as unknown as { MIGRATIONS: D1Migration[] }).MIGRATIONS);
}

/** A key that no limit stands in the way of, unless the grant says otherwise. */
export async function newKey(
  tenant: string,
  expiresAt?: number,
  grant: Partial<KeyGrant> = {},
): Promise<string> {
  const wish = { mode: 'test', name: 'of a test', tenant, plan: 'development', ...grant } as const;
  const { key } = await createKey(
    settings.DB,
    expiresAt === undefined ? wish : { ...wish, expiresAt },
    Date.now(),
  );
  return key;
}

export type Init = { method?: string; body?: BodyInit; headers?: Record<string, string> };

/** Every reply is held to the OpenAPI document. */
export async function fetchEdge(path: string, init: Init = {}): Promise<Response> {
  const request = new Request(`https://edge.test${path}`, init as RequestInit);
  return checkReply(init.method ?? 'GET', path, await exports.default.fetch(request));
}

export type Client = {
  send(path: string, init?: Init): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
};

export function clientOf(key: string): Client {
  const send = (path: string, init: Init = {}) =>
    fetchEdge(path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });
  return {
    send,
    post: (path, body, headers = {}) =>
      send(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
  };
}

export async function newClient(tenant: string, grant: Partial<KeyGrant> = {}): Promise<Client> {
  return clientOf(await newKey(tenant, undefined, grant));
}

export async function problemOf(response: Response, status: number): Promise<Problem> {
  const text = await response.text();
  if (response.status !== status)
    throw new Error(`expected status ${status}, got ${response.status}: ${text}`);
  if (response.headers.get('content-type') !== 'application/problem+json')
    throw new Error('expected a problem');
  return JSON.parse(text) as Problem;
}

export async function bodyOf<Body>(response: Response, status = 200): Promise<Body> {
  const text = await response.text();
  if (response.status !== status)
    throw new Error(`expected status ${status}, got ${response.status}: ${text}`);
  return JSON.parse(text) as Body;
}

/** A PNG of 3 x 2 pixels. */
export const PNG = Uint8Array.fromBase64(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQI12M4Y2wMQQxwFgBLYgctOrxZ4QAAAABJRU5ErkJggg==',
);

export const pngInput = { type: 'base64', media_type: 'image/png', data: PNG.toBase64() } as const;

export async function upload(client: Client, bytes: Uint8Array<ArrayBuffer> = PNG): Promise<Image> {
  return bodyOf<Image>(await client.send('/v1/images', { method: 'POST', body: bytes }), 201);
}

export function call(
  name: string,
  args: Record<string, unknown>,
  more: Partial<ScriptedTurn> = {},
): ScriptedTurn {
  return { turn: { thought: `use ${name}`, actions: [{ name, arguments: args as never }] }, ...more };
}

export function answer(text: string, more: Partial<ScriptedTurn> = {}): ScriptedTurn {
  return call('Terminate', { answer: text }, more);
}

/** The question that makes the scripted planner do this. */
export function script(...turns: ScriptedTurn[]): string {
  return JSON.stringify({ turns });
}

export function ocrRun(): string {
  return script(
    call('OCR', { image: 'image-0' }),
    call('Calculate', { expression: '14.20 / 2' }),
    answer('7.10'),
  );
}

export function objectOf(tenant: string, id: string): DurableObjectStub & RunRpc {
  return runStub(settings.RUNS, tenant, id) as DurableObjectStub & RunRpc;
}

/** Stops the clock of a key's or an address's object at a time (ms), until it is idle for ten seconds. */
export function freeze(stub: unknown, at: number): Promise<void> {
  return onInstance(stub, (instance) => {
    Object.assign(instance as object, { clock: () => at });
  });
}

/** Changes any object as it lives in memory: until it is evicted or aborted. */
export function onInstance(
  stub: unknown,
  change: (instance: unknown) => void | Promise<void>,
): Promise<void> {
  const run = runInDurableObject as unknown as StorageProbe;
  return run(stub as DurableObjectStub, change);
}

/** The id within a key. */
export const idOf = (key: string): string => key.split('_')[2] ?? '';

type StorageProbe = <Result>(
  object: DurableObjectStub,
  probe: (instance: unknown, state: DurableObjectState) => Result | Promise<Result>,
) => Promise<Result>;

/** Looks at what any object has stored. */
export function insideStub<Result>(
  stub: unknown,
  probe: (storage: DurableObjectStorage) => Result | Promise<Result>,
): Promise<Result> {
  const run = runInDurableObject as unknown as StorageProbe;
  return run(stub as DurableObjectStub, (_, state) => probe(state.storage));
}

/** Looks at what the object of a run has stored. */
export function insideObject<Result>(
  tenant: string,
  id: string,
  probe: (storage: DurableObjectStorage) => Result | Promise<Result>,
): Promise<Result> {
  return insideStub(objectOf(tenant, id), probe);
}

/** The calls that the backend had for a run. */
export async function callsOf(
  run: Run,
): Promise<Array<{ path: string; key: string; body: Record<string, unknown> }>> {
  const response = await fetch(`${settings.BACKEND_URLS[0]}/_calls?run=${run.id}`);
  return response.json();
}

/** Reads server-sent events until the stream ends, or until `enough` says so. */
export async function eventsOf(
  response: Response,
  enough: (event: RunEvent) => boolean = () => false,
): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    const blocks = (rest + next.value).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      const event = JSON.parse(data) as RunEvent;
      const id = /^id: (\d+)$/m.exec(block)?.[1];
      if (id !== ('seq' in event ? String(event.seq) : undefined))
        throw new Error(`id and seq differ: ${block}`);
      events.push(event);
      if (enough(event)) {
        await reader?.cancel();
        return events;
      }
    }
  }
  return events;
}

export const sequence = (events: readonly RunEvent[]): number[] =>
  events.flatMap((event) => ('seq' in event ? [event.seq] : []));
