/** What a photo tells about its owner is gone, and no pixel has changed: judged by sharp, which decodes both. */
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it, test } from 'vitest';
import { readHeader } from '#edge/images/header';
import { stripMetadata } from '#edge/images/strip';
import type { MediaType } from '#shared/contract';

const CANARY = 'CANARY-48.8584N';
const noise = Uint8Array.from({ length: 40 * 30 * 3 }, (_, index) => (index * 7919) % 251);
const FORMATS: readonly MediaType[] = ['image/jpeg', 'image/png', 'image/webp'];

type Bytes = Uint8Array<ArrayBuffer>;

async function photo(type: MediaType, orientation: number, options: object = {}): Promise<Bytes> {
  const image = sharp(noise, { raw: { width: 40, height: 30, channels: 3 } })
    .withMetadata({ orientation })
    .withExifMerge({ IFD0: { Copyright: CANARY, Software: CANARY }, IFD3: { GPSLatitudeRef: 'N' } })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${CANARY}</x:xmpmeta>`);
  const format = type.slice('image/'.length) as 'jpeg' | 'png' | 'webp';
  return new Uint8Array(await image.toFormat(format, options).toBuffer());
}

const strip = (bytes: Bytes, type: MediaType) =>
  stripMetadata(bytes, type, readHeader(bytes, type)?.orientation ?? 1);
const pixels = (bytes: Uint8Array) => sharp(bytes, { failOn: 'error' }).autoOrient().raw().toBuffer();
const holds = (bytes: Uint8Array, text: string) => Buffer.from(bytes).includes(text);

describe.each(FORMATS)('%s', (type) => {
  test.each([1, 3, 6, 8])(
    'orientation %i: metadata goes, pixels and orientation stay',
    async (orientation) => {
      const before = await photo(type, orientation);
      expect(holds(before, CANARY)).toBe(true);
      const after = strip(before, type);
      expect(holds(after, CANARY)).toBe(false);
      expect(after.length).toBeLessThan(before.length);
      const metadata = await sharp(after).metadata();
      expect(metadata.xmp).toBeUndefined();
      expect(metadata.orientation ?? 1).toBe(orientation);
      expect(await pixels(after)).toEqual(await pixels(before));
      expect(readHeader(after, type)?.orientation).toBe(orientation);
      expect(strip(after, type)).toEqual(after);
    },
  );

  it('what stands behind the end of the image goes', async () => {
    const before = await photo(type, 1);
    const joined = new Uint8Array([...before, ...Buffer.from(`<script>${CANARY}</script>PK\x03\x04`)]);
    expect(strip(joined, type)).toEqual(strip(before, type));
  });

  it('a file that breaks off anywhere gives no more than it had, and no error', async () => {
    const whole = await photo(type, 6);
    for (let length = 64; length < whole.length; length += 37) {
      const cut = whole.slice(0, length);
      expect(stripMetadata(cut, type, 6).length).toBeLessThanOrEqual(length + 64);
    }
  });
});

it('a progressive JPEG of many scans, with restarts and a colour profile, stays whole', async () => {
  const progressive = await photo('image/jpeg', 6, {
    progressive: true,
    quality: 97,
    chromaSubsampling: '4:4:4',
  });
  const after = strip(progressive, 'image/jpeg');
  expect(await pixels(after)).toEqual(await pixels(progressive));
  const profiled = await sharp(noise, { raw: { width: 40, height: 30, channels: 3 } })
    .withIccProfile('p3')
    .jpeg()
    .toBuffer();
  const kept = strip(new Uint8Array(profiled), 'image/jpeg');
  expect((await sharp(kept).metadata()).icc).toEqual((await sharp(profiled).metadata()).icc);
});

it('texts of a PNG go', async () => {
  const plain = new Uint8Array(
    await sharp(noise, { raw: { width: 40, height: 30, channels: 3 } })
      .png()
      .toBuffer(),
  );
  const data = new Uint8Array([...Buffer.from('Comment\0\0'), ...deflateSync(Buffer.from(CANARY))]);
  const chunk = new Uint8Array(12 + data.length);
  new DataView(chunk.buffer).setUint32(0, data.length);
  chunk.set(Buffer.from('zTXt'), 4);
  chunk.set(data, 8);
  const withText = new Uint8Array([...plain.slice(0, 33), ...chunk, ...plain.slice(33)]);
  expect(strip(withText, 'image/png')).toEqual(strip(plain, 'image/png'));
});

it('files without metadata stay as they are, byte by byte', async () => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const plain = await sharp(noise, { raw: { width: 40, height: 30, channels: 3 } })
      .toFormat(format)
      .toBuffer();
    expect(Buffer.from(strip(new Uint8Array(plain), `image/${format}`))).toEqual(plain);
  }
});
