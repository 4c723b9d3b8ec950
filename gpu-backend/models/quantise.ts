/**
 * The linear layers of a decoder in 8 or 4 bits, for the runtime's MatMulNBits: blocks of 32 weights along the
 * input share a scale. All else of a checkpoint stays as it is.
 */
import { copyFile, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { CheckpointError } from './safetensors.ts';
import { readBytes, readFloats } from './tensor-values.ts';

/** Weights of one block. */
export const BLOCK = 32;
export const bitChoices = [8, 4] as const;
export type Bits = (typeof bitChoices)[number];

/** Names of the two tensors that stand for a quantised one. */
export const quantisedNames = (name: string) => ({ blocks: `${name}.blocks`, scales: `${name}.scales` });

export type Quantised = {
  /** [rows, blocks, 32 * bits / 8]: unsigned, two of four bits in a byte with the first one low. */
  readonly blocks: Uint8Array;
  /** [rows, blocks]; a weight is (number - 2 ** (bits - 1)) * scale. */
  readonly scales: Float32Array;
};

/** `values` [rows, columns]; where the last block is not full, it is filled up with zeros. */
export function quantiseRows(values: Float32Array, rows: number, columns: number, bits: Bits): Quantised {
  const perRow = Math.ceil(columns / BLOCK);
  const bytes = (BLOCK * bits) / 8;
  const blocks = new Uint8Array(rows * perRow * bytes);
  const scales = new Float32Array(rows * perRow);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < perRow; block++) {
      const from = row * columns + block * BLOCK;
      const weights = values.subarray(from, Math.min(from + BLOCK, (row + 1) * columns));
      const at = row * perRow + block;
      scales[at] = quantiseBlock(weights, bits, blocks.subarray(at * bytes, (at + 1) * bytes));
    }
  }
  return { blocks, scales };
}

/** The weight that is largest in size becomes the lowest number, which has no positive counterpart. */
function quantiseBlock(weights: Float32Array, bits: Bits, target: Uint8Array): number {
  const half = 2 ** (bits - 1);
  const largest = weights.reduce((most, weight) => (Math.abs(weight) > Math.abs(most) ? weight : most), 0);
  const scale = Math.fround(largest / -half);
  for (let index = 0; index < BLOCK; index++) {
    const exact = scale === 0 ? 0 : (weights[index] ?? 0) / scale;
    const number = Math.min(Math.max(Math.round(exact) + half, 0), 2 * half - 1);
    if (bits === 8) target[index] = number;
    else target[index >> 1] = (target[index >> 1] as number) | (number << (4 * (index % 2)));
  }
  return scale;
}

/** Numbers of the weights that are made small; the head has its own eight bits, whatever the others have. */
const LAYER = /^text\.layers\.\d+\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)\.weight$/;
const HEAD = 'head.weight';
const EMBEDDINGS = 'text.embed_tokens.weight';

type Part = {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly length: number;
  /** Bytes of several parts that are made together. */
  read(): Promise<readonly Uint8Array[]>;
};

export type QuantiseReport = { readonly layers: number; readonly before: number; readonly after: number };

/** Writes the checkpoint in `folder` to `target`, which must not exist. Throws CheckpointError. */
export async function quantiseCheckpoint(
  folder: string,
  target: string,
  bits: Bits,
): Promise<QuantiseReport> {
  const checkpoint = await openCheckpoint(folder);
  const groups = groupsOf(checkpoint, bits);
  const layers = groups.filter((parts) => parts.length > 1).length;
  if (layers === 0) throw new CheckpointError(`${folder}: there is no decoder layer to make smaller`);
  await mkdir(target);
  for (const name of await readdir(folder))
    if (/\.(json|jinja|txt)$/.test(name) && !name.endsWith('.index.json'))
      await copyFile(join(folder, name), join(target, name));
  await writeSafetensors(join(target, 'model.safetensors'), groups);
  const bytes = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0);
  return {
    layers,
    before: bytes([...checkpoint.tensors.values()].map(({ length }) => length)),
    after: bytes(groups.flat().map(({ length }) => length)),
  };
}

/** What is written for each tensor: itself, or blocks and scales. */
function groupsOf(checkpoint: Checkpoint, bits: Bits): Part[][] {
  const { folder, tensors } = checkpoint;
  const groups = [...tensors].map(([name, tensor]): Part[] => {
    if (LAYER.test(name)) return quantisedParts(checkpoint, name, tensor.stored, bits);
    if (name === HEAD) return quantisedParts(checkpoint, name, tensor.stored, 8);
    const { stored, shape, length, dtype } = tensor;
    return [
      { name: stored, type: dtype, shape, length, read: async () => [await readBytes(folder, tensor)] },
    ];
  });
  // Tied embeddings are read row by row as they are; the head's large product gets a small copy of its own.
  if (!tensors.has(HEAD) && tensors.has(EMBEDDINGS))
    groups.push(quantisedParts(checkpoint, EMBEDDINGS, 'lm_head.weight', 8));
  return groups;
}

function quantisedParts(checkpoint: Checkpoint, name: string, stored: string, bits: Bits): Part[] {
  const [rows = 0, columns = 0] = checkpoint.tensors.get(name)?.shape ?? [];
  const names = quantisedNames(stored);
  const perRow = Math.ceil(columns / BLOCK);
  const bytes = (BLOCK * bits) / 8;
  const read = async (): Promise<Uint8Array[]> => {
    const { blocks, scales } = quantiseRows(await readFloats(checkpoint, name), rows, columns, bits);
    return [blocks, new Uint8Array(scales.buffer)];
  };
  const length = rows * perRow;
  return [
    { name: names.blocks, type: 'U8', shape: [rows, perRow, bytes], length: length * bytes, read },
    { name: names.scales, type: 'F32', shape: [rows, perRow], length: length * 4, read },
  ];
}

/** The header first, then the tensors one after the other, so that one of them is in memory at a time. */
async function writeSafetensors(path: string, groups: readonly Part[][]): Promise<void> {
  let at = 0;
  const header = Object.fromEntries(
    groups.flat().map(({ name, type, shape, length }) => {
      const from = at;
      at += length;
      return [name, { dtype: type, shape, data_offsets: [from, at] }];
    }),
  );
  const text = JSON.stringify(header);
  // The format wants its data to begin at a multiple of eight.
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const size = new Uint8Array(BigUint64Array.of(BigInt(json.length)).buffer);
  const file = await open(path, 'wx');
  try {
    for (const bytes of [size, json]) await file.writeFile(bytes);
    for (const [first] of groups)
      for (const bytes of (await first?.read()) ?? []) await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}
