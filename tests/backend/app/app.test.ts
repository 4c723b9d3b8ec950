import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendHealth, storedImage, toolResponse } from '#shared/contract';
import { IMAGE_BYTES_MAX, SIGNATURE_SKEW_MS_MAX } from '#shared/limits';
import { type Harness, problem, sha256, startWithPhoto, stepBody, toolBody } from './harness.ts';

let backend: Harness;
let photo: Uint8Array;
let digest: string;

beforeAll(async () => {
  ({ backend, photo, digest } = await startWithPhoto());
});
afterAll(() => backend.stop());

describe('health', () => {
  it('names planner, tools and state without a signature', async () => {
    const health = backendHealth.parse(await (await backend.app.request('/healthz')).json());
    expect(health.status).toBe('ok');
    expect(health.planner).toEqual({ model: 'stand-in', version: '0' });
    expect(health.tools.map((tool) => tool.name)).toEqual(
      expect.arrayContaining(['OCR', 'Crop', 'ZoomIn', 'VisualizeRegionsOnImage']),
    );
    expect((await backend.app.request('/readyz')).status).toBe(200);
  });
});

describe('signatures', () => {
  const body = stepBody('hello', []);
  it.each([
    ['another secret', { secret: 'another secret' }],
    ['another body', { signedBody: 'x' }],
    ['an old time', { timestamp: String(Date.now() - SIGNATURE_SKEW_MS_MAX - 10_000) }],
    ['a time that is no number', { timestamp: 'yesterday' }],
    ['a signature that is no hex', { headers: { 'x-taco-signature': 'zz' } }],
  ])('refuses %s', async (_, options) => {
    expect(await problem(await backend.call('POST', '/v1/step', body, options))).toEqual([
      401,
      'invalid_signature',
    ]);
  });

  it('refuses a request without headers, also for images', async () => {
    expect(await problem(await backend.app.request(`/v1/images/${digest}`))).toEqual([
      401,
      'invalid_signature',
    ]);
    expect(
      await problem(await backend.app.request(`/v1/images/${digest}`, { method: 'PUT', body: 'x' })),
    ).toEqual([401, 'invalid_signature']);
  });

  it('does not accept the signature of one path for another', async () => {
    const signed = await backend.call('GET', `/v1/images/${digest}`);
    expect(signed.status).toBe(200);
    const response = await backend.call('POST', '/v1/tools/Crop', body, { headers: {}, signedBody: '' });
    expect(await problem(response)).toEqual([401, 'invalid_signature']);
  });
});

describe('images', () => {
  it('stores once and gives the same bytes back', async () => {
    const again = await backend.put(photo);
    expect(again.status).toBe(200);
    expect(storedImage.parse(await again.json())).toEqual({
      sha256: digest,
      media_type: 'image/jpeg',
      width: 80,
      height: 40,
      bytes: photo.length,
    });
    const read = await backend.call('GET', `/v1/images/${digest}`);
    expect(read.headers.get('content-type')).toBe('image/jpeg');
    expect(read.headers.get('x-content-type-options')).toBe('nosniff');
    expect(sha256(new Uint8Array(await read.arrayBuffer()))).toBe(digest);
  });

  it.each([
    ['a path that is no digest', '/v1/images/../../etc', 'x', [404, 'not_found']],
    ['a digest in upper case', `/v1/images/${'A'.repeat(64)}`, 'x', [422, 'invalid_request']],
    ['bytes of another digest', `/v1/images/${'0'.repeat(64)}`, 'x', [401, 'invalid_signature']],
  ])('refuses %s', async (_, path, body, expected) => {
    expect(await problem(await backend.call('PUT', path, body))).toEqual(expected);
  });

  it('refuses bytes that do not have the digest that was signed', async () => {
    const response = await backend.call('PUT', `/v1/images/${sha256('promised')}`, 'sent', {
      signedBody: 'promised',
    });
    expect(await problem(response)).toEqual([422, 'invalid_request']);
    expect(backend.store.find(sha256('promised'))).toBeUndefined();
  });

  it('refuses what is no image, what is damaged and what is too large', async () => {
    const whole = readFileSync('examples/receipt.jpg');
    const bomb = await sharp({ create: { width: 12_000, height: 12_000, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    const cases: Array<[Uint8Array, [number, string]]> = [
      [Buffer.from('hello'), [415, 'unsupported_media_type']],
      [new Uint8Array(), [415, 'unsupported_media_type']],
      [
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'),
        [415, 'unsupported_media_type'],
      ],
      [whole.subarray(0, whole.length / 2), [422, 'image_undecodable']],
      [bomb, [413, 'image_too_large']],
      [new Uint8Array(IMAGE_BYTES_MAX + 1), [413, 'body_too_large']],
    ];
    for (const [bytes, expected] of cases) expect(await problem(await backend.put(bytes))).toEqual(expected);
    expect(backend.vision.state).toBe('ready');
  });

  it('says that an image is unknown', async () => {
    expect(await problem(await backend.call('GET', `/v1/images/${'0'.repeat(64)}`))).toEqual([
      404,
      'not_found',
    ]);
  });
});

describe('tools', () => {
  const tool = (
    name: string,
    args: Record<string, unknown>,
    headers: Record<string, string> = {},
  ): Promise<Response> => backend.call('POST', `/v1/tools/${name}`, toolBody(args, [digest]), { headers });

  it('crops, and stores the new image', async () => {
    const reply = toolResponse.parse(
      await (await tool('Crop', { image: 'image-0', bbox: [0.25, 0.25, 0.75, 0.75] })).json(),
    );
    expect(reply.observation).toEqual({ bbox: [0.125, 0.125, 0.875, 0.875] });
    expect(reply.images).toMatchObject([{ width: 60, height: 30, media_type: 'image/png' }]);
    const bytes = await backend.call('GET', `/v1/images/${reply.images[0]?.sha256}`);
    expect(bytes.status).toBe(200);
  });

  it('reads the text of a photo', async () => {
    const receipt = readFileSync('examples/receipt.jpg');
    await backend.put(receipt);
    const body = toolBody({ image: 'image-0' }, [sha256(receipt)]);
    const reply = toolResponse.parse(await (await backend.call('POST', '/v1/tools/OCR', body)).json());
    expect(String(reply.observation['text']).toLowerCase()).toContain('total');
  });

  it.each([
    ['arguments that do not fit', { image: 'image-0' }, 'invalid_arguments'],
    [
      'an argument that is not listed',
      { image: 'image-0', bbox: [0, 0, 1, 1], path: '/etc/passwd' },
      'invalid_arguments',
    ],
    ['an image that is not there', { image: 'image-7', bbox: [0, 0, 1, 1] }, 'image_unknown'],
    ['an empty box', { image: 'image-0', bbox: [0.5, 0.5, 0.5, 0.9] }, 'empty_box'],
  ])('makes an observation of %s', async (_, args, code) => {
    const response = await tool('Crop', args);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ observation: { error: { code } }, images: [] });
  });

  it('tells unknown tools from unavailable ones', async () => {
    expect(await problem(await tool('Nothing', {}))).toEqual([404, 'not_found']);
    expect(await problem(await tool('Calculate', { expression: '1' }))).toEqual([404, 'not_found']);
    expect(await problem(await tool('QueryLanguageModel', { query: 'x' }))).toEqual([
      422,
      'tool_unavailable',
    ]);
  });

  it('answers a repeated call from memory', async () => {
    const args = { image: 'image-0', bbox: [0, 0, 0.5, 0.5] };
    const headers = { 'idempotency-key': 'run_1:3' };
    const [first, twin] = await Promise.all([tool('Crop', args, headers), tool('Crop', args, headers)]);
    const replies = [await first.text(), await twin.text(), await (await tool('Crop', args, headers)).text()];
    // Milliseconds would differ, were the work done again.
    expect(new Set(replies).size).toBe(1);
    expect(await (await tool('Crop', { ...args, bbox: [0, 0, 1, 1] }, headers)).text()).not.toBe(replies[0]);
  });
});

it('says what there is not', async () => {
  expect(await problem(await backend.call('GET', '/v2/nothing'))).toEqual([404, 'not_found']);
});
