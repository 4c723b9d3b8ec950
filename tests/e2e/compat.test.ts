/** Stock clients of other APIs ask the real stack about a real photo. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';
import OpenAI5 from 'openai5';
import OpenAI6 from 'openai6';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatCompletion } from '#shared/api/chat';
import { checks } from '#training/cota/checks';
import { distill } from '#training/cota/distill';
import { readTraces } from '#training/cota/shards';
import { openTeacher } from '#training/cota/teacher';
import { openToolBench } from '#training/cota/tool-bench';
import { createScratch, hasNano, type Scratch, type Started, start, stop, upload } from './system.ts';

const PHOTO = readFileSync('examples/receipt.jpg');
const DATA_URL = `data:image/jpeg;base64,${PHOTO.toString('base64')}`;
const QUESTION = 'What is the total?';
// Without the trained planner only the way of the answer is shown, not that it is right.
const ANSWER = hasNano ? /24\.25/ : /\S/;
const MS_MAX = 180_000;

let scratch: Scratch;
let server: Started;
beforeAll(async () => {
  scratch = await createScratch();
  server = await start(['--port', '0', '--state', join(scratch.folder, 'state')], scratch.environment);
}, MS_MAX);
afterAll(async () => {
  expect(await stop(server)).toBe(0);
  await scratch.remove();
});

it(
  'is the teacher of a distilled trace',
  async () => {
    const row = {
      id: 'receipt',
      source: 'examples',
      type: 'total',
      images: ['examples/receipt.jpg'],
      question: QUESTION,
      truth: { type: 'number', value: 24.25 } as const,
    };
    const out = join(scratch.folder, 'distilled');
    await distill([row], out, {
      teacher: openTeacher({ url: `${server.url}/v1`, key: server.key, model: 'taco-edge' }),
      agent: true,
      bench: await openToolBench(),
      tokensMax: 100_000,
      stepsMax: 10,
    });
    for await (const trace of readTraces(out)) {
      expect(trace.form).toBe(hasNano ? 'cota' : 'direct');
      for (const check of Object.values(checks)) expect(await check(trace)).toBeUndefined();
    }
    expect.assertions(1 + Object.keys(checks).length);
  },
  MS_MAX,
);

describe.each([
  ['openai 7', OpenAI],
  ['openai 6', OpenAI6 as unknown as typeof OpenAI],
  ['openai 5', OpenAI5 as unknown as typeof OpenAI],
])('%s', (_, OpenAIClient) => {
  const request = {
    model: 'taco-edge',
    messages: [
      {
        role: 'user' as const,
        content: [
          { type: 'text' as const, text: QUESTION },
          { type: 'image_url' as const, image_url: { url: DATA_URL } },
        ],
      },
    ],
  };
  const client = () => new OpenAIClient({ apiKey: server.key, baseURL: `${server.url}/v1` });

  it(
    'asks',
    async () => {
      const completion = await client().chat.completions.create(request);
      expect(completion.choices[0]?.message.content).toMatch(ANSWER);
      expect(chatCompletion.parse(completion).cota.steps.at(-1)?.actions[0]?.name).toBe('Terminate');
    },
    MS_MAX,
  );

  it(
    'asks for a stream',
    async () => {
      const final = await client().chat.completions.stream(request).finalChatCompletion();
      expect(final.choices[0]?.message.content).toMatch(ANSWER);
    },
    MS_MAX,
  );
});

it(
  'the AI SDK asks, and asks for a stream',
  async () => {
    const provider = createOpenAICompatible({
      name: 'taco',
      baseURL: `${server.url}/v1`,
      apiKey: server.key,
    });
    const content = [
      { type: 'text' as const, text: QUESTION },
      { type: 'file' as const, data: PHOTO, mediaType: 'image/jpeg' },
    ];
    const request = { model: provider('taco-edge'), messages: [{ role: 'user' as const, content }] };
    expect((await generateText(request)).text).toMatch(ANSWER);
    expect(await streamText(request).text).toMatch(ANSWER);
  },
  MS_MAX,
);

it(
  'an MCP client asks, and reads the photo itself',
  async () => {
    const client = new Client({ name: 'e2e', version: '1' });
    const requestInit = { headers: { authorization: `Bearer ${server.key}` } };
    const transport = new StreamableHTTPClientTransport(new URL('/mcp', server.url), { requestInit });
    await client.connect(transport as Parameters<Client['connect']>[0]);
    const image = await upload(server, PHOTO);
    const options = { timeout: MS_MAX };
    const call = (name: string, input: Record<string, unknown>) =>
      client.callTool({ name, arguments: input }, undefined, options);
    const asked = await call('AskAboutImages', { question: QUESTION, images: [image] });
    expect(asked.structuredContent).toMatchObject({ answer: expect.stringMatching(ANSWER) });
    const read = await call('OCR', { image });
    expect(read.structuredContent).toMatchObject({ text: expect.stringContaining('24.25') });
    await client.close();
  },
  MS_MAX,
);
