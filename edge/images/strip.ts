/**
 * Takes out of an image file what is not the image: place and time of a photo, comments, thumbnails, and
 * whatever stands behind its end. No pixel is decoded and none changes; the orientation stays. A file that
 * breaks off stays as it is from there on: the backend refuses it.
 */
import { crc32 } from '#edge/storage/key-format';
import type { MediaType } from '#shared/contract';

type Bytes = Uint8Array<ArrayBuffer>;

/** The parts of a file that are kept, in order. */
type Parts = Uint8Array[];

const strippers: Readonly<Record<MediaType, (bytes: Bytes, orientation: number) => Parts>> = {
  'image/jpeg': stripJpeg,
  'image/png': stripPng,
  'image/webp': stripWebp,
};

/** `orientation`: as EXIF has it, 1 to 8. The same image gives the same bytes, however often. */
export function stripMetadata(bytes: Bytes, type: MediaType, orientation: number): Bytes {
  const parts = strippers[type](bytes, orientation);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const stripped = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    stripped.set(part, offset);
    offset += part.length;
  }
  return stripped;
}

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const APP1 = 0xe1;
const APP2 = 0xe2;
/** JFIF and Adobe's say how colours are stored; of APP2 only the colour profile is kept. */
const KEPT_APPS: readonly number[] = [0xe0, 0xee];

function stripJpeg(bytes: Bytes, orientation: number): Parts {
  const parts: Parts = [bytes.subarray(0, 2)];
  if (orientation > 1) parts.push(orientationSegment(orientation));
  let offset = 2;
  while (offset + 4 <= bytes.length && bytes[offset] === 0xff) {
    const marker = bytes[offset + 1] ?? 0;
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    if (marker === END_OF_IMAGE) break;
    const end = offset + 2 + uint16(bytes, offset + 2);
    if (marker === START_OF_SCAN) {
      const next = endOfScan(bytes, end);
      parts.push(bytes.subarray(offset, next));
      offset = next;
      continue;
    }
    if (isKeptSegment(bytes, offset, marker)) parts.push(bytes.subarray(offset, end));
    offset = end;
  }
  const atEnd = bytes[offset] === 0xff && bytes[offset + 1] === END_OF_IMAGE;
  parts.push(atEnd ? bytes.subarray(offset, offset + 2) : bytes.subarray(offset));
  return parts;
}

function isKeptSegment(bytes: Bytes, offset: number, marker: number): boolean {
  if (marker === 0xfe) return false;
  if (marker < 0xe0 || marker > 0xef) return true;
  return KEPT_APPS.includes(marker) || (marker === APP2 && latin1(bytes, offset + 4, 11) === 'ICC_PROFILE');
}

/** Where the coded data ends that begins here: at the next marker that is neither stuffing nor a restart. */
function endOfScan(bytes: Bytes, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

/** A TIFF block with the orientation as its only entry. */
function orientationBlock(orientation: number): Bytes {
  // Big-endian, directory at 8, one entry: tag 0x0112, type SHORT, count 1, value.
  return Uint8Array.from([
    ...[0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1],
    ...[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0],
    ...[0, 0, 0, 0],
  ]);
}

function orientationSegment(orientation: number): Bytes {
  const block = orientationBlock(orientation);
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0];
  return Uint8Array.from([0xff, APP1, 0, 2 + exif.length + block.length, ...exif, ...block]);
}

/** Chunks that say something about pixels; the others are text, times, or nothing that we know. */
const PNG_CHUNKS = 'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs'.split(' ');

function stripPng(bytes: Bytes, orientation: number): Parts {
  const parts: Parts = [bytes.subarray(0, 8)];
  let offset = 8;
  while (offset + 12 <= bytes.length) {
    const name = latin1(bytes, offset + 4, 4);
    const end = offset + 12 + uint32(bytes, offset);
    if (end > bytes.length) break;
    if (PNG_CHUNKS.includes(name)) parts.push(bytes.subarray(offset, end));
    if (name === 'IHDR' && orientation > 1) parts.push(pngChunk('eXIf', orientationBlock(orientation)));
    offset = end;
    if (name === 'IEND') return parts;
  }
  parts.push(bytes.subarray(offset));
  return parts;
}

function pngChunk(name: string, data: Bytes): Bytes {
  const text = name + latin1(data, 0, data.length);
  const chunk = new Uint8Array(12 + data.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  for (let index = 0; index < text.length; index++) chunk[4 + index] = text.charCodeAt(index);
  view.setUint32(8 + data.length, crc32(text));
  return chunk;
}

const WEBP_CHUNKS = ['VP8 ', 'VP8L', 'VP8X', 'ICCP', 'ALPH', 'ANIM', 'ANMF'];
const WEBP_EXIF_FLAG = 0x08;
const WEBP_XMP_FLAG = 0x04;

function stripWebp(bytes: Bytes, orientation: number): Parts {
  const parts: Parts = [];
  const fileEnd = Math.min(bytes.length, 8 + uint32(bytes, 4, true));
  let offset = 12;
  while (offset + 8 <= fileEnd) {
    const name = latin1(bytes, offset, 4);
    const length = uint32(bytes, offset + 4, true);
    const end = offset + 8 + length + (length & 1);
    if (end > fileEnd) break;
    if (WEBP_CHUNKS.includes(name)) {
      const chunk = bytes.slice(offset, end);
      if (name === 'VP8X') chunk[8] = webpFlags(chunk[8] ?? 0, orientation);
      parts.push(chunk);
    }
    offset = end;
  }
  parts.push(bytes.subarray(offset, fileEnd));
  if (orientation > 1) parts.push(webpExif(orientation));
  const header = bytes.slice(0, 12);
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  new DataView(header.buffer).setUint32(4, length, true);
  return [header, ...parts];
}

function webpFlags(flags: number, orientation: number): number {
  const bare = flags & ~(WEBP_EXIF_FLAG | WEBP_XMP_FLAG);
  return orientation > 1 ? bare | WEBP_EXIF_FLAG : bare;
}

function webpExif(orientation: number): Bytes {
  const block = orientationBlock(orientation);
  return Uint8Array.from([0x45, 0x58, 0x49, 0x46, block.length, 0, 0, 0, ...block]);
}

function uint16(bytes: Bytes, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

function uint32(bytes: Bytes, offset: number, little = false): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, little);
}

function latin1(bytes: Bytes, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}
