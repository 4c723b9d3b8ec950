/** What a run can ask beyond its images: the tenant's documents, an encyclopedia, a language model; on the real system. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type CompletionsServer, startCompletions } from '../backend/language/completions-server.ts';
import { createScratch, type Scratch, type Started, start, stop } from './system.ts';

let scratch: Scratch;
let model: CompletionsServer;
let server: Started | undefined;
beforeAll(async () => {
  scratch = await createScratch();
  model = await startCompletions('It boils at about 90 °C.');
});
afterEach(async () => {
  if (server) expect(await stop(server)).toBe(0);
  server = undefined;
});
afterAll(async () => {
  await model.stop();
  await scratch.remove();
});

const startWith = async (variables: Record<string, string>): Promise<void> => {
  const environment = { ...scratch.environment, ...variables };
  server = await start(['--port', '0', '--state', join(scratch.folder, 'state')], environment);
};

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const { url, key } = server as Started;
  return await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function ask(tool: string, query: string): Promise<Record<string, unknown>> {
  const reply = await send('POST', `/v1/tools/${tool}`, { arguments: { query } });
  expect([reply.status, reply.headers.get('content-type')]).toEqual([200, expect.stringContaining('json')]);
  return (await reply.json()) as Record<string, unknown>;
}

const QUESTION = 'At what temperature does water boil at 3,000 m above the sea?';

it('on a fresh machine: documents are found, and a language model is none until it is set', async () => {
  await startWith({ LANGUAGE_URL: '', LANGUAGE_MODEL: '', ENCYCLOPEDIA_URL: '' });
  const tea = {
    title: 'Tea',
    text: 'Green tea is brewed at 70 °C. A pot is 4.20.',
    url: 'https://cafe.example/tea',
  };
  expect((await send('PUT', '/v1/knowledge/tea', tea)).status).toBe(201);
  expect(await ask('QueryKnowledgeBase', 'What does a pot of green tea cost?')).toMatchObject({
    observation: { title: 'Tea', url: tea.url, summary: tea.text, source: 'documents', document_id: 'tea' },
  });
  expect(await ask('QueryKnowledgeBase', 'Brandenburg Gate')).toMatchObject({
    observation: { error: { code: 'not_found', message: expect.stringContaining('PUT /v1/knowledge/{id}') } },
  });

  const refused = await send('POST', '/v1/tools/QueryLanguageModel', { arguments: { query: QUESTION } });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({
    code: 'tool_unavailable',
    detail: expect.stringContaining('LANGUAGE_URL and LANGUAGE_MODEL'),
  });
  const { data } = (await (await send('GET', '/v1/tools')).json()) as {
    data: Array<{ name: string; available: boolean }>;
  };
  const available = new Map(data.map((tool) => [tool.name, tool.available]));
  expect([available.get('QueryKnowledgeBase'), available.get('QueryLanguageModel')]).toEqual([true, false]);
}, 120_000);

it('with both set: the model answers, a repeated question comes from the cache, and an encyclopedia is tried', async () => {
  await startWith({
    LANGUAGE_URL: model.url,
    LANGUAGE_MODEL: 'some/model',
    LANGUAGE_KEY: 'sk-e2e',
    // A name that nobody can own: asking it fails on every network.
    ENCYCLOPEDIA_URL: 'https://encyclopedia.invalid/w/api.php',
  });
  expect(await ask('QueryLanguageModel', QUESTION)).toMatchObject({
    observation: { result: 'It boils at about 90 °C.' },
    cached: false,
  });
  expect(await ask('QueryLanguageModel', QUESTION)).toMatchObject({
    observation: { result: 'It boils at about 90 °C.' },
    cached: true,
  });
  expect(model.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-e2e']);

  expect(await ask('QueryKnowledgeBase', 'Brandenburg Gate')).toMatchObject({
    observation: { error: { code: 'encyclopedia_unreachable' } },
  });
}, 120_000);

it('an encyclopedia in a private network is refused at the start', async () => {
  const started = startWith({ ENCYCLOPEDIA_URL: 'http://127.0.0.1/w/api.php' });
  await expect(started).rejects.toThrow('Expected ENCYCLOPEDIA_URL to be the MediaWiki API of a public host');
});
