/**
 * Reads the header of a safetensors file and nothing else: the weights stay on disk and the
 * runtime maps them. A header is hostile until every range in it has been checked.
 */
import { open } from 'node:fs/promises';
import * as z from 'zod';
import type { ElementType } from './onnx/graph.ts';

/** A checkpoint that cannot be served: what was expected, what came, how to mend it. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

export type StoredTensor = {
  readonly type: ElementType;
  /** The format's own name of the type. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly length: number;
};

/** The bound that the format's own reader has. */
const HEADER_BYTES_MAX = 100_000_000;

const storedTypes: ReadonlyMap<string, { readonly type: ElementType; readonly bytes: number }> = new Map([
  ['F32', { type: 'float32', bytes: 4 }],
  ['F16', { type: 'float16', bytes: 2 }],
  ['BF16', { type: 'bfloat16', bytes: 2 }],
  ['I64', { type: 'int64', bytes: 8 }],
  ['I32', { type: 'int32', bytes: 4 }],
  ['U8', { type: 'uint8', bytes: 1 }],
  ['BOOL', { type: 'bool', bytes: 1 }],
]);

const entry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)).max(8),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

/** Every tensor of the file by name. Throws CheckpointError where header and file do not fit. */
export async function readSafetensors(path: string): Promise<Map<string, StoredTensor>> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < 8)
      throw new CheckpointError(`${path}: a safetensors file has at least 8 bytes, this one has ${size}`);
    const prefix = new Uint8Array(8);
    await file.read(prefix, 0, 8, 0);
    const headerLength = Number(new DataView(prefix.buffer).getBigUint64(0, true));
    if (headerLength > HEADER_BYTES_MAX || headerLength > size - 8) {
      throw new CheckpointError(
        `${path}: the header claims ${headerLength} bytes, the file has ${size}; is it cut off, or no safetensors file?`,
      );
    }
    const header = new Uint8Array(headerLength);
    await file.read(header, 0, headerLength, 8);
    return parseHeader(path, header, 8 + headerLength, size);
  } finally {
    await file.close();
  }
}

function parseHeader(
  path: string,
  header: Uint8Array,
  dataStart: number,
  size: number,
): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, value] of Object.entries(parseObject(path, header))) {
    if (name === '__metadata__') continue;
    tensors.set(name, checkedTensor(path, name, value, dataStart, size));
  }
  let end = 0;
  for (const [name, tensor] of [...tensors].sort(([, a], [, b]) => a.offset - b.offset)) {
    if (tensor.offset < end) throw new CheckpointError(`${path}: tensor ${name} overlaps the one before it`);
    end = tensor.offset + tensor.length;
  }
  return tensors;
}

function parseObject(path: string, header: Uint8Array): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (error) {
    throw new CheckpointError(`${path}: the header is not JSON`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CheckpointError(`${path}: the header must be a JSON object of tensors`);
  }
  return value;
}

function checkedTensor(
  path: string,
  name: string,
  value: unknown,
  dataStart: number,
  size: number,
): StoredTensor {
  const parsed = entry.safeParse(value);
  if (!parsed.success) {
    throw new CheckpointError(`${path}: tensor ${name}: ${z.prettifyError(parsed.error)}`);
  }
  const { dtype, shape, data_offsets: range } = parsed.data;
  const stored = storedTypes.get(dtype);
  if (stored === undefined) {
    throw new CheckpointError(
      `${path}: tensor ${name} is ${dtype}; expected one of ${[...storedTypes.keys()].join(', ')}`,
    );
  }
  const length = range[1] - range[0];
  const expected = shape.reduce((product, side) => product * side, stored.bytes);
  if (length !== expected) {
    throw new CheckpointError(
      `${path}: tensor ${name} of shape [${shape}] needs ${expected} bytes, its range has ${length}`,
    );
  }
  if (dataStart + range[1] > size) {
    throw new CheckpointError(
      `${path}: tensor ${name} ends at byte ${dataStart + range[1]}, the file has ${size}`,
    );
  }
  return { type: stored.type, dtype, shape, offset: dataStart + range[0], length };
}
