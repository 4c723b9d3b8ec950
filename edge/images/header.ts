/**
 * The shape of an image read from its header alone: no pixel is ever decoded at the edge.
 * Formats are told by magic bytes. Never throws: a header that cannot be read is undefined.
 */
import type { MediaType } from '#shared/contract';

export type ImageHeader = {
  /** As stored, before EXIF orientation. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation 1..8; 1 when there is none. */
  readonly orientation: number;
};

type Bytes = DataView<ArrayBuffer>;

const readers: Readonly<Record<MediaType, (data: Bytes) => ImageHeader | undefined>> = {
  'image/jpeg': readJpeg,
  'image/png': readPng,
  'image/webp': readWebp,
};

/** Segments or chunks that are looked at before a header counts as unreadable. */
const BLOCKS_MAX = 2_000;
const TIFF_ENTRIES_MAX = 256;
const ORIENTATION_TAG = 0x0112;

export function sniffMediaType(bytes: Uint8Array): MediaType | undefined {
  const head = latin1(bytes, 0, 16);
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'image/webp';
  return undefined;
}

/** What a refused file looks like, in words for its sender. */
export function describeBytes(bytes: Uint8Array): string {
  const head = latin1(bytes, 0, 256);
  if (/^....ftyp(hei[cxms]|hev[cx]|mif1|msf1)/s.test(head)) {
    return 'a HEIC photo; choose the "most compatible" camera format or convert it to JPEG';
  }
  if (/^....ftypavi[fs]/s.test(head)) return 'an AVIF image; convert it to JPEG, PNG or WebP';
  if (head.startsWith('GIF8')) return 'a GIF; convert its first frame to PNG';
  if (head.startsWith('%PDF')) return 'a PDF; render the page to PNG';
  if (head.startsWith('BM')) return 'a BMP image; convert it to PNG';
  if (head.startsWith('II*\0') || head.startsWith('MM\0*')) return 'a TIFF image; convert it to PNG';
  if (/<svg[\s>]/i.test(head) || /^\s*<\?xml/.test(head)) return 'an SVG or XML document; render it to PNG';
  if (head.startsWith('data:')) return 'a data URL; send the bytes themselves';
  if (/^--\S+\r?\n/.test(head)) return 'a multipart body; send the file itself as the body';
  return /^[\t\n\r\x20-\x7e]*$/.test(head) ? 'text' : 'bytes of an unknown format';
}

export function readHeader(bytes: Uint8Array<ArrayBuffer>, type: MediaType): ImageHeader | undefined {
  try {
    return readers[type](new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    // A DataView refuses to read past its end: the header is cut short.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readPng(data: Bytes): ImageHeader | undefined {
  if (tag(data, 12) !== 'IHDR') return undefined;
  const size = { width: data.getUint32(16), height: data.getUint32(20) };
  let offset = 8;
  for (let block = 0; block < BLOCKS_MAX && offset + 12 <= data.byteLength; block++) {
    const name = tag(data, offset + 4);
    if (name === 'eXIf') return { ...size, orientation: orientationOf(data, offset + 8) };
    if (name === 'IDAT' || name === 'IEND') break;
    offset += 12 + data.getUint32(offset);
  }
  return { ...size, orientation: 1 };
}

function readWebp(data: Bytes): ImageHeader | undefined {
  const kind = tag(data, 12);
  if (kind === 'VP8 ') {
    if (data.getUint8(23) !== 0x9d || data.getUint8(24) !== 0x01 || data.getUint8(25) !== 0x2a)
      return undefined;
    return {
      width: data.getUint16(26, true) & 0x3fff,
      height: data.getUint16(28, true) & 0x3fff,
      orientation: 1,
    };
  }
  if (kind === 'VP8L') {
    if (data.getUint8(20) !== 0x2f) return undefined;
    const bits = data.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, orientation: 1 };
  }
  if (kind !== 'VP8X') return undefined;
  const size = { width: uint24(data, 24) + 1, height: uint24(data, 27) + 1 };
  let offset = 12;
  for (let block = 0; block < BLOCKS_MAX && offset + 8 <= data.byteLength; block++) {
    const length = data.getUint32(offset + 4, true);
    if (tag(data, offset) === 'EXIF') {
      const prefixed = length > 6 && tag(data, offset + 8) === 'Exif';
      return { ...size, orientation: orientationOf(data, offset + (prefixed ? 14 : 8)) };
    }
    offset += 8 + length + (length & 1);
  }
  return { ...size, orientation: 1 };
}

function readJpeg(data: Bytes): ImageHeader | undefined {
  let orientation = 1;
  let offset = 2;
  for (let block = 0; block < BLOCKS_MAX; block++) {
    if (data.getUint8(offset) !== 0xff) return undefined;
    const marker = data.getUint8(offset + 1);
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return undefined;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame)
      return { width: data.getUint16(offset + 7), height: data.getUint16(offset + 5), orientation };
    if (marker === 0xe1 && tag(data, offset + 4) === 'Exif') orientation = orientationOf(data, offset + 10);
    offset += 2 + data.getUint16(offset + 2);
  }
  return undefined;
}

/** Orientation out of the first directory of a TIFF block; 1 where there is none that makes sense. */
function orientationOf(data: Bytes, start: number): number {
  const order = start + 8 <= data.byteLength ? data.getUint16(start) : 0;
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const little = order === 0x4949;
  const directory = start + data.getUint32(start + 4, little);
  if (directory + 2 > data.byteLength) return 1;
  const count = Math.min(data.getUint16(directory, little), TIFF_ENTRIES_MAX);
  for (let entry = directory + 2; entry < directory + 2 + count * 12; entry += 12) {
    if (entry + 12 > data.byteLength) return 1;
    if (data.getUint16(entry, little) !== ORIENTATION_TAG) continue;
    const value = data.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

function tag(data: Bytes, offset: number): string {
  return String.fromCharCode(
    data.getUint8(offset),
    data.getUint8(offset + 1),
    data.getUint8(offset + 2),
    data.getUint8(offset + 3),
  );
}

function uint24(data: Bytes, offset: number): number {
  return data.getUint16(offset, true) | (data.getUint8(offset + 2) << 16);
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
