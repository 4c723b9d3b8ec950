/** /v1/responses by the official `openai` clients, unmodified, against the real edge over real HTTP. */
import OpenAI from 'openai';
import OpenAI5 from 'openai5';
import OpenAI6 from 'openai6';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { response as responseSchema } from '#shared/api/responses';
import { call, type Edge, PHOTO, receipt, script, startEdge, startLossyProxy } from './edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

const request = (question: string) => ({
  model: 'taco-edge',
  input: [
    {
      role: 'user' as const,
      content: [
        { type: 'input_text' as const, text: question },
        { type: 'input_image' as const, image_url: PHOTO, detail: 'auto' as const },
      ],
    },
  ],
});
const slow = script(
  call('OCR', { image: 'image-0' }, { delayMs: 5_000 }),
  call('Terminate', { answer: 'late' }),
);

async function refusalOf(promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const reason: unknown = await promise.then(
    () => new Error('expected a refusal'),
    (error: unknown) => error,
  );
  return reason as InstanceType<typeof OpenAI.APIError>;
}

async function numbersOf(stream: AsyncIterable<{ sequence_number: number }>, most = Infinity) {
  const numbers: number[] = [];
  for await (const event of stream) if (numbers.push(event.sequence_number) >= most) break;
  return numbers;
}
const upTo = (count: number, from = 0) => Array.from({ length: count - from }, (_, index) => from + index);

describe.each([
  ['openai 7', OpenAI],
  ['openai 6', OpenAI6 as unknown as typeof OpenAI],
  ['openai 5', OpenAI5 as unknown as typeof OpenAI],
])('%s', (name, Client) => {
  const clientOf = (more: { apiKey?: string; baseURL?: string; maxRetries?: number } = {}) =>
    new Client({ apiKey: edge.key, baseURL: `${edge.url}/v1`, maxRetries: 0, ...more });

  it('asks a question with a photo, and finds the response again', async () => {
    const created = await clientOf().responses.create({ ...request(receipt()), metadata: { order: '7' } });
    expect(created.output_text).toBe('7.10');
    expect(created).toMatchObject({ status: 'completed', metadata: { order: '7' } });
    expect(created.output.map((item) => item.type)).toEqual([
      'reasoning',
      'reasoning',
      'reasoning',
      'message',
    ]);
    const parsed = responseSchema.parse(created);
    expect(parsed.cota.steps).toHaveLength(3);
    expect(parsed.usage).toMatchObject({ input_tokens: 300, output_tokens: 27 });
    const again = await clientOf().responses.retrieve(created.id);
    expect(again).toEqual(created);
  });

  it('streams; the helper puts the same response together', async () => {
    const stream = clientOf().responses.stream(request(receipt()));
    const numbers: number[] = [];
    stream.on('event', (event) => void numbers.push(event.sequence_number));
    const final = await stream.finalResponse();
    const message = final.output.at(-1);
    expect(message?.type === 'message' && message.content[0]).toMatchObject({ text: '7.10' });
    expect(numbers).toEqual(upTo(numbers.length));
    const stored = await clientOf().responses.retrieve(final.id);
    expect(stored.output).toEqual(final.output.map((item) => expect.objectContaining({ id: item.id })));
  });

  it('resumes a stream after any event, with nothing lost and nothing twice', async () => {
    const stream = await clientOf().responses.create({
      ...request(receipt()),
      stream: true,
      background: true,
    });
    let id = '';
    const seen: number[] = [];
    for await (const event of stream) {
      if (event.type === 'response.created') id = event.response.id;
      seen.push(event.sequence_number);
      if (seen.length === 5) break;
    }
    const rest = await clientOf().responses.retrieve(id, { stream: true, starting_after: seen.at(-1) ?? 0 });
    seen.push(...(await numbersOf(rest)));
    expect(seen).toEqual(upTo(seen.length));
    const whole = await numbersOf(await clientOf().responses.retrieve(id, { stream: true }));
    expect(whole).toEqual(seen);
  });

  it('runs in the background until it is canceled', async () => {
    const begun = await clientOf().responses.create({ ...request(slow), background: true });
    expect(['queued', 'in_progress']).toContain(begun.status);
    expect(begun.output_text).toBe('');
    expect((await clientOf().responses.cancel(begun.id)).status).toBe('cancelled');
    expect((await clientOf().responses.retrieve(begun.id)).status).toBe('cancelled');
  });

  it('a retry joins the run that the first attempt started', async () => {
    const proxy = await startLossyProxy(edge.url, 1);
    const before = edge.runs();
    try {
      const client = clientOf({ baseURL: `${proxy.url}/v1`, maxRetries: 1 });
      const { output_text } = await client.responses.create(request(receipt(`${name} once`)));
      expect(output_text).toBe(`${name} once`);
      expect(proxy.attempts).toEqual(['0', '1']);
      expect(edge.runs() - before).toBe(1);
    } finally {
      await proxy.stop();
    }
  });

  it.each([
    ['no image', 400, 'invalid_request', 'input', { input: 'What is the total?' }],
    ['a model that is not there', 404, 'model_not_found', 'model', { model: 'gpt-5' }],
    [
      'an earlier response to go on from',
      400,
      'invalid_request',
      'previous_response_id',
      { previous_response_id: 'resp_1' },
    ],
    ['tools of the caller', 400, 'invalid_request', 'tools', { tools: [{ type: 'web_search' }] }],
  ])('%s: a refusal that the client can read', async (_, status, code, param, body) => {
    const sent = { ...request(receipt()), ...body } as ReturnType<typeof request>;
    const error = await refusalOf(clientOf().responses.create(sent));
    expect([error.status, error.code, error.param]).toEqual([status, code, param]);
    expect(error.requestID).toMatch(/^req_/);
  });

  it('a run that fails is an error to whoever waits, and a failed response to whoever looks', async () => {
    const failing = request(script(call('Terminate', { answer: '' })));
    const error = await refusalOf(clientOf().responses.create(failing));
    expect([error.status, error.code]).toEqual([502, 'no_answer']);
    const types: string[] = [];
    for await (const event of await clientOf().responses.create({ ...failing, stream: true })) {
      types.push(event.type);
      if (event.type === 'response.failed') expect(event.response.error?.code).toBe('no_answer');
    }
    expect(types.at(-1)).toBe('response.failed');
  });
});

it("another tenant's response does not exist, nor one that never was", async () => {
  const client = new OpenAI({ apiKey: edge.key, baseURL: `${edge.url}/v1`, maxRetries: 0 });
  const { id } = await client.responses.create(request(receipt()));
  const apiKey = await edge.newKey('stranger');
  const stranger = new OpenAI({ apiKey, baseURL: `${edge.url}/v1`, maxRetries: 0 });
  const attempts = [
    () => stranger.responses.retrieve(id),
    () => stranger.responses.cancel(id),
    () => stranger.responses.retrieve(id, { stream: true }),
    () => client.responses.retrieve('resp_1'),
    () => client.responses.cancel(`resp_${'0'.repeat(32)}`),
  ];
  for (const attempt of attempts) expect((await refusalOf(attempt())).status).toBe(404);
  const cursor = await fetch(`${edge.url}/v1/responses/${id}?stream=true&starting_after=x`, {
    headers: { authorization: `Bearer ${edge.key}` },
  });
  expect([cursor.status, await cursor.json()]).toMatchObject([400, { code: 'invalid_cursor' }]);
});
