import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImageStore, openImageStore } from '#backend/images/store';
import { ApiError } from '#shared/errors';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taco-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (bytesMax = 1_000): Promise<ImageStore> =>
  openImageStore({
    folder,
    bytesMax,
    inspect: async () => ({ mediaType: 'image/png', width: 3, height: 2 }),
  });
const bytesOf = (seed: string, length = 300): Uint8Array => Buffer.alloc(length, seed);
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const put = async (store: ImageStore, bytes: Uint8Array): Promise<string> => {
  await store.put(digest(bytes), ReadableStream.from([bytes]));
  return digest(bytes);
};

describe('openImageStore', () => {
  it('finds its images again after a restart, and clears half-written ones', async () => {
    const id = await put(await open(), bytesOf('a'));
    writeFileSync(join(folder, 'incoming', 'left-over'), 'x');
    const again = await open();
    expect(again.find(id)).toEqual({ sha256: id, media_type: 'image/png', width: 3, height: 2, bytes: 300 });
    expect(again.bytes).toBe(300);
    expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
  });

  it('drops the least recently used when the budget is spent', async () => {
    const store = await open();
    const [a, b, c] = [
      await put(store, bytesOf('a')),
      await put(store, bytesOf('b')),
      await put(store, bytesOf('c')),
    ];
    store.pin([a]).release();
    const d = await put(store, bytesOf('d'));
    expect([a, b, c, d].map((id) => store.find(id) !== undefined)).toEqual([true, false, true, true]);
    expect(store.bytes).toBe(900);
    expect(readdirSync(folder).filter((name) => name.endsWith('.png'))).toHaveLength(3);
  });

  it('never drops a pinned image', async () => {
    const store = await open();
    const a = await put(store, bytesOf('a'));
    const pinned = store.pin([a, a]);
    for (const seed of ['b', 'c', 'd', 'e']) await put(store, bytesOf(seed));
    expect(store.find(a)).toBeDefined();
    expect(Object.keys(pinned.files)).toEqual([a]);
    pinned.release();
    pinned.release();
    await put(store, bytesOf('f'));
    expect(store.find(a)).toBeUndefined();
  });

  it('keeps nothing of bytes that are no image', async () => {
    const store = await openImageStore({
      folder,
      bytesMax: 1_000,
      inspect: async () => {
        throw new ApiError('image_undecodable', 'damaged');
      },
    });
    await expect(put(store, bytesOf('a'))).rejects.toMatchObject({ code: 'image_undecodable' });
    expect(store.bytes).toBe(0);
    expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
  });

  it('keeps nothing of an upload that breaks off', async () => {
    const store = await open();
    const broken = ReadableStream.from(
      (async function* () {
        yield bytesOf('a', 10);
        throw new Error('connection lost');
      })(),
    );
    await expect(store.put(digest(bytesOf('a')), broken)).rejects.toThrow('connection lost');
    expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
  });

  it('counts an image once that comes twice at the same time', async () => {
    const store = await open();
    await Promise.all([put(store, bytesOf('a')), put(store, bytesOf('a'))]);
    expect(store.bytes).toBe(300);
  });

  it('lists each missing image once', async () => {
    const store = await open();
    const missing = ['0'.repeat(64), '1'.repeat(64)];
    expect(() => store.pin([...missing, ...missing])).toThrow(
      expect.objectContaining({ code: 'images_missing', extra: { missing } }),
    );
  });
});
