import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '#backend/images/decode';
import { encodeImage } from '#backend/images/encode';
import { createRasterCache } from '#backend/images/raster-cache';
import { IMAGE_BYTES_MAX } from '#shared/limits';

const solid = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background } });

/** A PNG of one bit a pixel, all black: many pixels in few bytes. */
function bitmap(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', new Uint8Array()),
  ]);
}

describe('decodeImage', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns EXIF orientation %i upright, once', async (orientation) => {
    // Upright: red on the left, blue on the right, and a green mark at the top left.
    const upright = await solid(64, 32, '#ff0000')
      .composite([
        { input: await solid(32, 32, '#0000ff').png().toBuffer(), left: 32, top: 0 },
        { input: await solid(8, 8, '#00ff00').png().toBuffer(), left: 0, top: 0 },
      ])
      .png()
      .toBuffer();
    const undo: Record<number, (image: Sharp) => Sharp> = {
      1: (image) => image,
      2: (image) => image.flop(),
      3: (image) => image.rotate(180),
      4: (image) => image.flip(),
      5: (image) => image.flop().rotate(270),
      6: (image) => image.rotate(270),
      7: (image) => image.flop().rotate(90),
      8: (image) => image.rotate(90),
    };
    const turned = await undo[orientation]?.(sharp(upright)).png().toBuffer();
    const file = await sharp(turned)
      .withMetadata({ orientation })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const { raster } = await decodeImage(file);
    const pixel = (x: number, y: number): number[] => [
      ...raster.data.subarray((y * raster.width + x) * 3, (y * raster.width + x) * 3 + 3),
    ];
    expect([raster.width, raster.height]).toEqual([64, 32]);
    expect(pixel(3, 3)[1]).toBeGreaterThan(200);
    expect(pixel(16, 24)[0]).toBeGreaterThan(200);
    expect(pixel(48, 16)[2]).toBeGreaterThan(200);
  });

  it('puts dark writing on white and light writing on black', async () => {
    const on = async (ink: string): Promise<number | undefined> => {
      const mark = await solid(10, 10, ink).png().toBuffer();
      const clear = { r: 128, g: 128, b: 128, alpha: 0 };
      const image = sharp({ create: { width: 40, height: 40, channels: 4, background: clear } }).composite([
        { input: mark, left: 15, top: 15 },
      ]);
      return (await decodeImage(await image.png().toBuffer())).raster.data[0];
    };
    expect(await on('#101010')).toBe(255);
    expect(await on('#f0f0f0')).toBe(0);
  });

  it.each([
    ['grey', (image: Sharp) => image.greyscale().png()],
    ['grey with alpha', (image: Sharp) => image.greyscale().ensureAlpha().png()],
    ['16 bits', (image: Sharp) => image.toColourspace('rgb16').png()],
    ['a palette', (image: Sharp) => image.png({ palette: true })],
    ['CMYK', (image: Sharp) => image.toColourspace('cmyk').jpeg()],
    ['WebP', (image: Sharp) => image.webp()],
  ])('makes %s three channels of 8 bits', async (_, write) => {
    const { raster } = await decodeImage(await write(solid(20, 10, '#808080')).toBuffer());
    expect(raster.data.length).toBe(20 * 10 * 3);
    expect(Math.abs((raster.data[0] ?? 0) - 128)).toBeLessThan(24);
  });

  it('takes the first frame of an animation', async () => {
    const frames = await Promise.all(
      ['#ff0000', '#0000ff'].map((colour) => solid(16, 16, colour).png().toBuffer()),
    );
    const animated = await sharp(frames, { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer();
    const { raster } = await decodeImage(animated);
    expect([raster.width, raster.height, ...raster.data.subarray(0, 3)]).toEqual([16, 16, 255, 0, 0]);
  });

  it.each([
    ['text', Buffer.from('not an image at all'), 'unsupported_media_type'],
    ['nothing', new Uint8Array(), 'unsupported_media_type'],
    [
      'SVG',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      'unsupported_media_type',
    ],
    ['GIF', Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00;', 'latin1'), 'unsupported_media_type'],
    ['a JPEG head alone', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), 'image_undecodable'],
    ['a PNG of 30,000 x 30,000', bitmap(30_000, 30_000), 'image_too_large'],
    ['a PNG of 60,000 x 20', bitmap(60_000, 20), 'image_too_large'],
    ['a strip of 1 x 400', bitmap(1, 400), 'image_too_large'],
  ])('refuses %s', async (_, bytes, code) => {
    await expect(decodeImage(bytes)).rejects.toMatchObject({ code });
  });

  it.each([0.2, 0.5, 0.9, 0.99])('finds a JPEG cut after %f of its bytes', async (share) => {
    const whole = readFileSync('examples/receipt.jpg');
    await expect(decodeImage(whole.subarray(0, Math.floor(whole.length * share)))).rejects.toMatchObject({
      code: 'image_undecodable',
    });
  });

  it('finds a PNG whose data was changed', async () => {
    const file = await solid(200, 200, '#123456').png().toBuffer();
    file[file.length - 30] = (file[file.length - 30] ?? 0) ^ 0xff;
    await expect(decodeImage(file)).rejects.toMatchObject({ code: 'image_undecodable' });
  });

  it('drops what is appended, and metadata', async () => {
    const file = await solid(10, 10, '#123456').withMetadata().jpeg().toBuffer();
    const { raster } = await decodeImage(Buffer.concat([file, Buffer.from('<script>')]));
    expect(raster.data.length).toBe(300);
  });
});

describe('encodeImage', () => {
  it('keeps every pixel of a small image', async () => {
    const data = new Uint8Array(30 * 20 * 3).map((_, index) => (index * 37) % 256);
    const { bytes, mediaType } = await encodeImage({ data, width: 30, height: 20 });
    expect(mediaType).toBe('image/png');
    expect(Buffer.from((await decodeImage(bytes)).raster.data).equals(data)).toBe(true);
  });

  it('stays within the bytes that an image may have, even with noise', async () => {
    let state = 1;
    const data = new Uint8Array(3000 * 2600 * 3).map(() => {
      state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
      return state >> 16;
    });
    const { bytes, mediaType } = await encodeImage({ data, width: 3000, height: 2600 });
    expect(mediaType).toBe('image/jpeg');
    expect(bytes.length).toBeLessThanOrEqual(IMAGE_BYTES_MAX);
  });
});

describe('createRasterCache', () => {
  it('decodes a file once, and forgets what does not fit', async () => {
    const cache = createRasterCache(60_000_000);
    const [first, second] = await Promise.all([
      cache.get('a', 'examples/receipt.jpg'),
      cache.get('a', 'examples/receipt.jpg'),
    ]);
    expect(second).toBe(first);
    expect(await cache.get('a', 'examples/receipt.jpg')).toBe(first);
    // With its halves it fills the cache.
    cache.set('b', { data: new Uint8Array(43_000_000), width: 1, height: 1 });
    expect((await cache.get('a', 'examples/receipt.jpg')) === first).toBe(false);
  });
});
