/** The format of an image by its first bytes; names and declared types are never trusted. */
import type { MediaType } from '#shared/contract';

/** Bytes that `sniffMediaType` needs to see. */
export const SNIFF_BYTES = 12;

/** JPEG, PNG and WebP are accepted; anything else (SVG, PDF, HEIC, GIF ...) is undefined. */
export function sniffMediaType(head: Uint8Array): MediaType | undefined {
  const text = String.fromCharCode(...head.subarray(0, SNIFF_BYTES));
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp';
  return undefined;
}
