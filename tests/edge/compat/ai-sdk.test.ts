/** The AI SDK with its provider for compatible servers, unmodified, against the real edge over real HTTP. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, Output, streamText } from 'ai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { call, type Edge, PNG, receipt, script, startEdge } from './edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

const model = (name = 'taco-edge', apiKey = edge.key) =>
  createOpenAICompatible({
    name: 'taco',
    baseURL: `${edge.url}/v1`,
    apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })(name);

const ask = (text: string) => [
  {
    role: 'user' as const,
    content: [
      { type: 'text' as const, text },
      { type: 'file' as const, data: Buffer.from(PNG, 'base64'), mediaType: 'image/png' },
    ],
  },
];
const quiet = { maxRetries: 0 };

it('generateText: answer, reasoning and usage', async () => {
  const result = await generateText({ model: model(), messages: ask(receipt()), ...quiet });
  expect(result.text).toBe('7.10');
  expect(result.reasoningText).toContain('OCR({"image":"image-0"})');
  expect(result.finishReason).toBe('stop');
  expect(result.usage).toMatchObject({ inputTokens: 300, outputTokens: 27 });
});

it('streamText: the reasoning as it comes, then the answer', async () => {
  const result = streamText({ model: model(), messages: ask(receipt()), ...quiet });
  const kinds: string[] = [];
  for await (const part of result.fullStream) if (part.type.endsWith('-delta')) kinds.push(part.type);
  expect(await result.text).toBe('7.10');
  expect(await result.reasoningText).toContain('-> {"result":7.1}');
  expect(await result.finishReason).toBe('stop');
  expect(await result.usage).toMatchObject({ inputTokens: 300, outputTokens: 27 });
  expect(kinds[0]).toBe('reasoning-delta');
  expect(kinds.at(-1)).toBe('text-delta');
});

it('an output with a schema of one property', async () => {
  const { output } = await generateText({
    model: model(),
    messages: ask(receipt('$24.25')),
    output: Output.object({ schema: z.object({ total: z.number().describe('in dollars') }) }),
    ...quiet,
  });
  expect(output).toEqual({ total: 24.25 });
});

it('an output with a schema of several properties, from what the planner wrote', async () => {
  const schema = z.object({
    total: z.number(),
    count: z.int().nullable(),
    items: z.array(z.string()),
  });
  const written = { total: 24.25, count: null, items: ['tea', 'bun'] };
  const object = (answer: string) =>
    generateText({
      model: model(),
      messages: ask(receipt(answer)),
      output: Output.object({ schema }),
      ...quiet,
    });
  expect((await object(JSON.stringify(written))).output).toEqual(written);
  await expect(object('tea and a bun').then(({ output }) => output)).rejects.toThrow();
});

it.each([
  ['a wrong key', () => model('taco-edge', 'taco_test_wrong'), ask(receipt()), 401, /API key is malformed/],
  ['a model that is not there', () => model('gpt-5'), ask(receipt()), 404, /there are taco-edge, scripted/],
  ['no image', () => model(), [{ role: 'user' as const, content: 'What?' }], 400, /expected an image/],
])('%s: an error that can be read', async (_, of, messages, status, message) => {
  const reason = await generateText({ model: of(), messages, ...quiet }).then(
    () => new Error('expected a refusal'),
    (error: unknown) => error,
  );
  expect(APICallError.isInstance(reason)).toBe(true);
  const error = reason as APICallError;
  expect([error.statusCode, error.isRetryable]).toEqual([status, false]);
  expect(error.message).toMatch(message);
  expect(error.responseHeaders?.['x-request-id']).toMatch(/^req_/);
});

it('a run that fails in a stream is an error, not a short answer', async () => {
  const errors: unknown[] = [];
  const failing = script(call('Terminate', { answer: '' }));
  const result = streamText({
    model: model(),
    messages: ask(failing),
    onError: ({ error }) => void errors.push(error),
    ...quiet,
  });
  let text = '';
  for await (const piece of result.textStream) text += piece;
  expect(text).toBe('');
  expect(JSON.stringify(errors) + String(errors[0])).toContain('no answer');
});
