/** What only shows over real sockets: callers who hang up, and uploads that are refused midway. */
import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SIGNATURE_HEADER, signedText, TIMESTAMP_HEADER } from '#shared/contract';
import { IMAGE_BYTES_MAX, PLANNER_ACTIVE_MAX } from '#shared/limits';
import { type Harness, SECRET, sha256, startHarness, stepBody } from './harness.ts';

let backend: Harness;
let server: ServerType;
let origin: string;
let digest: string;

beforeAll(async () => {
  backend = await startHarness();
  server = serve({ fetch: backend.app.fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const photo = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  digest = sha256(photo);
  await backend.put(photo);
});
afterAll(async () => {
  server.close();
  await backend.stop();
});

function signed(method: string, path: string, bodySha256: string): Record<string, string> {
  const timestamp = String(Date.now());
  const text = signedText(method, path, timestamp, bodySha256);
  const signature = createHmac('sha256', SECRET).update(text).digest('hex');
  return { [SIGNATURE_HEADER]: signature, [TIMESTAMP_HEADER]: timestamp };
}

function step(question: string, deadlineMs: number, signal?: AbortSignal): Promise<Response> {
  const body = stepBody(question, [digest], deadlineMs);
  return fetch(`${origin}/v1/step`, {
    method: 'POST',
    body,
    headers: signed('POST', '/v1/step', sha256(body)),
    ...(signal ? { signal } : {}),
  });
}

it('frees the places of callers who hang up in the middle of a stream', async () => {
  const callers = Array.from({ length: PLANNER_ACTIVE_MAX }, () => new AbortController());
  for (const caller of callers) {
    const response = await step('slow', 50_000, caller.signal);
    await response.body?.getReader().read();
  }
  for (const caller of callers) caller.abort();
  // Were the places still taken, this one would wait in line until its deadline.
  const text = await (await step('hello', 15_000)).text();
  expect(text).toContain('"answer":"hello"');
});

it('answers an upload that is too long while it still comes', async () => {
  const promised = sha256('promised');
  const path = `/v1/images/${promised}`;
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (stream) => {
      sent += 65_536;
      if (sent > 40 * IMAGE_BYTES_MAX) stream.close();
      else stream.enqueue(new Uint8Array(65_536));
    },
  });
  const response = await fetch(origin + path, {
    method: 'PUT',
    body: endless,
    duplex: 'half',
    headers: signed('PUT', path, promised),
  });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ code: 'body_too_large' });
  expect(sent).toBeLessThan(40 * IMAGE_BYTES_MAX);
});

it('refuses a stranger before the upload is read', async () => {
  const response = await fetch(`${origin}/v1/images/${digest}`, {
    method: 'PUT',
    body: new Uint8Array(IMAGE_BYTES_MAX),
  });
  expect(response.status).toBe(401);
});
