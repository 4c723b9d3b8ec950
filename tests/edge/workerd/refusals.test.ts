/** What a caller may get wrong. Each is a 4xx with a problem that says what and how to mend it; none is a 5xx. */
import { beforeAll, describe, expect, it } from 'vitest';
import { revokeKey } from '#edge/storage/keys';
import { errorTable } from '#shared/errors';
import { BODY_BYTES_MAX, IMAGE_BYTES_MAX } from '#shared/limits';
import {
  bodyOf,
  type Client,
  clientOf,
  fetchEdge,
  migrate,
  newClient,
  newKey,
  ocrRun,
  PNG,
  pngInput,
  problemOf,
  settings,
  upload,
} from './support.ts';

let client: Client;
let key: string;
beforeAll(async () => {
  await migrate();
  key = await newKey('refusals');
  client = clientOf(key);
});

const json = { 'content-type': 'application/json' };
const good = { question: ocrRun(), images: [pngInput] };
const text = (value: string) => new Uint8Array(new TextEncoder().encode(value));

describe('401: without a valid key', () => {
  const cases: ReadonlyArray<[string, (valid: string) => Record<string, string>]> = [
    ['no key', () => ({})],
    ['an empty header', () => ({ authorization: '' })],
    ['Basic', () => ({ authorization: 'Basic dXNlcjpwYXNz' })],
    [
      'a wrong checksum',
      (valid) => ({ authorization: `Bearer ${valid.slice(0, -1)}${valid.endsWith('0') ? '1' : '0'}` }),
    ],
    ['10 kB of key', () => ({ authorization: `Bearer ${'x'.repeat(10_000)}` })],
    ['two keys', (valid) => ({ authorization: `Bearer ${valid}, Bearer ${valid}` })],
  ];
  it.each(cases)('%s', async (_, headersOf) => {
    const response = await fetchEdge('/v1/runs', {
      method: 'POST',
      body: '{}',
      headers: { ...json, ...headersOf(key) },
    });
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    const problem = await problemOf(response, 401);
    expect(problem).toMatchObject({
      code: 'invalid_api_key',
      error: { code: 'invalid_api_key', type: 'authentication_error' },
    });
    expect(JSON.stringify(problem)).not.toContain(key);
  });

  it('a key in the query', async () => {
    await problemOf(await fetchEdge(`/v1/tools?key=${key}`), 401);
  });

  it('a well-formed key that was never made, one that is revoked, one that has expired', async () => {
    const { generateKey } = await import('#edge/storage/key-format');
    const revoked = await newKey('refusals');
    await revokeKey(settings.DB, revoked.split('_')[2] ?? '', Date.now());
    const expired = await newKey('refusals', Date.now() - 1);
    for (const bad of [generateKey('live').key, revoked, expired]) {
      await problemOf(await clientOf(bad).send('/v1/tools'), 401);
    }
    expect((await clientOf(await newKey('refusals', Date.now() + 60_000)).send('/v1/tools')).status).toBe(
      200,
    );
  });
});

describe('POST /v1/runs refuses', () => {
  const send = (body: BodyInit, headers: Record<string, string> = json) =>
    client.send('/v1/runs', { method: 'POST', body, headers });
  const bodies: ReadonlyArray<[string, BodyInit]> = [
    ['nothing', ''],
    ['NaN', 'NaN'],
    ['cut JSON', '{"question":"a'],
    ['random bytes', new Uint8Array([0x80, 0xff, 0x00, 0x13])],
    ['invalid UTF-8 in a string', new Uint8Array([...text('{"question":"'), 0xff, ...text('"}')])],
    ['two million brackets', '['.repeat(2_000_000)],
  ];
  it.each(bodies)('400 invalid_json: %s', async (_, body) => {
    expect(await problemOf(await send(body), 400)).toMatchObject({ code: 'invalid_json' });
  });

  const invalid: ReadonlyArray<[string, unknown, string]> = [
    ['an array of 100,000 items', Array.from({ length: 100_000 }, () => 0), ''],
    ['null', null, ''],
    ['an unknown field', { ...good, tenant: 'other' }, ''],
    ['no question', { images: good.images }, 'question'],
    ['an empty question', { ...good, question: '  ' }, 'question'],
    ['a question of 100 kB', { ...good, question: 'x'.repeat(100_000) }, 'question'],
    ['no image', { ...good, images: [] }, 'images'],
    ['images left out', { question: 'what?' }, 'images'],
    ['nine images', { ...good, images: Array.from({ length: 9 }, () => pngInput) }, 'images'],
    ['an image of no type', { ...good, images: [{ type: 'file', url: 'x' }] }, 'images.0.type'],
    [
      'an image id of another form',
      { ...good, images: [{ type: 'image_id', image_id: '../1' }] },
      'images.0.image_id',
    ],
    ['an unknown field of an image', { ...good, images: [{ ...pngInput, path: '/etc' }] }, 'images.0'],
    [
      'a media type that is none',
      { ...good, images: [{ ...pngInput, media_type: 'image/gif' }] },
      'images.0.media_type',
    ],
    ['base64 that is none', { ...good, images: [{ ...pngInput, data: '!!!!' }] }, 'images.0.data'],
    [
      'a data URL of another type',
      { ...good, images: [{ ...pngInput, data: `data:image/gif;base64,${pngInput.data}` }] },
      'images.0.data',
    ],
    ['a thousand million steps', { ...good, max_steps: 1e9 }, 'max_steps'],
    ['no steps', { ...good, max_steps: 0 }, 'max_steps'],
    ['half a step', { ...good, max_steps: 1.5 }, 'max_steps'],
    ['an unknown tool', { ...good, tools: ['OCR', 'rm'] }, 'tools.1'],
    ['a tool of the prototype', { ...good, tools: ['__proto__'] }, 'tools.0'],
    [
      '500 entries of metadata',
      { ...good, metadata: Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, 'v'])) },
      'metadata',
    ],
    ['a megabyte of metadata', { ...good, metadata: { k: 'x'.repeat(1_000_000) } }, 'metadata.k'],
    ['metadata that is no text', { ...good, metadata: { k: 1 } }, 'metadata.k'],
  ];
  it.each(invalid)('422 invalid_request: %s', async (_, body, path) => {
    const problem = await problemOf(await send(JSON.stringify(body)), 422);
    expect(problem.code).toBe('invalid_request');
    expect(problem.errors?.map((error) => error.path)).toContain(path);
    expect(problem.error.param).toBe(problem.errors?.[0]?.path);
    expect(JSON.stringify(problem).length).toBeLessThan(20_000);
  });

  it('422: __proto__, 1e400 and a lone surrogate, which JSON can write but nothing should read', async () => {
    const tail = JSON.stringify(good).slice(1);
    for (const head of ['{"__proto__":{"max_steps":1},', '{"max_steps":1e400,']) {
      expect(await problemOf(await send(head + tail), 422)).toMatchObject({ code: 'invalid_request' });
    }
    const surrogate = await problemOf(await send(`{"metadata":{"a":"\\ud800"},${tail}`), 422);
    expect(surrogate.errors?.[0]?.path).toBe('metadata.a');
  });

  it('422 image_unknown: the image of another key, as if there were none', async () => {
    const image = await upload(await newClient('someone-else'));
    const body = JSON.stringify({ ...good, images: [{ type: 'image_id', image_id: image.id }] });
    const theirs = await problemOf(await send(body), 422);
    const nobodys = await problemOf(await send(body.replace(image.id, `img_${'0'.repeat(64)}`)), 422);
    expect(theirs.code).toBe('image_unknown');
    expect(theirs.detail.replace(image.id, '')).toBe(nobodys.detail.replace(`img_${'0'.repeat(64)}`, ''));
  });

  it('422 tool_unavailable: a tool that has no model here', async () => {
    const problem = await problemOf(
      await send(JSON.stringify({ ...good, tools: ['OCR', 'DetectFaces'] })),
      422,
    );
    expect(problem).toMatchObject({ code: 'tool_unavailable', errors: [{ path: 'tools.1' }] });
  });

  it('413: a body over the cap, declared or not', async () => {
    const large = new Uint8Array(BODY_BYTES_MAX + 1).fill(32);
    expect(await problemOf(await send(large), 413)).toMatchObject({ code: 'body_too_large' });
    const chunked = new ReadableStream({
      start: (controller) => {
        for (let sent = 0; sent < large.length; sent += 1_000_000)
          controller.enqueue(large.subarray(sent, sent + 1_000_000));
        controller.close();
      },
    });
    expect(await problemOf(await send(chunked), 413)).toMatchObject({ code: 'body_too_large' });
  });

  it('415: a compressed body, and one that says it is no JSON', async () => {
    const zipped = await send('{}', { ...json, 'content-encoding': 'gzip' });
    expect(await problemOf(zipped, 415)).toMatchObject({ code: 'unsupported_encoding' });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      expect(await problemOf(await send('{}', { 'content-type': type }), 415)).toMatchObject({
        code: 'unsupported_media_type',
      });
    }
  });
});

describe('POST /v1/images refuses', () => {
  const send = (body: BodyInit, headers = {}) => client.send('/v1/images', { method: 'POST', body, headers });
  const cases: ReadonlyArray<[string, Uint8Array<ArrayBuffer>, number, string, RegExp]> = [
    ['0 bytes', new Uint8Array(), 422, 'image_undecodable', /0 bytes/],
    ['text', text('hello'), 415, 'unsupported_media_type', /got text/],
    [
      'SVG',
      text('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
      415,
      'unsupported_media_type',
      /SVG/,
    ],
    ['HEIC', text('\0\0\0\x18ftypheic\0\0\0\0'), 415, 'unsupported_media_type', /HEIC/],
    ['GIF', text('GIF89a\x01\0\x01\0'), 415, 'unsupported_media_type', /GIF/],
    [
      'a multipart form',
      text('--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n'),
      415,
      'unsupported_media_type',
      /file itself/,
    ],
    ['a PNG of 30,000 x 30,000', hugePng(30_000, 30_000), 413, 'image_too_large', /30000 x 30000/],
    ['a cut file', PNG.slice(0, 70), 422, 'image_undecodable', /cannot be decoded/],
    ['a file over the cap', new Uint8Array(IMAGE_BYTES_MAX + 1), 413, 'body_too_large', /at most/],
  ];
  it.each(cases)('%s', async (_, bytes, status, code, message) => {
    const problem = await problemOf(await send(bytes), status);
    expect(problem.code).toBe(code);
    expect(problem.detail).toMatch(message);
  });
});

describe('POST /v1/tools/{name} refuses', () => {
  const invalid: ReadonlyArray<[string, string, unknown, number, string]> = [
    ['an unknown tool', 'Nothing', { arguments: {} }, 404, 'not_found'],
    ['a tool of the prototype', 'constructor', { arguments: {} }, 404, 'not_found'],
    ['Terminate', 'Terminate', { arguments: { answer: 'x' } }, 422, 'tool_unavailable'],
    [
      'a tool without a model',
      'DetectFaces',
      { arguments: { image: 'image-0' }, images: [pngInput] },
      422,
      'tool_unavailable',
    ],
    ['no arguments', 'Calculate', {}, 422, 'invalid_request'],
    ['wrong arguments', 'Calculate', { arguments: { expression: 7 } }, 422, 'invalid_request'],
    [
      'arguments beyond the listed',
      'Calculate',
      { arguments: { expression: '1', x: 1 } },
      422,
      'invalid_request',
    ],
    ['an image that was not sent', 'OCR', { arguments: { image: 'image-0' } }, 422, 'image_unknown'],
    ['an unknown field', 'Calculate', { arguments: { expression: '1' }, run: 1 }, 422, 'invalid_request'],
  ];
  it.each(invalid)('%s', async (_, name, body, status, code) => {
    expect(await problemOf(await client.post(`/v1/tools/${name}`, body), status)).toMatchObject({ code });
  });
});

describe('paths and methods', () => {
  it.each([
    '/',
    '/v1',
    '/v2/runs',
    '/v1/run',
    '/v1/runs/',
    '//v1/runs',
    '/v1/%00',
    `/v1/${'x'.repeat(16_000)}`,
  ])('404: %s', async (path) => {
    expect(await problemOf(await client.send(path), 404)).toMatchObject({ code: 'not_found' });
  });

  it.each([
    ['PUT', '/v1/runs', 'POST, GET, HEAD'],
    ['GET', '/v1/images', 'POST'],
    ['DELETE', '/v1/tools', 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['PATCH', `/v1/runs/run_${'0'.repeat(32)}`, 'GET, HEAD, DELETE'],
  ])('405: %s %s', async (method, path, allow) => {
    const response = await client.send(path, { method });
    expect(response.headers.get('allow')).toBe(allow);
    expect(await problemOf(response, 405)).toMatchObject({ code: 'method_not_allowed' });
  });

  it('OPTIONS names the methods and grants no other origin anything', async () => {
    const response = await fetchEdge('/v1/runs', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.test' },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('allow')).toBe('POST, GET, HEAD, OPTIONS');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('HEAD is GET without a body', async () => {
    const response = await client.send('/v1/tools', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

it('every refusal has the members of a problem, and its status is that of its code', async () => {
  const problem = await problemOf(
    await client.send('/v1/nothing', { headers: { 'x-client-request-id': 'mine\u00e9' } }),
    404,
  );
  expect(problem).toEqual({
    type: 'urn:taco-edge:error:not_found',
    title: errorTable.not_found.title,
    status: 404,
    detail: expect.any(String),
    code: 'not_found',
    request_id: expect.stringMatching(/^req_[0-9a-f]{32}$/),
    error: { message: problem.detail, type: 'invalid_request_error', param: null, code: 'not_found' },
  });
});

it('after all of this it still works', async () => {
  expect((await bodyOf<{ status: string }>(await client.post('/v1/runs', good))).status).toBe('succeeded');
});

function hugePng(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(100_000);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  new DataView(bytes.buffer).setUint32(16, width);
  new DataView(bytes.buffer).setUint32(20, height);
  return bytes;
}
