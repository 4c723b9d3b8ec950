import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { checkImage } from '#edge/images/check';
import { describeBytes, readHeader, sniffMediaType } from '#edge/images/header';
import type { MediaType } from '#shared/contract';
import { ApiError } from '#shared/errors';

type Format = 'jpeg' | 'png' | 'webp';

async function file(
  format: Format,
  width: number,
  height: number,
  options = {},
  orientation?: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const image = sharp({ create: { width, height, channels: 3, background: '#a52' } }).toFormat(
    format,
    options,
  );
  return new Uint8Array(await (orientation ? image.withMetadata({ orientation }) : image).toBuffer());
}

const samples: ReadonlyArray<[Format, object]> = [
  ['jpeg', {}],
  ['jpeg', { progressive: true }],
  ['png', {}],
  ['webp', {}],
  ['webp', { lossless: true }],
];

describe('the header reader agrees with the decoder', () => {
  it.each(samples)('%s %o', async (format, options) => {
    for (const [width, height] of [
      [1, 1],
      [3, 2],
      [640, 481],
      [1_999, 17],
    ] as const) {
      const bytes = await file(format, width, height, options);
      expect(sniffMediaType(bytes)).toBe(`image/${format}`);
      expect(readHeader(bytes, `image/${format}`)).toEqual({ width, height, orientation: 1 });
    }
  });

  it.each(['jpeg', 'png', 'webp'] as const)('%s with each EXIF orientation', async (format) => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const bytes = await file(format, 30, 20, {}, orientation);
      expect((await sharp(bytes).metadata()).orientation).toBe(orientation);
      expect(readHeader(bytes, `image/${format}`)).toEqual({ width: 30, height: 20, orientation });
    }
  });
});

it('no damage makes the header reader throw or hang', async () => {
  const files = await Promise.all(samples.map(([format, options]) => file(format, 64, 48, options, 6)));
  fc.assert(
    fc.property(
      fc.nat(files.length - 1),
      fc.nat(400),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 12 }),
      (which, cut, changes) => {
        const bytes = (files[which] as Uint8Array<ArrayBuffer>).slice(0, cut + 1);
        for (const [place, value] of changes) if (place < bytes.length) bytes[place] = value;
        for (const type of ['image/jpeg', 'image/png', 'image/webp'] satisfies MediaType[])
          readHeader(bytes, type);
      },
    ),
    { seed: 7, numRuns: 5_000 },
  );
});

/** A PNG whose header claims any size; its pixels were never written. */
function hugePng(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(100_000);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  new DataView(bytes.buffer).setUint32(16, width);
  new DataView(bytes.buffer).setUint32(20, height);
  return bytes;
}

describe('checkImage refuses', () => {
  const ascii = (text: string) => new Uint8Array(new TextEncoder().encode(text));
  it.each([
    ['0 bytes', new Uint8Array(), 'image_undecodable'],
    ['30,000 x 30,000 pixels', hugePng(30_000, 30_000), 'image_too_large'],
    ['65,535 x 65,535 pixels', hugePng(65_535, 65_535), 'image_too_large'],
    ['a long thin strip', hugePng(16_000, 100), 'image_undecodable'],
    ['no height', hugePng(10, 0), 'image_undecodable'],
    ['a header that is cut short', hugePng(1, 1).slice(0, 18), 'image_undecodable'],
    ['text', ascii('hello'), 'unsupported_media_type'],
    ['SVG', ascii('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'unsupported_media_type'],
    ['GIF', ascii('GIF89a123456'), 'unsupported_media_type'],
    ['PDF', ascii('%PDF-1.7'), 'unsupported_media_type'],
    ['HEIC', ascii('\0\0\0\x18ftypheic\0\0\0\0mif1'), 'unsupported_media_type'],
    ['AVIF', ascii('\0\0\0\x18ftypavif\0\0\0\0mif1'), 'unsupported_media_type'],
  ])('%s', (_, bytes, code) => {
    expect(() => checkImage(bytes, 'body')).toThrow(
      expect.objectContaining({ code, errors: [expect.objectContaining({ path: 'body' })] }),
    );
    expect(() => checkImage(bytes, 'body')).toThrow(ApiError);
  });

  it('and says how to mend it', () => {
    expect(describeBytes(ascii('\0\0\0\x18ftypheic'))).toContain('convert it to JPEG');
    expect(describeBytes(ascii('<?xml version="1.0"?><svg/>'))).toContain('render it to PNG');
    expect(describeBytes(ascii('--boundary\r\nContent-Disposition'))).toContain('send the file itself');
  });
});
