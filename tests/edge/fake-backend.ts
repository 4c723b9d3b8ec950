/**
 * A backend that speaks `shared/contract.ts` and does what the question says: a question is a JSON
 * `Script`. It holds no model, so the edge's own tests need none; the end-to-end tests use the real one.
 */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import {
  CONTRACT_VERSION,
  type EgressDelivery,
  IDEMPOTENCY_HEADER,
  SIGNATURE_HEADER,
  type StoredImage,
  signedText,
  stepRequest,
  TIMESTAMP_HEADER,
  toolRequest,
} from '#shared/contract';
import { imagesOf } from '#shared/conversation';
import { ApiError, errorTable, problemOf } from '#shared/errors';
import { fakeEgress } from './fake-egress.ts';
import { fault } from './faults.ts';
import type { Script, ScriptedTurn } from './script.ts';

export type Call = { readonly path: string; readonly key: string; readonly body: unknown };

export type FakeBackend = {
  readonly url: string;
  readonly calls: readonly Call[];
  /** Time (ms) that at least one request was being answered, so far. */
  busyMs(): number;
  stop(): Promise<void>;
};

type Image = { readonly stored: StoredImage; readonly bytes: Buffer };

/**
 * `/_calls?run=...` answers with the calls of one run, for tests that run inside workerd. `heard` is told of
 * each call that is carried out, before it is: a repetition that gets the first one's reply is none.
 */
export async function startFakeBackend(
  secret: string,
  port = 0,
  heard: (call: Call) => void = () => undefined,
): Promise<FakeBackend> {
  const images = new Map<string, Image>();
  const calls: Call[] = [];
  const deliveries: EgressDelivery[] = [];
  const faults = new Map<string, number>();
  const replies = new Map<string, Promise<unknown>>();

  const note = (call: Call): void => {
    calls.push(call);
    heard(call);
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    const body = await bytesOf(request);
    if (url.pathname === '/_calls') {
      const run = url.searchParams.get('run') ?? '';
      return json(
        response,
        200,
        calls.filter((call) => call.key.startsWith(run)),
      );
    }
    if (url.pathname === '/_forget') {
      images.clear();
      return json(response, 200, {});
    }
    if (url.pathname === '/_deliveries') {
      const path = url.searchParams.get('path') ?? '';
      return json(
        response,
        200,
        deliveries.filter((delivery) => new URL(delivery.url).pathname === path),
      );
    }
    if (url.pathname === '/healthz') return json(response, 200, health);
    checkSignature(request, url.pathname, body, secret);

    const key = String(request.headers[IDEMPOTENCY_HEADER] ?? '');
    const digest = /^\/v1\/images\/([0-9a-f]{64})$/.exec(url.pathname)?.[1];
    const tool = /^\/v1\/tools\/(\w+)$/.exec(url.pathname)?.[1];
    if (digest && request.method === 'PUT') return json(response, 201, await put(digest, body));
    if (digest) return void response.end(images.get(digest)?.bytes);
    if (tool) {
      const reply = replies.get(key) ?? callTool(tool, key, body);
      replies.set(key, reply);
      reply.catch(() => replies.delete(key));
      return json(response, 200, await reply);
    }
    if (url.pathname === '/v1/step') return step(key, body, response);
    const errand = /^\/v1\/egress\/(\w+)$/.exec(url.pathname)?.[1];
    if (errand) return fakeEgress(errand, body, response, deliveries);
    throw new ApiError('not_found', url.pathname);
  }

  async function put(digest: string, bytes: Buffer): Promise<StoredImage> {
    if (sha256(bytes) !== digest) throw new ApiError('invalid_request', 'the digest does not match');
    try {
      const { info } = await sharp(bytes, { failOn: 'error' })
        .autoOrient()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const { format } = await sharp(bytes).metadata();
      const media_type = `image/${format}` as StoredImage['media_type'];
      const stored = {
        sha256: digest,
        media_type,
        width: info.width,
        height: info.height,
        bytes: bytes.length,
      };
      images.set(digest, { stored, bytes });
      return stored;
    } catch {
      throw new ApiError('image_undecodable', 'the file cannot be decoded; send it again from the original');
    }
  }

  function requireImages(digests: readonly string[]): void {
    const missing = digests.filter((digest) => !images.has(digest));
    if (missing.length > 0) throw new ApiError('images_missing', 'put them first', { extra: { missing } });
  }

  async function callTool(name: string, key: string, body: Buffer): Promise<unknown> {
    const request = toolRequest.parse(JSON.parse(body.toString()));
    requireImages(request.images);
    note({ path: `/v1/tools/${name}`, key, body: request });
    if (name === 'Crop') {
      const bytes = await sharp({ create: { width: 8, height: 6, channels: 3, background: '#fc0' } })
        .png()
        .toBuffer();
      return { observation: { bbox: [0, 0, 1, 1] }, images: [await put(sha256(bytes), bytes)], ms: 3 };
    }
    if (name !== 'OCR') throw new ApiError('tool_unavailable', `${name} has no model here`);
    if (key.includes('fail'))
      return { observation: { error: { code: 'blank', message: 'no' } }, images: [], ms: 1 };
    const regions = [{ text: 'TOTAL 14.20', bbox: [0, 0, 1, 1], score: 0.9 }];
    return { observation: { text: 'TOTAL 14.20', regions }, images: [], ms: 5 };
  }

  async function step(key: string, body: Buffer, response: ServerResponse): Promise<void> {
    const request = stepRequest.parse(JSON.parse(body.toString()));
    requireImages(imagesOf(request.conversation));
    note({ path: '/v1/step', key, body: request });
    const script = scriptOf(request.conversation.question);
    const planned = script.turns[Math.min(request.step, script.turns.length - 1)] as ScriptedTurn;
    const done = faults.get(key) ?? 0;
    if (planned.fault && done < (planned.times ?? 1)) {
      faults.set(key, done + 1);
      return fault(planned.fault, response);
    }
    if (planned.delayMs) await new Promise((resolve) => setTimeout(resolve, planned.delayMs));
    const turn = request.final && planned.final ? planned.final : planned.turn;
    const text = planned.text ?? JSON.stringify(turn);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write(
      line({ type: 'token', text: text.slice(0, 5) }) + line({ type: 'token', text: text.slice(5) }),
    );
    const usage = { prompt_tokens: 100, cached_tokens: 40, completion_tokens: 9 };
    const timings = { queue_ms: 0, vision_ms: 0, prefill_ms: 1, decode_ms: 1 };
    response.end(line({ type: 'turn', text, turn, usage, timings }));
  }

  const busy = { requests: 0, since: 0, ms: 0 };
  const server = createServer((request, response) => {
    if (busy.requests++ === 0) busy.since = performance.now();
    response.once('close', () => {
      if (--busy.requests === 0) busy.ms += performance.now() - busy.since;
    });
    answer(request, response).catch((error: unknown) => {
      const known = error instanceof ApiError ? error : new ApiError('internal', String(error));
      json(response, errorTable[known.code].status, problemOf(known, 'req_fake'));
    });
  });
  await listen(server, port);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    calls,
    busyMs: () => busy.ms,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * A question that is no script is answered at once: random requests ask anything. What follows a script after an
 * empty line is what the edge has added to the question.
 */
function scriptOf(question: string): Script {
  try {
    const script = JSON.parse(question.split('\n\n', 1)[0] ?? '') as Script;
    if (Array.isArray(script.turns)) return script;
  } catch {
    // Below.
  }
  return {
    turns: [{ turn: { thought: '', actions: [{ name: 'Terminate', arguments: { answer: 'nothing' } }] } }],
  };
}

const health = {
  status: 'ok',
  contract: CONTRACT_VERSION,
  device: 'cpu',
  planner: { model: 'scripted', version: '1' },
  tools: [
    { name: 'OCR', version: 'm1' },
    { name: 'Crop', version: 'm1' },
  ],
};

function checkSignature(request: IncomingMessage, pathname: string, body: Buffer, secret: string): void {
  const timestamp = String(request.headers[TIMESTAMP_HEADER]);
  const text = signedText(request.method ?? '', pathname, timestamp, sha256(body));
  const expected = createHmac('sha256', secret).update(text).digest('hex');
  if (request.headers[SIGNATURE_HEADER] !== expected)
    throw new ApiError('invalid_signature', 'not signed by the edge');
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
