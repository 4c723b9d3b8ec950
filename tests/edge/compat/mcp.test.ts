/** The official MCP client, unmodified, against the real edge over real HTTP. */
import { gzipSync } from 'node:zlib';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mcpTool } from '#edge/mcp/schemas';
import { toolSpecs } from '#shared/tools/index';
import { bundleWorker } from '../../../scripts/cli/worker.ts';
import { type Edge, PHOTO, PNG, receipt, startEdge } from './edge.ts';

let edge: Edge;
let client: Client;
let imageId: string;

async function connect(key = edge.key): Promise<Client> {
  const connected = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', edge.url), { requestInit });
  await connected.connect(transport as Parameters<Client['connect']>[0]);
  return connected;
}

beforeAll(async () => {
  edge = await startEdge();
  client = await connect();
  const upload = await fetch(`${edge.url}/v1/images`, {
    method: 'POST',
    headers: { authorization: `Bearer ${edge.key}`, 'content-type': 'image/png' },
    body: Buffer.from(PNG, 'base64'),
  });
  imageId = ((await upload.json()) as { id: string }).id;
});
afterAll(async () => {
  await client.close();
  await edge.stop();
});

const call = (name: string, input: Record<string, unknown>) => client.callTool({ name, arguments: input });
const textOf = (result: object): string =>
  (result as { content: Array<{ text: string }> }).content.map((part) => part.text).join('');

it('speaks the current protocol, without a session', async () => {
  const reply = await fetch(new URL('/mcp', edge.url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${edge.key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
    }),
  });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
  expect(reply.headers.get('mcp-session-id')).toBeNull();
  expect(reply.headers.get('x-request-id')).toMatch(/^req_/);
  expect(await reply.json()).toMatchObject({ id: 1, result: { protocolVersion: '2025-11-25' } });
});

it('lists every tool that can be called now, with schemas of arguments and results', async () => {
  const { tools } = await client.listTools();
  expect(tools.map((tool) => tool.name)).toEqual([
    'AskAboutImages',
    'OCR',
    'Crop',
    'QueryKnowledgeBase',
    'Calculate',
    'SolveMathEquation',
  ]);
  for (const tool of tools) {
    expect(tool.inputSchema.type).toBe('object');
    expect(tool.outputSchema?.type).toBe('object');
    expect(JSON.stringify(tool)).not.toContain('image-0');
  }
});

it.each(toolSpecs.map((spec) => [spec.name, spec] as const))('%s can be shown to a client', (_, spec) => {
  const tool = mcpTool(spec);
  expect([tool.inputSchema.type, tool.outputSchema.type]).toEqual(['object', 'object']);
  expect(tool.inputSchema).toHaveProperty('properties');
  expect(JSON.stringify(tool)).not.toMatch(/image-\\\\d|image-0/);
  for (const name of spec.imageArguments) {
    expect(JSON.stringify((tool.inputSchema['properties'] as Record<string, unknown>)[name])).toContain(
      'the id of an image',
    );
  }
});

it('calls tools: by numbers, by the id of an image, by a data URL', async () => {
  expect((await call('Calculate', { expression: '14.20 / 2' })).structuredContent).toEqual({ result: 7.1 });
  for (const image of [imageId, PHOTO]) {
    const read = await call('OCR', { image });
    expect(read.isError).toBeFalsy();
    expect(read.structuredContent).toMatchObject({ text: 'TOTAL 14.20' });
    expect(JSON.parse(textOf(read))).toEqual(read.structuredContent);
  }
  const cropped = await call('Crop', { image: imageId, bbox: [0, 0, 1, 1] });
  expect(cropped.structuredContent).toMatchObject({ image_id: expect.stringMatching(/^img_/) });
});

it('asks a question about a photo', async () => {
  const asked = await call('AskAboutImages', { question: receipt(), images: [imageId] });
  expect(asked.structuredContent).toMatchObject({
    answer: '7.10',
    run_id: expect.stringMatching(/^run_/),
    reasoning: expect.stringContaining('OCR('),
  });
});

it('takes the model that a run would take, of those that the key may name', async () => {
  const asking = { question: receipt(), images: [imageId], model: 'scripted' };
  const answer = { answer: '7.10' };
  expect((await call('AskAboutImages', asking)).structuredContent).toMatchObject(answer);
  const limited = await connect(
    await edge.newKey('compat', { scopes: ['tools', 'runs:write'], models: ['scripted'] }),
  );
  const ask = (input: object) => limited.callTool({ name: 'AskAboutImages', arguments: { ...input } });
  const { tools } = await limited.listTools();
  expect(tools.find(({ name }) => name === 'AskAboutImages')?.inputSchema.properties).toHaveProperty('model');
  expect((await ask(asking)).structuredContent).toMatchObject(answer);
  for (const model of [undefined, 'taco-edge', 'nothing']) {
    const refused = await ask({ ...asking, model });
    expect(refused.isError).toBe(true);
    expect(textOf(refused)).toContain('not_allowed');
  }
  await limited.close();
});

it('asks nothing with a key whose models do not serve', async () => {
  const models = ['another'];
  const other = await connect(await edge.newKey('compat', { scopes: ['tools', 'runs:write'], models }));
  expect((await other.listTools()).tools.map(({ name }) => name)).not.toContain('AskAboutImages');
  await other.close();
});

describe('what is wrong with a call is for the model to read', () => {
  it.each([
    ['an argument of the wrong type', 'Calculate', { expression: 7 }, 'invalid_request', /expression/],
    ['an argument too many', 'Calculate', { expression: '1', more: 1 }, 'invalid_request', /more/],
    ['a missing image', 'OCR', {}, 'invalid_request', /image/],
    ['an image that is none', 'OCR', { image: 'nothing' }, 'invalid_request', /data:image/],
    ['an image that is not there', 'OCR', { image: `img_${'0'.repeat(64)}` }, 'image_unknown', /upload it/],
    ['an image of a wrong type', 'OCR', { image: 7 }, 'invalid_request', /image/],
    ['a tool without a model', 'DetectFaces', { image: 'x' }, 'tool_unavailable', /no model/],
    ['a failure of the tool itself', 'Calculate', { expression: '1/0' }, 'division_by_zero', /./],
    [
      'a question without images',
      'AskAboutImages',
      { question: 'What?', images: [] },
      'invalid_request',
      /images/,
    ],
    [
      'a model that there is none of',
      'AskAboutImages',
      { question: 'What?', images: [PHOTO], model: 'nothing' },
      'model_not_found',
      /scripted/,
    ],
    [
      'a model that is no name',
      'AskAboutImages',
      { question: 'What?', images: [PHOTO], model: 7 },
      'invalid_request',
      /model/,
    ],
  ])('%s', async (_, name, input, code, message) => {
    const result = await call(name, input);
    expect(result.isError).toBe(true);
    const { error } = JSON.parse(textOf(result)) as { error: { code: string; message: string } };
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('but a tool that does not exist is an error of the protocol', async () => {
    await expect(call('Nothing', {})).rejects.toMatchObject({ code: -32602 });
    await expect(call('Terminate', { answer: 'x' })).resolves.toMatchObject({ isError: true });
  });
});

it('lets nobody in without a key, and has no stream to get', async () => {
  await expect(connect('taco_test_wrong')).rejects.toMatchObject({ code: 401 });
  const init = { headers: { authorization: `Bearer ${edge.key}`, accept: 'text/event-stream' } };
  expect((await fetch(new URL('/mcp', edge.url), init)).status).toBe(405);
  const broken = await fetch(new URL('/mcp', edge.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${edge.key}`, 'content-type': 'application/json' },
    body: '{',
  });
  expect(broken.status).toBe(400);
});

it('shows no image of another tenant', async () => {
  const stranger = await connect(await edge.newKey('stranger'));
  const result = await stranger.callTool({ name: 'OCR', arguments: { image: imageId } });
  expect(result.isError).toBe(true);
  expect(textOf(result)).toContain('image_unknown');
  await stranger.close();
});

it('leaves the Worker small enough for the platform', async () => {
  const bytes = gzipSync(await bundleWorker()).length;
  console.info(`bundle of the Worker: ${bytes} bytes of gzip`);
  expect(bytes).toBeLessThan(1024 * 1024);
});
