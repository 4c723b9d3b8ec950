/** Images that come with requests: by form, as base64, and by URL from the hosts that a key lists. */
import { beforeAll, describe, expect, it } from 'vitest';
import { allowImageHosts } from '#edge/storage/key-web';
import type { Image, Run } from '#shared/api';
import { REFUSED_URLS } from '../../shared/egress-corpus.ts';
import {
  bodyOf,
  type Client,
  clientOf,
  idOf,
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

const TENANT = 'images';
let key: string;
let client: Client;
beforeAll(async () => {
  await migrate();
  key = await newKey(TENANT);
  client = clientOf(key);
  await allowImageHosts(settings.DB, idOf(key), ['photos.test', '*.cdn.test', 'nowhere.test']);
});

const body = { question: ocrRun(), images: [pngInput] };

describe('POST /v1/images', () => {
  const form = (...parts: Array<[string, string | Blob]>) => {
    const data = new FormData();
    for (const [name, value] of parts) data.append(name, value);
    return data;
  };
  const send = (what: BodyInit, headers: Record<string, string> = {}) =>
    client.send('/v1/images', { method: 'POST', body: what, headers });
  const file = () => new Blob([PNG], { type: 'image/png' });

  it('takes a form, base64, a data URL and a URL: the same bytes have the same id', async () => {
    const { id } = await upload(client);
    const replies = [
      await send(form(['note', 'mine'], ['photo', file()])),
      await client.post('/v1/images', pngInput),
      await client.post('/v1/images', { ...pngInput, data: `data:image/png;base64,${pngInput.data}` }),
    ];
    for (const reply of replies) expect((await bodyOf<Image>(reply, 201)).id).toBe(id);
    const fetched = await client.post('/v1/images', { type: 'url', url: 'https://photos.test/photo.png' });
    expect(await bodyOf<Image>(fetched, 201)).toMatchObject({ width: 5, height: 4, media_type: 'image/png' });
  });

  const bad: ReadonlyArray<[string, () => [BodyInit, string?]]> = [
    ['no boundary', () => ['--x\r\n', 'multipart/form-data']],
    ['another boundary', () => ['--x\r\n\r\n--x--', 'multipart/form-data; boundary=y']],
    [
      'cut short',
      () => [
        '--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\nabc',
        'multipart/form-data; boundary=x',
      ],
    ],
    ['no file', () => [form(['note', 'mine'])]],
    ['two files', () => [form(['a', file()], ['b', file()])]],
    [
      '1,000 files',
      () => [form(...Array.from({ length: 1_000 }, (_, n): [string, Blob] => [`f${n}`, new Blob(['x'])]))],
    ],
    ['nothing', () => ['', 'multipart/form-data; boundary=x']],
  ];
  it.each(bad)('400 invalid_multipart: %s', async (_, make) => {
    const [what, type] = make();
    const reply = await send(what, type === undefined ? {} : { 'content-type': type });
    expect(await problemOf(reply, 400)).toMatchObject({ code: 'invalid_multipart' });
  });

  it('415: a form whose file is no image', async () => {
    const reply = await send(form(['photo', new Blob(['hello'], { type: 'image/png' })]));
    expect(await problemOf(reply, 415)).toMatchObject({ code: 'unsupported_media_type' });
  });

  it.each([
    ['another type in the data URL', { ...pngInput, data: `data:image/jpeg;base64,${pngInput.data}` }],
    ['another type than the bytes', { ...pngInput, media_type: 'image/jpeg' }],
    [
      'another type, twice',
      { ...pngInput, media_type: 'image/jpeg', data: `data:image/jpeg;base64,${pngInput.data}` },
    ],
    [
      'a nested data URL',
      { ...pngInput, data: `data:image/png;base64,data:image/png;base64,${pngInput.data}` },
    ],
    ['a data URL without base64', { ...pngInput, data: 'data:image/png,abc' }],
    ['a data URL without a comma', { ...pngInput, data: 'data:image/png;base64' }],
    ['an empty data URL', { ...pngInput, data: 'data:image/png;base64,' }],
    ['no base64', { ...pngInput, data: '!!!!' }],
    ['an id', { type: 'image_id', image_id: `img_${'0'.repeat(64)}` }],
    ['a list', [pngInput]],
  ])('422: %s', async (_, what) => {
    await problemOf(await client.post('/v1/images', what), 422);
  });
});

describe('an image URL', () => {
  const run = (by: Client, url: string) => by.post('/v1/runs', { ...body, images: [{ type: 'url', url }] });

  it('is fetched for a run and kept for the tenant', async () => {
    const done = await bodyOf<Run>(await run(client, 'https://a.b.cdn.test/photo.png'));
    expect(done).toMatchObject({ status: 'succeeded', answer: '7.10' });
    expect((await client.send(`/v1/images/${done.images[0]}`)).status).toBe(200);
  });

  it.each([
    ['of a host that the key does not list', 'https://other.test/photo.png'],
    ['of a host that leads into a private network', 'https://nowhere.test/photo.png'],
  ])('422 url_not_allowed: %s', async (_, url) => {
    expect(await problemOf(await run(client, url), 422)).toMatchObject({
      code: 'url_not_allowed',
      errors: [{ path: 'images.0.url' }],
    });
  });

  it('422 url_not_allowed: by default, of any host', async () => {
    const problem = await problemOf(await run(await newClient(TENANT), 'https://photos.test/photo.png'), 422);
    expect(problem.code).toBe('url_not_allowed');
  });

  it('422 url_unreachable: where there is none', async () => {
    const problem = await problemOf(await run(client, 'https://photos.test/none.png'), 422);
    expect(problem).toMatchObject({ code: 'url_unreachable', errors: [{ path: 'images.0.url' }] });
  });

  it(`422 url_not_allowed: ${REFUSED_URLS.length} URLs, as image and as webhook`, async () => {
    for (const url of REFUSED_URLS) {
      const replies = [run(client, url), client.post('/v1/runs', { ...body, webhook_url: url })];
      for (const reply of await Promise.all(replies)) {
        expect([url, (await problemOf(reply, 422)).code]).toEqual([url, 'url_not_allowed']);
      }
    }
  });
});
