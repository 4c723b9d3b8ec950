/** Work is admitted once, whichever route begins it, and a repeated request pays nothing. */
import { beforeAll, describe, expect, it } from 'vitest';
import { stubOf } from '#edge/keys/rpc';
import type { Run } from '#shared/api';
import { limitsState } from '#shared/api/usage';
import { plans } from '#shared/plans';
import type { Scope } from '#shared/scopes';
import {
  answer,
  bodyOf,
  type Client,
  call,
  clientOf,
  freeze,
  idOf,
  migrate,
  newKey,
  PNG,
  pngInput,
  problemOf,
  script,
  settings,
} from './support.ts';

beforeAll(migrate);

const NOON = Date.UTC(2026, 10, 22, 12);
const PHOTO = `data:image/png;base64,${PNG.toBase64()}`;
const TWO_STEPS = script(call('Calculate', { expression: '1' }), answer('x'));
const { requestsPerMinute, readsPerMinute, concurrentRuns } = plans.free;

/** A caller on the plan `free` whose clock stands still, so that no limit fills up again. */
async function frozen(tenant: string, scopes?: readonly Scope[]): Promise<Client> {
  const key = await newKey(tenant, undefined, { plan: 'free', ...(scopes ? { scopes } : {}) });
  await freeze(stubOf(settings.KEYS, idOf(key)), NOON);
  return clientOf(key);
}

/** What was taken of each limit. Asking is a read of its own. */
async function taken(client: Client): Promise<Record<string, number>> {
  const { data } = limitsState.parse(await bodyOf(await client.send('/v1/limits')));
  const used = data.map(({ name, quota, remaining }) => [name, quota - remaining]);
  return Object.fromEntries(used);
}

const rpc = (client: Client, method: string, params?: object) =>
  client.post(
    '/mcp',
    { jsonrpc: '2.0', id: 1, method, ...(params ? { params } : {}) },
    { accept: 'application/json, text/event-stream' },
  );
const callTool = (client: Client, name: string, input: object) =>
  rpc(client, 'tools/call', { name, arguments: input });

const chat = {
  model: 'taco-edge',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: TWO_STEPS },
        { type: 'image_url', image_url: { url: PHOTO } },
      ],
    },
  ],
};
const responses = {
  model: 'taco-edge',
  input: [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: TWO_STEPS },
        { type: 'input_image', image_url: PHOTO },
      ],
    },
  ],
};
const native = { question: TWO_STEPS, images: [pngInput] };

const routes: ReadonlyArray<readonly [route: string, send: (client: Client) => Promise<Response>]> = [
  ['/v1/runs', (client) => client.post('/v1/runs', native)],
  ['/v1/runs, as a stream', (client) => client.post('/v1/runs', { ...native, stream: true })],
  ['/v1/chat/completions', (client) => client.post('/v1/chat/completions', chat)],
  [
    '/v1/chat/completions, as a stream',
    (client) => client.post('/v1/chat/completions', { ...chat, stream: true }),
  ],
  ['/v1/responses', (client) => client.post('/v1/responses', responses)],
  [
    '/v1/responses, in the background',
    (client) => client.post('/v1/responses', { ...responses, background: true }),
  ],
  ['/mcp', (client) => callTool(client, 'AskAboutImages', { question: TWO_STEPS, images: [PHOTO] })],
];

describe('a run is admitted once, and costs its steps in the end', () => {
  it.each(routes)('POST %s', async (route, send) => {
    const client = await frozen(`once-${routes.findIndex(([name]) => name === route)}`);
    const reply = await send(client);
    const text = await reply.text();
    expect(reply.status, text).toBeLessThan(300);
    expect(text).not.toContain('isError');
    expect(reply.headers.get('ratelimit')).toContain('"requests"');
    await expect
      .poll(() => taken(client), { timeout: 20_000 })
      .toMatchObject({ requests: 1, units: 2, day: 2, month: 2, runs: 0 });
  });
});

describe('a repeated request', () => {
  it('finds its run and pays nothing, though it comes more often than runs may', async () => {
    const client = await frozen('repeats-free');
    const post = () => client.post('/v1/runs', native, { 'idempotency-key': 'the same' });
    const first = await bodyOf<Run>(await post());
    for (let time = 0; time < requestsPerMinute + 5; time++)
      expect((await bodyOf<Run>(await post())).id).toBe(first.id);
    expect(await taken(client)).toMatchObject({
      requests: 1,
      units: 2,
      day: 2,
      runs: 0,
      reads: requestsPerMinute + 5 + 1,
    });
  });

  it('of fifty at once pays once', async () => {
    const client = await frozen('repeats-at-once');
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => client.post('/v1/runs', native, { 'idempotency-key': 'at once' })),
    );
    const runs = await Promise.all(replies.map((reply) => bodyOf<Run>(reply)));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    await expect.poll(() => taken(client)).toMatchObject({ requests: 1, day: 2, runs: 0 });
  });

  it('is as little refused as any look at a run, and as much', async () => {
    const client = await frozen('repeats-flood');
    const post = () => client.post('/v1/runs', native, { 'idempotency-key': 'flood' });
    await bodyOf<Run>(await post());
    for (let read = 0; read < readsPerMinute; read++) await (await client.send('/v1/limits')).text();
    expect(await problemOf(await post(), 429)).toMatchObject({ 'violated-policies': ['reads'] });
  });
});

describe('a run that cannot begin costs nothing and holds nothing', () => {
  const missing = { ...native, images: [{ type: 'image_id', image_id: `img_${'0'.repeat(64)}` }] };
  it.each([
    ['with a key', { 'idempotency-key': 'none' }],
    ['without', {}],
  ])('%s', async (name, headers) => {
    const client = await frozen(`stillborn-${name.replaceAll(' ', '-')}`);
    for (let time = 0; time <= concurrentRuns; time++)
      await problemOf(await client.post('/v1/runs', missing, headers), 422);
    expect(await taken(client)).toMatchObject({ units: 0, day: 0, month: 0, runs: 0 });
  });
});

describe('MCP', () => {
  it('counts each message as a request, and a tool as what it costs', async () => {
    const client = await frozen('mcp-costs');
    await bodyOf(await rpc(client, 'tools/list'));
    expect(await taken(client)).toMatchObject({ requests: 1, day: 0 });
    await bodyOf(await callTool(client, 'Calculate', { expression: '1 + 1' }));
    expect(await taken(client)).toMatchObject({ requests: 2, day: 0 });
    await bodyOf(await callTool(client, 'OCR', { image: PHOTO }));
    expect(await taken(client)).toMatchObject({ requests: 3, day: 1 });
    for (let time = 3; time < requestsPerMinute; time++) await rpc(client, 'tools/list');
    await problemOf(await rpc(client, 'tools/list'), 429);
  });

  it('shows and does no more than the key allows', async () => {
    const client = await frozen('mcp-scopes', ['tools']);
    const { result } = await bodyOf<{ result: { tools: Array<{ name: string }> } }>(
      await rpc(client, 'tools/list'),
    );
    expect(result.tools.map(({ name }) => name)).not.toContain('AskAboutImages');
    const asked = await callTool(client, 'AskAboutImages', { question: TWO_STEPS, images: [PHOTO] });
    expect(JSON.stringify(await bodyOf(asked))).toContain('insufficient_scope');
    expect(await taken(client)).toMatchObject({ requests: 1, day: 0, runs: 0 });
  });
});
