import { expect, it } from 'vitest';
import { type CacheSubject, cacheKey, canonicalJson, readCached } from '#edge/storage/tool-cache';

const subject: CacheSubject = {
  tenant: 'a',
  tool: 'OCR',
  version: '1/m',
  arguments: { image: 'image-0' },
  images: { 'image-0': 'ff' },
};

it('equal values have equal text, whatever the order of their members', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: 1 })).toBe('{"a":1,"b":[{"c":2,"d":1}]}');
});

it.each([
  { tenant: 'b' },
  { tool: 'Crop' },
  { version: '1/n' },
  { arguments: { image: 'image-1' } },
  { images: { 'image-0': 'fe' } },
])('another %j has another key', async (other) => {
  expect(await cacheKey({ ...subject, ...other })).not.toBe(await cacheKey(subject));
});

it('an entry that cannot be read counts as none', async () => {
  const broken = { get: async () => ({ observation: 7 }), put: async () => undefined };
  expect(await readCached(broken as never, 'k')).toBeUndefined();
  const failing = { get: async () => Promise.reject(new Error('away')), put: async () => undefined };
  expect(await readCached(failing as never, 'k')).toBeUndefined();
});
