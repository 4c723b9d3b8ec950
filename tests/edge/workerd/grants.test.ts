/** A key's lists of models and tools, over every route that starts a run or calls a tool; its limits as OpenAI names them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { stubOf } from '#edge/keys/rpc';
import type { Run, ToolList } from '#shared/api';
import type { ModelList } from '#shared/api/chat';
import {
  answer,
  bodyOf,
  type Client,
  call,
  callsOf,
  clientOf,
  freeze,
  idOf,
  migrate,
  newClient,
  newKey,
  pngInput,
  problemOf,
  script,
  settings,
  upload,
} from './support.ts';

beforeAll(migrate);

const PHOTO = `data:image/png;base64,${pngInput.data}`;
const question = script(answer('x'));
const native = { question, images: [pngInput] };
const chat = (model: string) => ({
  model,
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: question },
        { type: 'image_url', image_url: { url: PHOTO } },
      ],
    },
  ],
});
const response = (model: string) => ({
  model,
  input: [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: question },
        { type: 'input_image', image_url: PHOTO },
      ],
    },
  ],
});

type McpReply = {
  readonly result: {
    readonly isError?: boolean;
    readonly content?: ReadonlyArray<{ readonly text: string }>;
    readonly tools?: ReadonlyArray<{ readonly name: string }>;
  };
};

async function mcp(client: Client, method: string, params: object = {}): Promise<McpReply['result']> {
  const accept = { accept: 'application/json, text/event-stream' };
  const reply = await client.post('/mcp', { jsonrpc: '2.0', id: 1, method, params }, accept);
  return (await bodyOf<McpReply>(reply)).result;
}
const ask = (client: Client) =>
  mcp(client, 'tools/call', { name: 'AskAboutImages', arguments: { question, images: [PHOTO] } });
const namesOf = async (client: Client) =>
  (await mcp(client, 'tools/list')).tools?.map(({ name }) => name) ?? [];

describe('a key with a list of models', () => {
  it('has no run by any other, whichever route begins it: the same 403', async () => {
    const client = await newClient('models', { models: ['only-this'] });
    const refusals = [
      await client.post('/v1/runs', native),
      await client.post('/v1/runs', { ...native, model: 'scripted' }),
      await client.post('/v1/chat/completions', chat('taco-edge')),
      await client.post('/v1/chat/completions', chat('scripted')),
      await client.post('/v1/responses', response('taco-edge')),
    ];
    const expected = (name: string) => `this key may not use the model ${name}; it may use only-this`;
    const named = ['taco-edge', 'scripted', 'taco-edge', 'scripted', 'taco-edge'];
    for (const [index, refused] of refusals.entries()) {
      const { code, detail } = await problemOf(refused, 403);
      expect([index, code, detail]).toEqual([index, 'not_allowed', expected(named[index] ?? '')]);
    }
    const { isError, content } = await ask(client);
    expect(isError).toBe(true);
    expect(JSON.parse(content?.[0]?.text ?? '')).toMatchObject({
      error: { code: 'not_allowed', message: expected('taco-edge') },
    });
    expect(await namesOf(client)).not.toContain('AskAboutImages');
    expect((await bodyOf<{ data: Run[] }>(await client.send('/v1/runs'))).data).toEqual([]);
  });

  it('names what it may, over the native route too', async () => {
    const client = await newClient('models', { models: ['scripted'] });
    const run = await bodyOf<Run>(await client.post('/v1/runs', { ...native, model: 'scripted' }));
    expect(run.status).toBe('succeeded');
    await bodyOf(await client.post('/v1/chat/completions', chat('scripted')));
    await problemOf(await client.post('/v1/runs', native), 403);
  });

  it('sees in /v1/models what it may name', async () => {
    const listed = async (client: Client) =>
      (await bodyOf<ModelList>(await client.send('/v1/models'))).data.map(({ id }) => id);
    expect(await listed(await newClient('models'))).toEqual(['taco-edge', 'scripted']);
    const client = await newClient('models', { models: ['scripted', 'gone'] });
    expect(await listed(client)).toEqual(['scripted']);
    expect((await client.send('/v1/models/scripted')).status).toBe(200);
    expect(await problemOf(await client.send('/v1/models/taco-edge'), 404)).toMatchObject({
      code: 'model_not_found',
    });
    expect(await listed(await newClient('models', { models: ['only-this'] }))).toEqual([]);
  });

  it('404: a model that is not there, for a key that may name any', async () => {
    const client = await newClient('models');
    const reply = await client.post('/v1/runs', { ...native, model: 'gpt' });
    expect(await problemOf(reply, 404)).toMatchObject({
      code: 'model_not_found',
      errors: [{ path: 'model' }],
    });
  });
});

describe('a key with a list of tools', () => {
  const grant = { tools: ['Calculate'] };

  it('gives the planner of a run without `tools` those alone, and Terminate', async () => {
    const client = await newClient('tools', grant);
    const using = script(call('OCR', { image: 'image-0' }), answer('x'));
    const run = await bodyOf<Run>(await client.post('/v1/runs', { ...native, question: using }));
    const steps = (await callsOf(run)).filter(({ path }) => path === '/v1/step');
    expect(steps.length).toBeGreaterThan(0);
    for (const { body } of steps) expect(body['tools']).toEqual(['Calculate', 'Terminate']);
    expect((await callsOf(run)).filter(({ path }) => path.includes('OCR'))).toEqual([]);
    await problemOf(await client.post('/v1/runs', { ...native, tools: ['OCR'] }), 403);
  });

  it('sees no other as available, and lists no other over MCP', async () => {
    const client = await newClient('tools', grant);
    const { data } = await bodyOf<ToolList>(await client.send('/v1/tools'));
    const available = data.filter((tool) => tool.available).map(({ name }) => name);
    expect(available.toSorted()).toEqual(['Calculate', 'Terminate']);
    expect(data.map(({ name }) => name)).toContain('OCR');
    expect((await namesOf(client)).toSorted()).toEqual(['AskAboutImages', 'Calculate']);
    await upload(client);
    expect(await mcp(client, 'tools/call', { name: 'OCR', arguments: { image: PHOTO } })).toMatchObject({
      isError: true,
    });
  });
});

describe('x-ratelimit-* on the routes of OpenAI', () => {
  it('tell requests and cost units as they stand, also when nothing is left', async () => {
    const key = await newKey('openai-limits', undefined, { plan: 'free' });
    await freeze(stubOf(settings.KEYS, idOf(key)), Date.now());
    const client = clientOf(key);
    const headersOf = ({ headers }: Response, what: string) =>
      ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}-${what}`));
    const first = await client.post('/v1/chat/completions', chat('taco-edge'));
    await bodyOf(first);
    expect(headersOf(first, 'requests')).toEqual(['20', '19', '3s']);
    expect(headersOf(first, 'tokens')).toEqual(['80', '72', '6s']);

    const cancel = () => client.post(`/v1/responses/resp_${'0'.repeat(32)}/cancel`, {});
    for (let index = 0; index < 19; index++) await problemOf(await cancel(), 404);
    for (const refused of [await client.post('/v1/chat/completions', chat('taco-edge')), await cancel()]) {
      expect(headersOf(refused, 'requests')).toEqual(['20', '0', '3s']);
      expect(refused.headers.get('retry-after')).toBe('3');
      expect(refused.headers.get('retry-after-ms')).toBe('3000');
      expect(refused.headers.get('x-should-retry')).toBe('true');
      expect(await problemOf(refused, 429)).toMatchObject({ code: 'rate_limited' });
    }
    // The native routes do not speak that dialect.
    const native429 = await client.post('/v1/runs', native);
    expect(headersOf(native429, 'requests')).toEqual([null, null, null]);
    await problemOf(native429, 429);
  });
});
