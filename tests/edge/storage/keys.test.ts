import { expect, it } from 'vitest';
import { equalDigests } from '#edge/storage/digest';
import { crc32, generateKey, keyIdOf } from '#edge/storage/key-format';
import { createKey, verifyKey } from '#edge/storage/keys';

it('CRC-32 is that of IEEE 802.3', () => {
  expect(crc32('123456789')).toBe(0xcbf43926);
});

it('a key has its prefix, its id and a checksum that holds', () => {
  const { id, key } = generateKey('live');
  expect(key).toMatch(/^taco_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}$/);
  expect(keyIdOf(key)).toBe(id);
});

it('a typing error anywhere in a key breaks its checksum', () => {
  const { key } = generateKey('test');
  for (let index = 'taco_test_'.length; index < key.length; index++) {
    const other = key[index] === 'A' ? 'B' : 'A';
    expect(keyIdOf(key.slice(0, index) + other + key.slice(index + 1))).toBeUndefined();
  }
});

it.each(['', 'taco', 'Bearer', `taco_live_${'a'.repeat(8)}_${'a'.repeat(49)}`, 'sk-123', 'x'.repeat(10_000)])(
  'what is no key has no id (%#)',
  (text) => expect(keyIdOf(text)).toBeUndefined(),
);

it('a key whose checksum is wrong never reaches the database', async () => {
  const database = {
    prepare: () => {
      throw new Error('asked');
    },
  };
  expect(await verifyKey(database, `taco_live_${'a'.repeat(8)}_${'a'.repeat(49)}`, 0)).toBeUndefined();
});

it.each(['', 'Upper', '../x', 'a/b', 'a'.repeat(65)])('%j is no tenant', async (tenant) => {
  const database = { prepare: () => expect.unreachable() };
  await expect(createKey(database, { mode: 'live', name: '', tenant }, 0)).rejects.toThrow('a tenant is');
});

it('digests are equal only when they are', () => {
  expect(equalDigests('abc', 'abc')).toBe(true);
  expect(equalDigests('abc', 'abd')).toBe(false);
  expect(equalDigests('abc', 'ab')).toBe(false);
});
