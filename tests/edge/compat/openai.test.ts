/** The official `openai` clients of three majors, unmodified, against the real edge over real HTTP. */
import OpenAI from 'openai';
import OpenAI5 from 'openai5';
import OpenAI6 from 'openai6';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatChunk, type ChatCompletion, chatChunk, chatCompletion } from '#shared/api/chat';
import { call, type Edge, PHOTO, receipt, script, startEdge, startLossyProxy } from './edge.ts';

// The three declare the same types under three names.
const clients: ReadonlyArray<readonly [string, typeof OpenAI]> = [
  ['openai 7', OpenAI],
  ['openai 6', OpenAI6 as unknown as typeof OpenAI],
  ['openai 5', OpenAI5 as unknown as typeof OpenAI],
];

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

type Message = OpenAI.ChatCompletionMessageParam;
const ask = (question: string, photo = PHOTO): Message => ({
  role: 'user',
  content: [
    { type: 'text', text: question },
    { type: 'image_url', image_url: { url: photo } },
  ],
});
const request = (question: string) => ({ model: 'taco-edge', messages: [ask(question)] });

async function refusalOf(promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error: unknown = await promise.then(
    () => new Error('expected a refusal'),
    (reason: unknown) => reason,
  );
  return error as InstanceType<typeof OpenAI.APIError>;
}

describe.each(clients)('%s', (name, Client) => {
  const clientOf = (more: { apiKey?: string; baseURL?: string; maxRetries?: number } = {}) =>
    new Client({ apiKey: edge.key, baseURL: `${edge.url}/v1`, maxRetries: 0, ...more });

  it('asks a question with a photo', async () => {
    const { data, request_id, response } = await clientOf()
      .chat.completions.create(request(receipt()))
      .withResponse();
    expect(data.choices[0]?.message.content).toBe('7.10');
    expect(data.choices[0]?.finish_reason).toBe('stop');
    expect(data.usage).toMatchObject({ prompt_tokens: 300, completion_tokens: 27, total_tokens: 327 });
    expect(request_id).toMatch(/^req_/);
    expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/);
    const completion = chatCompletion.parse(data) satisfies ChatCompletion;
    expect(completion.cota.steps.map((step) => step.actions[0]?.name)).toEqual([
      'OCR',
      'Calculate',
      'Terminate',
    ]);
    expect(completion.choices[0]?.message.reasoning_content).toContain('Calculate({"expression"');
    expect(completion.choices[0]?.message.reasoning_content).not.toContain('Terminate(');
  });

  it('streams it: the answer in content, the trace in cota, finish_reason and usage at the end', async () => {
    const stream = await clientOf().chat.completions.create({
      ...request(receipt()),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: ChatChunk[] = [];
    for await (const chunk of stream) chunks.push(chatChunk.parse(chunk));
    const deltas = chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.delta));
    expect(deltas.map((delta) => delta.content ?? '').join('')).toBe('7.10');
    expect(deltas[0]?.role).toBe('assistant');
    expect(deltas.flatMap((delta) => delta.cota?.steps.map((step) => step.index) ?? [])).toEqual([
      0, 0, 1, 1, 2, 0, 1, 2,
    ]);
    expect(deltas.flatMap((delta) => delta.cota ?? []).at(-1)).toMatchObject({
      status: 'succeeded',
      steps: [{ observation: { text: 'TOTAL 14.20' } }, { observation: { result: 7.1 } }, {}],
    });
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 327 } });
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
  });

  it('the stream helper puts the answer and the trace together', async () => {
    const final = await clientOf().chat.completions.stream(request(receipt())).finalChatCompletion();
    const message = final.choices[0]?.message as { content?: string; cota?: { steps: unknown[] } };
    expect(message.content).toBe('7.10');
    expect(message.cota?.steps).toHaveLength(3);
  });

  it('lists the models, and finds one', async () => {
    const listed = [];
    for await (const model of clientOf().models.list()) listed.push(model.id);
    expect(listed).toEqual(['taco-edge', 'scripted']);
    expect(await clientOf().models.retrieve('scripted')).toMatchObject({ id: 'scripted', object: 'model' });
    const missing = await refusalOf(clientOf().models.retrieve('gpt'));
    expect([missing.status, missing.code]).toEqual([404, 'model_not_found']);
  });

  it.each([
    ['a wrong key', 401, 'invalid_api_key', null, { apiKey: 'taco_test_wrong' }, {}],
    ['a model that is not there', 404, 'model_not_found', 'model', {}, { model: 'gpt-5' }],
    [
      'no image',
      400,
      'invalid_request',
      'messages',
      {},
      { messages: [{ role: 'user', content: 'What is the total?' }] },
    ],
    [
      'a URL of a host that the key does not list',
      400,
      'url_not_allowed',
      'messages.0.content.1.image_url.url',
      {},
      { messages: [ask('What?', 'https://example.com/photo.jpg')] },
    ],
    [
      'an image that is none',
      415,
      'unsupported_media_type',
      'messages.0.content.1.image_url.url',
      {},
      { messages: [ask('What?', 'data:image/png;base64,aGVsbG8gd29ybGQ=')] },
    ],
    [
      'base64 that is none',
      400,
      'invalid_request',
      'messages.0.content.1.image_url.url',
      {},
      { messages: [ask('What?', 'data:image/png;base64,***')] },
    ],
    [
      'a data URL of another type',
      400,
      'invalid_request',
      'messages.0.content.1.image_url.url',
      {},
      { messages: [ask('What?', 'data:text/html;base64,aGk=')] },
    ],
    [
      'a part that is sound',
      400,
      'invalid_request',
      'messages.0.content.0.type',
      {},
      { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] },
    ],
    [
      'tools of the caller',
      400,
      'invalid_request',
      'tools',
      {},
      { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] },
    ],
    ['several answers', 400, 'invalid_request', 'n', {}, { n: 2 }],
    [
      'a schema with an object in it',
      400,
      'invalid_request',
      'response_format.json_schema.schema.properties.b.type',
      {},
      {
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'x',
            schema: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'object' } } },
          },
        },
      },
    ],
  ])('%s: a refusal that the client can read', async (_, status, code, param, options, body) => {
    const sent = { ...request(receipt()), ...body } as ReturnType<typeof request>;
    for (const stream of [false, true]) {
      const error = await refusalOf(clientOf(options).chat.completions.create({ ...sent, stream }));
      expect(error).toBeInstanceOf(Client.APIError);
      expect([error.status, error.code, error.param]).toEqual([status, code, param]);
      expect(error.message).toMatch(new RegExp(`^${status} .{20,}`));
      expect(error.requestID).toMatch(/^req_/);
    }
  });

  it('a failed run is an error with its code, whole and in a stream', async () => {
    const failing = request(script(call('Terminate', { answer: '' })));
    const error = await refusalOf(clientOf().chat.completions.create(failing));
    expect([error.status, error.code]).toEqual([502, 'no_answer']);
    const reading = async () => {
      for await (const _ of await clientOf().chat.completions.create({ ...failing, stream: true }));
    };
    const broken = await refusalOf(reading());
    expect([broken.code, broken.type]).toEqual(['no_answer', 'api_error']);
    expect(broken.requestID).toMatch(/^req_/);
  });

  it.each([false, true])(
    'a retry joins the run that the first attempt started (stream: %s)',
    async (stream) => {
      const proxy = await startLossyProxy(edge.url, 2);
      const before = edge.runs();
      try {
        const client = clientOf({ baseURL: `${proxy.url}/v1`, maxRetries: 2 });
        const body = request(receipt(`${name} ${stream}`));
        const answer = stream
          ? (await client.chat.completions.stream(body).finalChatCompletion()).choices[0]?.message.content
          : (await client.chat.completions.create(body)).choices[0]?.message.content;
        expect(answer).toBe(`${name} ${stream}`);
        expect(proxy.attempts).toEqual(['0', '1', '2']);
        expect(edge.runs() - before).toBe(1);
      } finally {
        await proxy.stop();
      }
    },
  );

  it('the same request made twice is two runs, and a run that failed is no answer to a retry', async () => {
    const before = edge.runs();
    await clientOf().chat.completions.create(request(receipt(`${name} twice`)));
    await clientOf().chat.completions.create(request(receipt(`${name} twice`)));
    expect(edge.runs() - before).toBe(2);
    const unlucky = request(script(call('Terminate', { answer: '', of: name })));
    const headers = { 'x-stainless-retry-count': '1' };
    for (const options of [{}, { headers }, { headers }]) {
      const error = await refusalOf(clientOf().chat.completions.create(unlucky, options));
      expect([error.status, error.code]).toEqual([502, 'no_answer']);
    }
    expect(edge.runs() - before).toBe(5);
  });

  it('shapes the answer as json_schema asks, and refuses what does not fit', async () => {
    const response_format = {
      type: 'json_schema' as const,
      json_schema: {
        name: 'total',
        strict: true,
        schema: {
          type: 'object',
          properties: { total: { type: 'number' } },
          required: ['total'],
          additionalProperties: false,
        },
      },
    };
    const good = await clientOf().chat.completions.create({
      ...request(receipt('$1,207.10')),
      response_format,
    });
    expect(good.choices[0]?.message.content).toBe('{"total":1207.1}');
    const bad = await clientOf().chat.completions.create({
      ...request(receipt('cannot be read')),
      response_format,
    });
    expect(bad.choices[0]?.message.content).toBeNull();
    expect(bad.choices[0]?.message.refusal).toContain('cannot be read');
  });
});

it('asks the last user message about the images of all, and ignores what it does not know', async () => {
  const client = new OpenAI({ apiKey: edge.key, baseURL: `${edge.url}/v1`, maxRetries: 0 });
  const data = await client.chat.completions.create({
    model: 'scripted',
    messages: [
      { role: 'system', content: 'Be brief.' },
      ask('What is this?'),
      { role: 'assistant', content: 'A receipt.' },
      { role: 'user', content: receipt('half') },
    ],
    temperature: 0.2,
    seed: 7,
    user: 'u-1',
    metadata: { order: '7' },
    ...({ nonsense: true, cota: { max_steps: 4, tools: ['OCR', 'Calculate'] } } as object),
  });
  expect(data).toMatchObject({ model: 'scripted', choices: [{ message: { content: 'half' } }] });
  const { cota } = chatCompletion.parse(data);
  expect(cota.images).toHaveLength(1);
  const run = await fetch(`${edge.url}/v1/runs/${cota.run_id}`, {
    headers: { authorization: `Bearer ${edge.key}` },
  });
  expect(await run.json()).toMatchObject({ answer: 'half', metadata: { order: '7' } });
});

it('takes the id of an upload in place of a data URL, and of no other tenant', async () => {
  const upload = await fetch(`${edge.url}/v1/images`, {
    method: 'POST',
    headers: { authorization: `Bearer ${edge.key}`, 'content-type': 'image/png' },
    body: Buffer.from(PHOTO.slice(PHOTO.indexOf(',') + 1), 'base64'),
  });
  const { id } = (await upload.json()) as { id: string };
  const clientOf = (apiKey: string) => new OpenAI({ apiKey, baseURL: `${edge.url}/v1`, maxRetries: 0 });
  const mine = clientOf(edge.key).chat.completions.create({
    model: 'taco-edge',
    messages: [ask(receipt('by id'), id)],
  });
  expect((await mine).choices[0]?.message.content).toBe('by id');
  const stranger = clientOf(await edge.newKey('stranger'));
  const error = await refusalOf(
    stranger.chat.completions.create({ model: 'taco-edge', messages: [ask('Mine?', id)] }),
  );
  expect([error.status, error.code]).toEqual([400, 'image_unknown']);
});
