/** The numbers of single tensors, for the few that are not the runtime's to read. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import { CheckpointError } from './safetensors.ts';

/** The tensor as float32, whichever of the three float types it is stored in. */
export async function readFloats(
  { folder, tensors }: Checkpoint,
  name: string,
): Promise<Float32Array<ArrayBuffer>> {
  const tensor = tensors.get(name);
  if (!tensor) throw new CheckpointError(`${folder}: the weight ${name} is missing`);
  const widen = Object.hasOwn(widenings, tensor.type)
    ? widenings[tensor.type as keyof typeof widenings]
    : undefined;
  if (!widen) throw new CheckpointError(`${folder}: ${tensor.stored} is ${tensor.type}, expected floats`);
  return widen((await readBytes(folder, tensor)).buffer);
}

/** The bytes of a tensor as they lie in its file. */
export async function readBytes(
  folder: string,
  { file, offset, length }: CheckpointTensor,
): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(join(folder, file), 'r');
  try {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0)
        throw new CheckpointError(`${folder}/${file}: the file ends before its tensors do`);
      done += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

const widenings = {
  float32: (bytes: ArrayBuffer) => new Float32Array(bytes),
  /** The upper half of a float32. */
  bfloat16: (bytes: ArrayBuffer) =>
    new Float32Array(Uint32Array.from(new Uint16Array(bytes), (half) => half << 16).buffer),
  float16: (bytes: ArrayBuffer) => Float32Array.from(new Uint16Array(bytes), floatOfHalf),
} as const;

/** IEEE 754 binary16. */
function floatOfHalf(half: number): number {
  const sign = half & 0x80_00 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3_ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
