/** What is done before the app sees a call, over real sockets. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createFrontDoor } from '#backend/front-door';
import { BACKEND_OPEN_MAX } from '#shared/limits';

type Answer = {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
};

const closing: Array<() => void> = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An app that answers steps and tools only once it is told to, and everything else at once. */
async function doorOf() {
  const held: Array<() => void> = [];
  const counts = { refused: 0, seen: 0 };
  const server = createFrontDoor({
    fetch: (call) => {
      const path = new URL(call.url).pathname;
      if (!path.startsWith('/v1/')) return new Response(path);
      counts.seen++;
      return new Promise((resolve) => held.push(() => resolve(new Response(path))));
    },
    retryAfterS: () => 7,
    onRefused: () => counts.refused++,
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1_024 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  closing.push(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const call = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers });
    sent.end(JSON.stringify({ text: 'x'.repeat(2_000) }));
    const [response] = await once(sent, 'response');
    let body = '';
    for await (const piece of response) body += piece;
    return { status: response.statusCode, headers: response.headers, body };
  };
  const seen = async (count: number): Promise<void> => {
    while (counts.seen < count) await new Promise((resolve) => setImmediate(resolve));
  };
  return { call, counts, held, seen, agent };
}

test('calls beyond those that can be open are refused unread with the forecast, and nothing else is', async () => {
  const { call, counts, held, seen } = await doorOf();
  const open = Array.from({ length: BACKEND_OPEN_MAX }, () => call('/v1/step'));
  await seen(BACKEND_OPEN_MAX);
  const refused = await call('/v1/step', { 'x-request-id': 'call-1' });
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '7']);
  expect(refused.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(refused.body)).toMatchObject({ code: 'overloaded', status: 503, request_id: 'call-1' });
  expect(counts).toEqual({ refused: 1, seen: BACKEND_OPEN_MAX });
  expect((await call('/healthz')).body).toBe('/healthz');
  const tool = call('/v1/tools/OCR');
  await seen(BACKEND_OPEN_MAX + 1);
  for (const answer of held.splice(0)) answer();
  expect((await tool).status).toBe(200);
  expect(new Set((await Promise.all(open)).map(({ status }) => status))).toEqual(new Set([200]));
  const next = call('/v1/step');
  await seen(BACKEND_OPEN_MAX + 2);
  held[0]?.();
  expect((await next).status).toBe(200);
});

test('a call whose client has left makes room', async () => {
  const { call, counts, seen, agent, held } = await doorOf();
  const open = Array.from({ length: BACKEND_OPEN_MAX }, () => call('/v1/step').catch(() => undefined));
  await seen(BACKEND_OPEN_MAX);
  agent.destroy();
  await Promise.all(open);
  const retried = call('/v1/step');
  await seen(BACKEND_OPEN_MAX + 1);
  for (const answer of held) answer();
  expect([(await retried).status, counts.refused]).toEqual([200, 0]);
});
