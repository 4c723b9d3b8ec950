import { beforeAll, describe, expect, it } from 'vitest';
import { type Image, type ToolCallResponse, toolList } from '#shared/api';
import { toolSpecs } from '#shared/tools/index';
import {
  answer,
  bodyOf,
  type Client,
  fetchEdge,
  migrate,
  newClient,
  PNG,
  pngInput,
  problemOf,
  script,
  settings,
  upload,
} from './support.ts';

let client: Client;
beforeAll(async () => {
  await migrate();
  client = await newClient('endpoints');
});

describe('POST /v1/images', () => {
  it('201: the shape of the upright image; the same bytes get the same id again', async () => {
    const image = await upload(client);
    expect(image).toMatchObject({
      object: 'image',
      media_type: 'image/png',
      width: 3,
      height: 2,
      bytes: PNG.length,
      orientation_applied: false,
    });
    expect(Date.parse(image.expires_at)).toBeGreaterThan(Date.now());
    expect((await upload(client)).id).toBe(image.id);
  });

  it('another tenant gets another id for the same bytes', async () => {
    const other = await newClient('endpoints-2');
    expect((await upload(other)).id).not.toBe((await upload(client)).id);
  });

  it('GET gives the bytes back to their owner', async () => {
    const { id } = await upload(client);
    const response = await client.send(`/v1/images/${id}`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(PNG);
    await problemOf(await (await newClient('endpoints-3')).send(`/v1/images/${id}`), 404);
    await problemOf(await client.send('/v1/images/img_x'), 404);
  });
});

describe('an image that has expired', () => {
  // As R2 holds it a moment after its day, before the lifecycle rule has removed it.
  async function expired(): Promise<string> {
    const { id } = await upload(client);
    const key = `endpoints/${id}`;
    const kept = await settings.IMAGES.get(key);
    if (!kept?.customMetadata) throw new Error(`nothing is kept as ${key}`);
    const customMetadata = { ...kept.customMetadata, expires_at: new Date(Date.now() - 1).toISOString() };
    await settings.IMAGES.put(key, await kept.arrayBuffer(), { customMetadata });
    return id;
  }

  it('is refused wherever it is named, though its bytes are still there', async () => {
    const image_id = await expired();
    expect((await problemOf(await client.send(`/v1/images/${image_id}`), 404)).code).toBe('not_found');
    const images = [{ type: 'image_id', image_id }];
    const asked = await client.post('/v1/runs', { question: script(answer('x')), images });
    expect((await problemOf(asked, 422)).code).toBe('image_unknown');
    const called = await client.post('/v1/tools/OCR', { arguments: { image: 'image-0' }, images });
    expect((await problemOf(called, 422)).code).toBe('image_unknown');
  });

  it('is there again once it is uploaded again', async () => {
    const id = await expired();
    expect((await upload(client)).id).toBe(id);
    expect((await client.send(`/v1/images/${id}`)).status).toBe(200);
  });
});

it.each(['/v1/models', '/v1/tools'])('GET %s need not be read again by its ETag', async (path) => {
  const first = await client.send(path);
  const etag = first.headers.get('etag') ?? '';
  expect([first.status, etag]).toEqual([200, expect.stringMatching(/^"[^"]+"$/)]);
  await first.text();
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await client.send(path, { headers: { 'if-none-match': known } });
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
  }
  const other = await client.send(path, { headers: { 'if-none-match': '"other"' } });
  expect(other.status).toBe(200);
  await other.text();
});

describe('GET /v1/tools', () => {
  it('lists every tool with its schemas, and which can be used now', async () => {
    const list = toolList.parse(await bodyOf(await client.send('/v1/tools')));
    expect(list.data.map((tool) => tool.name)).toEqual(toolSpecs.map((spec) => spec.name));
    const usable = list.data.filter((tool) => tool.available).map((tool) => tool.name);
    expect(usable).toEqual([
      'OCR',
      'Crop',
      'QueryKnowledgeBase',
      'Calculate',
      'SolveMathEquation',
      'Terminate',
    ]);
    const ocr = list.data.find((tool) => tool.name === 'OCR');
    expect(ocr?.arguments).toMatchObject({
      type: 'object',
      required: ['image'],
      additionalProperties: false,
    });
    expect(ocr?.version).toBe('2/m1');
  });
});

describe('POST /v1/tools/{name}', () => {
  it('calls an inline tool', async () => {
    const reply = await bodyOf<ToolCallResponse>(
      await client.post('/v1/tools/Calculate', { arguments: { expression: '2 * 4.50 + 3.20' } }),
    );
    expect(reply).toMatchObject({ observation: { result: 12.2 } });
  });

  it('200 with observation.error: a tool that cannot work on its input', async () => {
    const reply = await bodyOf<ToolCallResponse>(
      await client.post('/v1/tools/Calculate', { arguments: { expression: '1 / 0' } }),
    );
    expect(reply.observation).toMatchObject({
      error: { code: expect.any(String), message: expect.any(String) },
    });
    expect(reply.cached).toBe(false);
  });

  it('calls a backend tool, the second time from the cache', async () => {
    const body = { arguments: { image: 'image-0' }, images: [pngInput] };
    const first = await bodyOf<ToolCallResponse>(await client.post('/v1/tools/OCR', body));
    expect(first).toMatchObject({ observation: { text: 'TOTAL 14.20' }, cached: false });
    expect(await bodyOf<ToolCallResponse>(await client.post('/v1/tools/OCR', body))).toMatchObject({
      ...first,
      ms: 0,
      cached: true,
    });
    const fresh = await bodyOf<ToolCallResponse>(
      await client.post('/v1/tools/OCR', { ...body, cache: 'no-store' }),
    );
    expect(fresh.cached).toBe(false);
  });

  it('names the image that a tool made', async () => {
    const image: Image = await upload(client);
    const body = {
      arguments: { image: 'image-0', bbox: [0, 0, 0.5, 0.5] },
      images: [{ type: 'image_id', image_id: image.id }],
    };
    const reply = await bodyOf<ToolCallResponse>(await client.post('/v1/tools/Crop', body));
    expect((await client.send(`/v1/images/${reply.image_id}`)).status).toBe(200);
  });
});

describe('health', () => {
  it.each(['/healthz', '/readyz'])(
    '%s tells the state without a key and without an address',
    async (path) => {
      const response = await fetchEdge(path);
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({
        status: 'ok',
        keys: 'ok',
        backends: [{ status: 'ok', planner: { model: 'scripted' } }],
      });
      expect(text).not.toMatch(/127\.0\.0\.1|secret/);
    },
  );
});
