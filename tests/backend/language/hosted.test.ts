/** QueryLanguageModel by a model that the operator names: what is sent, and what becomes of every kind of reply. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '#backend/config';
import { openHostedModel } from '#backend/language/hosted';
import { backendHealth, toolResponse } from '#shared/contract';
import { ANSWER_CHARS_MAX, LANGUAGE_REPLY_BYTES_MAX, LANGUAGE_TRIES_MAX } from '#shared/limits';
import { toolError } from '#shared/tool';
import { type Harness, startHarness, toolBody } from '../app/harness.ts';
import {
  type Answer,
  type CompletionsServer,
  failing,
  saying,
  startCompletions,
} from './completions-server.ts';

const KEY = 'sk-secret-of-the-operator';
const WALL_MS = 4_000;
let server: CompletionsServer;
let backend: Harness;
const logged: string[] = [];

beforeAll(async () => {
  server = await startCompletions();
  const endpoint = { url: server.url, model: 'some/model', key: KEY };
  const log = (event: string, fields: object) => void logged.push(JSON.stringify({ event, ...fields }));
  backend = await startHarness({ language: openHostedModel(endpoint, log, WALL_MS) });
});
afterAll(async () => {
  await backend.stop();
  await server.stop();
  expect(logged.length).toBeGreaterThan(0);
  expect(logged.join()).not.toContain(KEY);
});
beforeEach(() => {
  server.asked.length = 0;
  server.next.length = 0;
});

const QUERY = 'At what temperature does water boil at 3,000 m?';
async function ask(query: unknown = QUERY, ...replies: Answer[]): Promise<Record<string, unknown>> {
  server.next.push(...replies);
  const body = toolBody({ query }, []);
  const response = await backend.call('POST', '/v1/tools/QueryLanguageModel', body);
  expect(response.status).toBe(200);
  return toolResponse.parse(await response.json()).observation;
}
const failureOf = async (...replies: Answer[]) => toolError.parse(await ask(QUERY, ...replies)).error;

describe('a model that answers', () => {
  it('is asked once, with the key, a bound of tokens and nothing of the run', async () => {
    expect(await ask()).toEqual({ result: 'About 90 °C.' });
    expect(server.asked).toHaveLength(1);
    const [{ path, headers, body } = { path: '', headers: {}, body: {} }] = server.asked;
    expect([path, headers.authorization]).toEqual(['/v1/chat/completions', `Bearer ${KEY}`]);
    expect(body).toEqual({
      model: 'some/model',
      messages: [
        { role: 'system', content: expect.any(String) },
        { role: 'user', content: QUERY },
      ],
      max_tokens: expect.any(Number),
      temperature: 0,
      stream: false,
    });
  });

  it('is listed, and its version changes with the model, not with the key', async () => {
    const health = backendHealth.parse(await (await backend.app.request('/healthz')).json());
    const versions = health.tools.filter(({ name }) => name === 'QueryLanguageModel');
    expect(versions).toEqual([{ name: 'QueryLanguageModel', version: expect.stringMatching(/^hosted-/) }]);
    const versionOf = (model: string, key: string) =>
      openHostedModel({ url: server.url, model, key }, () => undefined).version;
    expect(versionOf('a', 'x')).toBe(versionOf('a', 'y'));
    expect(versionOf('a', 'x')).not.toBe(versionOf('b', 'x'));
  });

  it.each<[string, unknown, string]>([
    ['thoughts before the answer', '<think>Hm.\n90?</think>\n90 °C.', '90 °C.'],
    ['characters that nobody sees', '9\u202e0\u0007 °C\u{e0041}\nYes.', '90 °C\nYes.'],
    ['more than is shown', 'x'.repeat(20_000), 'x'.repeat(ANSWER_CHARS_MAX)],
    [
      'half of a pair of surrogates',
      `${'x'.repeat(ANSWER_CHARS_MAX - 1)}🍵`,
      `${'x'.repeat(ANSWER_CHARS_MAX - 1)}\ufffd`,
    ],
  ])('with %s', async (_, content, expected) => {
    expect(await ask(QUERY, saying(content))).toEqual({ result: expected });
  });

  it.each([[''], ['  \n'], [null], ['<think>only</think>']])(
    'with nothing (%j): no_answer',
    async (content) => {
      expect((await failureOf(saying(content))).code).toBe('no_answer');
    },
  );
});

describe('a model that fails', () => {
  it.each([429, 500, 502, 503])('with %i once is asked again', async (status) => {
    expect(await ask(QUERY, failing(status))).toEqual({ result: 'About 90 °C.' });
    expect(server.asked).toHaveLength(2);
  });

  it('with 429 until nobody tries any more', async () => {
    const failure = await failureOf(failing(429), failing(429), failing(429), failing(429));
    expect(failure.code).toBe('language_model_unreachable');
    expect(failure.message).toMatch(/too many requests.*go on without it/i);
    expect(server.asked).toHaveLength(LANGUAGE_TRIES_MAX);
  });

  it('with a Retry-After beyond the time that there is: it is not asked again', async () => {
    const failure = await failureOf(failing(503, { 'retry-after': '3600' }));
    expect(failure.code).toBe('language_model_unreachable');
    expect(server.asked).toHaveLength(1);
  });

  it.each<[number, RegExp]>([
    [401, /LANGUAGE_KEY/],
    [403, /LANGUAGE_KEY/],
    [404, /LANGUAGE_MODEL/],
    [400, /status 400/],
    [302, /status 302/],
  ])('with %i: once, and its own words are not told', async (status, message) => {
    const failure = await failureOf(
      failing(status, { location: `${server.url}/other` }, `{"error":"${KEY}"}`),
    );
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain(KEY);
    expect(server.asked).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ['HTML', (response) => void response.end('<html>')],
    ['half of a reply', (response) => void response.end('{"choices":[{"message"')],
    ['no choice', (response) => void response.end('{"choices":[]}')],
    ['a content that is no text', saying([{ type: 'text', text: 'x' }])],
  ])('by %s', async (_, reply) => {
    const failure = await failureOf(reply);
    expect([failure.code, server.asked.length]).toEqual(['language_model_unreachable', 1]);
    expect(failure.message).toMatch(/no reply of the OpenAI API/);
  });

  it('by a reply without end, and by one that grows when it is unpacked', async () => {
    const endless: Answer = (response) => {
      const more = () => void (response.destroyed || response.write('x'.repeat(65_536), more));
      more();
    };
    expect((await failureOf(endless)).message).toContain(`${LANGUAGE_REPLY_BYTES_MAX} bytes`);
    const bomb: Answer = (response) =>
      void response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(50 * LANGUAGE_REPLY_BYTES_MAX)));
    expect((await failureOf(bomb)).message).toContain(`${LANGUAGE_REPLY_BYTES_MAX} bytes`);
  });

  it('by closing the connection: it is asked again', async () => {
    expect(await ask(QUERY, (response) => void response.socket?.destroy())).toEqual({
      result: 'About 90 °C.',
    });
  });

  it('by saying nothing: time is up', async () => {
    expect((await failureOf(() => undefined)).message).toMatch(/took too long/);
  });
});

it('arguments that do not fit are an observation, and nobody is asked', async () => {
  for (const query of ['  ', 7, 'x'.repeat(2_000)]) {
    expect(await ask(query)).toHaveProperty('error.code', 'invalid_arguments');
  }
  expect(server.asked).toEqual([]);
});

it('more calls at once than places are all answered', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
  expect(answers).toEqual(Array(20).fill({ result: 'About 90 °C.' }));
});

describe('the variables of the backend', () => {
  const base = { BACKEND_SECRET: 'x'.repeat(16) };
  const messageOf = (variables: Record<string, string>): string => {
    try {
      readConfig({ ...base, ...variables });
      return '';
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
  };

  it('name the model, with or without a key, or none', () => {
    const named = { LANGUAGE_URL: 'http://llm.internal:8000/v1/', LANGUAGE_MODEL: 'qwen2.5-7b' };
    const endpoint = { url: 'http://llm.internal:8000/v1', model: 'qwen2.5-7b' };
    expect(readConfig({ ...base, ...named }).language).toEqual(endpoint);
    expect(readConfig({ ...base, ...named, LANGUAGE_KEY: KEY }).language).toEqual({ ...endpoint, key: KEY });
    expect(readConfig(base).language).toBeUndefined();
    expect(readConfig({ ...base, LANGUAGE_URL: '', LANGUAGE_MODEL: '' }).language).toBeUndefined();
  });

  it.each<[Record<string, string>, string]>([
    [{ LANGUAGE_URL: 'https://a.example/v1' }, 'LANGUAGE_MODEL'],
    [{ LANGUAGE_MODEL: 'm' }, 'LANGUAGE_MODEL'],
    [{ LANGUAGE_KEY: KEY }, 'LANGUAGE_KEY'],
    [{ LANGUAGE_URL: 'ftp://a.example', LANGUAGE_MODEL: 'm' }, 'LANGUAGE_URL'],
    [{ LANGUAGE_URL: 'a.example/v1', LANGUAGE_MODEL: 'm' }, 'LANGUAGE_URL'],
    [{ LANGUAGE_URL: `https://u:${KEY}@a.example/v1`, LANGUAGE_MODEL: 'm' }, 'LANGUAGE_URL'],
    [{ LANGUAGE_URL: `https://a.example/v1?key=${KEY}`, LANGUAGE_MODEL: 'm' }, 'LANGUAGE_URL'],
    [
      { LANGUAGE_URL: 'https://a.example/v1', LANGUAGE_MODEL: 'm', LANGUAGE_KEY: `${KEY} \n` },
      'LANGUAGE_KEY',
    ],
  ])('are refused where they do not fit, without a word of the key: %j', (variables, name) => {
    const message = messageOf(variables);
    expect(message).toContain(name);
    expect(message).not.toContain(KEY);
  });
});
