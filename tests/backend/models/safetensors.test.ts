import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CheckpointError, readSafetensors } from '#backend/models/safetensors';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
});
afterAll(async () => rm(folder, { recursive: true }));

/** A file of a length prefix, a header and `dataBytes` zero bytes. */
async function file(header: string | Uint8Array, dataBytes: number, claimed?: bigint): Promise<string> {
  const text = typeof header === 'string' ? Buffer.from(header) : header;
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(claimed ?? BigInt(text.length));
  const path = join(folder, 'model.safetensors');
  await writeFile(path, Buffer.concat([prefix, text, Buffer.alloc(dataBytes)]));
  return path;
}

const tensor = (range: readonly number[], shape: readonly number[] = [2, 2], dtype = 'F16'): unknown => ({
  dtype,
  shape,
  data_offsets: range,
});

test('offsets are counted from the start of the file', async () => {
  const header = JSON.stringify({
    __metadata__: { format: 'pt' },
    a: tensor([0, 8]),
    b: tensor([8, 24], [4], 'F32'),
  });
  const tensors = await readSafetensors(await file(header, 24));
  expect(tensors.get('a')).toEqual({
    type: 'float16',
    dtype: 'F16',
    shape: [2, 2],
    offset: 8 + header.length,
    length: 8,
  });
  expect(tensors.get('b')?.offset).toBe(16 + header.length);
  expect(tensors.has('__metadata__')).toBe(false);
});

const hostile: ReadonlyArray<readonly [string, string | Uint8Array, number, RegExp]> = [
  ['a header that is not JSON', '{"a":', 0, /not JSON/],
  ['a header that is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 0, /not JSON/],
  ['a list as header', '[]', 0, /JSON object/],
  ['a tensor without a shape', '{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4, /tensor a/],
  ['a negative offset', JSON.stringify({ a: tensor([-8, 0]) }), 8, /tensor a/],
  ['a reversed range', JSON.stringify({ a: tensor([8, 0]) }), 8, /needs 8 bytes, its range has -8/],
  ['a range past the end', JSON.stringify({ a: tensor([8, 16]) }), 8, /ends at byte/],
  ['a range of another size', JSON.stringify({ a: tensor([0, 6]) }), 8, /needs 8 bytes/],
  ['a huge shape', JSON.stringify({ a: tensor([0, 8], [2 ** 40, 2 ** 40]) }), 8, /needs/],
  ['ranges that overlap', JSON.stringify({ a: tensor([0, 8]), b: tensor([4, 12]) }), 16, /overlaps/],
  [
    'an unknown type',
    JSON.stringify({ a: tensor([0, 4], [2, 2], 'F8_E4M3') }),
    4,
    /F8_E4M3; expected one of/,
  ],
];

test.each(hostile)('%s is refused', async (_, header, dataBytes, message) => {
  const opened = readSafetensors(await file(header, dataBytes));
  await expect(opened).rejects.toThrow(CheckpointError);
  await expect(opened).rejects.toThrow(message);
});

test('a file too short for a header is refused', async () => {
  const path = join(folder, 'short.safetensors');
  await writeFile(path, 'abc');
  await expect(readSafetensors(path)).rejects.toThrow(/at least 8 bytes/);
});

test('a header that claims more than the file has is refused', async () => {
  await expect(readSafetensors(await file('{}', 0, 1n << 60n))).rejects.toThrow(/header claims/);
});
