/** A client that left without its answer and asks again, saying nothing of it: the AI SDK, unmodified. */
import { Agent, request } from 'node:http';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText } from 'ai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  call,
  type Edge,
  PHOTO,
  PNG,
  script,
  startCuttingProxy,
  startEdge,
  startLossyProxy,
} from './edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

const slow = (text: string, delayMs = 1_500) => script(call('Terminate', { answer: text }, { delayMs }));
const askThrough = (url: string, text: string, delayMs?: number) =>
  generateText({
    model: createOpenAICompatible({ name: 'taco', baseURL: `${url}/v1`, apiKey: edge.key })('taco-edge'),
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: slow(text, delayMs) },
          { type: 'file', data: Buffer.from(PNG, 'base64'), mediaType: 'image/png' },
        ],
      },
    ],
  });

const body = (text: string) => ({
  model: 'taco-edge',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: slow(text) },
        { type: 'image_url', image_url: { url: PHOTO } },
      ],
    },
  ],
});
const post = (text: string, url = edge.url) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${edge.key}`,
      'content-type': 'application/json',
      connection: 'close',
    },
    body: JSON.stringify(body(text)),
  });
const idOf = async (reply: Response) => ((await reply.json()) as { cota: { run_id: string } }).cota.run_id;
/** Asks, reads the whole answer, and resets the connection. */
const readAndReset = (text: string, stream = false): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${edge.key}`, 'content-type': 'application/json' };
    const options = { method: 'POST', headers, agent: new Agent({ keepAlive: true }) };
    const asking = request(`${edge.url}/v1/chat/completions`, options, async (answer) => {
      const { socket } = answer;
      let json = '';
      for await (const piece of answer) {
        json += String(piece);
        if (json.includes('data: [DONE]')) break;
      }
      socket.resetAndDestroy();
      resolve(/"run_id":"(run_\w+)"/.exec(json)?.[1] ?? '');
    });
    asking.on('error', reject);
    asking.end(JSON.stringify({ ...body(text), stream }));
  });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('the AI SDK with its own retries: the run goes on, and the retry gets its answer', async () => {
  const before = edge.runs();
  const proxy = await startCuttingProxy(edge.url, 1, 700);
  const { text } = await askThrough(proxy.url, 'retried');
  expect(text).toBe('retried');
  expect(proxy.attempts).toEqual(['', '']);
  expect(edge.runs() - before).toBe(1);
  await proxy.stop();
});

it('also where the second connection is lost too', async () => {
  const before = edge.runs();
  const proxy = await startCuttingProxy(edge.url, 2, 700);
  expect((await askThrough(proxy.url, 'twice', 5_000)).text).toBe('twice');
  expect(proxy.attempts).toHaveLength(3);
  expect(edge.runs() - before).toBe(1);
  await proxy.stop();
});

it('and where the whole answer was sent, and lost behind a proxy, once and again', async () => {
  const before = edge.runs();
  for (const [losses, text] of [
    [1, 'lost'],
    [2, 'lost twice'],
  ] as const) {
    const proxy = await startLossyProxy(edge.url, losses);
    expect((await askThrough(proxy.url, text, 100)).text).toBe(text);
    expect(proxy.attempts).toHaveLength(losses + 1);
    await proxy.stop();
  }
  expect(edge.runs() - before).toBe(2);
});

it('its questions that are asked again on purpose, one after the other, are runs of their own', async () => {
  const before = edge.runs();
  for (let index = 0; index < 3; index++) await askThrough(edge.url, 'on purpose', 10);
  expect(edge.runs() - before).toBe(3);
});

it('who has an answer and asks again gets a new run, though the connection was closed or reset afterwards', async () => {
  const ids = [await idOf(await post('again'))];
  await pause(1_000);
  ids.push(await readAndReset('again'));
  await pause(1_000);
  ids.push(await idOf(await post('again')));
  expect(new Set(ids).size).toBe(3);
});

it('so does who has read a stream to its end and resets the connection at once', async () => {
  const ids = [await readAndReset('streamed', true), await readAndReset('streamed', true)];
  await pause(1_000);
  ids.push(await readAndReset('streamed', true));
  expect(new Set(ids).size).toBe(3);
});

it('who asks twice at once, and waits for both, gets two runs', async () => {
  const ids = await Promise.all([post('both'), post('both')].map(async (reply) => idOf(await reply)));
  expect(new Set(ids).size).toBe(2);
});

it('one that was abandoned is joined by one request, not by two', async () => {
  const before = edge.runs();
  const proxy = await startCuttingProxy(edge.url, 1, 700);
  await expect(post('once', proxy.url)).rejects.toThrow();
  await pause(300);
  const replies = await Promise.all([post('once'), post('once')]);
  expect(replies.map(({ headers }) => headers.get('idempotent-replayed')).toSorted()).toEqual(
    [null, 'true'].toSorted(),
  );
  const ids = await Promise.all(replies.map(idOf));
  expect(new Set(ids).size).toBe(2);
  expect(edge.runs() - before).toBe(2);
  await proxy.stop();
});
