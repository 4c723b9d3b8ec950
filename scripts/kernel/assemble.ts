/** The kernel of loops over pixels: WebAssembly out of its text. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import wabt from 'wabt';
import { ROOT } from '../cli/worker.ts';

export const KERNEL = 'gpu-backend/images/kernel.wasm';
const TEXT = 'gpu-backend/images/kernel.wat';

/** What KERNEL has to be. Throws, with the line, where the text is none. */
export async function assembled(): Promise<Uint8Array> {
  const { parseWat } = await wabt();
  const module = parseWat(TEXT, await readFile(join(ROOT, TEXT)));
  module.validate();
  return module.toBinary({}).buffer;
}
