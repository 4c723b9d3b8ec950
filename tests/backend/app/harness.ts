/** The real app, image store and vision process in a folder of their own; the planner is a stand-in. */
import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { createApp } from '#backend/app';
import type { EgressPorts } from '#backend/egress/send';
import { startSupervisor } from '#backend/engine/supervisor';
import { openImageStore } from '#backend/images/store';
import type { PackSettings } from '#backend/packs/settings';
import type { HostedModel } from '#backend/tool-hosts';
import { CONTRACT_VERSION, SIGNATURE_HEADER, signedText, TIMESTAMP_HEADER } from '#shared/contract';

export const SECRET = 'a secret for tests only';

export type CallOptions = {
  readonly secret?: string;
  readonly timestamp?: string;
  readonly signedBody?: Uint8Array | string;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
};

/** Tests reach nothing outside of this machine unless they bring ports of their own. */
const nowhere: EgressPorts = {
  resolve: async () => [],
  dial: () => {
    throw new Error('nothing may leave');
  },
};

/** With `packs` or a `plannerFolder`, both processes are the real ones. */
export async function startHarness({
  egress = nowhere,
  packs,
  plannerFolder,
  language,
  draining,
}: {
  readonly egress?: EgressPorts;
  readonly packs?: PackSettings;
  readonly plannerFolder?: string;
  readonly language?: HostedModel;
  readonly draining?: AbortSignal;
} = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'taco-backend-'));
  const child = {
    modelFolder: join(folder, 'models'),
    device: 'cpu',
    threads: 1,
    ...(packs ? { packs } : {}),
    ...(plannerFolder === undefined ? {} : { plannerFolder }),
  } as const;
  const real = new URL('../../../gpu-backend/engine/process.ts', import.meta.url);
  const events: string[] = [];
  const log = (event: string): void => void events.push(event);
  const vision = startSupervisor({
    role: 'vision',
    program: real,
    child,
    log,
  });
  const planner = startSupervisor({
    role: 'planner',
    program: packs || plannerFolder !== undefined ? real : new URL('./planner-stand-in.ts', import.meta.url),
    child,
    log,
  });
  const store = await openImageStore({
    folder: join(folder, 'images'),
    bytesMax: 100_000_000,
    inspect: (file, sha256) =>
      vision.call('inspect', { file, sha256 }, { wallMs: 20_000, signal: new AbortController().signal })
        .result,
  });
  const app = createApp({
    secret: SECRET,
    device: 'cpu',
    store,
    planner,
    vision,
    ...(language ? { language } : {}),
    ...(draining ? { draining } : {}),
    egress,
    log,
    now: Date.now,
  });

  const call = async (
    method: string,
    path: string,
    body: Uint8Array | string = '',
    options: CallOptions = {},
  ): Promise<Response> => {
    const timestamp = options.timestamp ?? String(Date.now());
    const digest = sha256(options.signedBody ?? body);
    const signature = createHmac('sha256', options.secret ?? SECRET)
      .update(signedText(method, path, timestamp, digest))
      .digest('hex');
    return await app.request(path, {
      method,
      headers: { [SIGNATURE_HEADER]: signature, [TIMESTAMP_HEADER]: timestamp, ...options.headers },
      ...(method === 'GET' ? {} : { body: body as string | Uint8Array<ArrayBuffer> }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  };

  return {
    app,
    store,
    vision,
    planner,
    events,
    call,
    put: (bytes: Uint8Array) => call('PUT', `/v1/images/${sha256(bytes)}`, bytes),
    stop: async () => {
      await Promise.all([vision.stop(), planner.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Harness = Awaited<ReturnType<typeof startHarness>>;

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** With a photo that is stored already. */
export async function startWithPhoto(): Promise<{ backend: Harness; photo: Uint8Array; digest: string }> {
  const backend = await startHarness();
  const photo = await sharp({ create: { width: 80, height: 40, channels: 3, background: '#336699' } })
    .jpeg()
    .toBuffer();
  expect((await backend.put(photo)).status).toBe(201);
  return { backend, photo, digest: sha256(photo) };
}

/** Status and code of a refusal that has all that problem details have. */
export async function problem(response: Response): Promise<[number, string]> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = (await response.json()) as { code: string; detail: string; request_id: string };
  expect(body.request_id).toBe(response.headers.get('x-request-id'));
  expect(body.detail.length).toBeGreaterThan(10);
  return [response.status, body.code];
}

export function stepBody(question: string, images: readonly string[], deadlineMs = 10_000): string {
  return JSON.stringify({
    version: CONTRACT_VERSION,
    run: 'run_test',
    step: 0,
    conversation: { question, images, steps: [] },
    tools: ['OCR', 'Terminate'],
    final: false,
    max_tokens: 64,
    deadline_ms: deadlineMs,
  });
}

export function toolBody(args: Record<string, unknown>, images: readonly string[]): string {
  return JSON.stringify({ version: CONTRACT_VERSION, arguments: args, images, deadline_ms: 20_000 });
}
