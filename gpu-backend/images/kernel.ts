/**
 * The few loops over pixels that are worth SIMD, which JavaScript has not: `kernel.wat`, as WebAssembly in
 * `kernel.wasm` (`npm run kernel` writes it), and its memory. One call at a time uses it, from its first byte to its
 * last: nothing is kept there, and nothing waits.
 */
import { readFileSync } from 'node:fs';

/** Addresses and strides are in bytes. Loads and stores reach up to SLACK bytes beyond what is named. */
type Kernel = {
  /** Rows `upper` and `lower` of RGB, halved to `pixels` pixels: 2 x 2 means, halves rounded up. */
  halve(out: number, upper: number, lower: number, pixels: number): void;
  /** `bytes` sums of 16 bits: of `count` lines `stride` bytes apart, each byte by its line's weight of 16 bits. */
  rows(out: number, lines: number, stride: number, weights: number, count: number, bytes: number): void;
  /**
   * `values` float32 values for each of three planes: of `sums`, of which a pixel has three, `most` neighbours by
   * float32 weights, from the `places` (int32, in bytes) of the first ones on.
   */
  columns(
    out: number,
    plane: number,
    sums: number,
    places: number,
    weights: number,
    most: number,
    values: number,
  ): void;
};

/** What of the global is used here; the types of Node and of this project's targets have none of it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Kernel & { readonly memory: Memory } };
};
type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number };

const PAGE_BYTES = 65_536;
/** Between two things in the memory, and a multiple of what any of them is aligned to. */
export const SLACK = 64;

const { memory, ...functions } = new WebAssembly.Instance(
  new WebAssembly.Module(readFileSync(new URL('./kernel.wasm', import.meta.url))),
).exports;

export const kernel: Kernel = functions;

/** The memory as bytes, at least so many. An earlier view is worth nothing after it. */
export function room(bytes: number): Uint8Array {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  return new Uint8Array(memory.buffer);
}

/** Where the next thing may begin, behind one of so many bytes. */
export function behind(start: number, bytes: number): number {
  return (Math.ceil((start + bytes) / SLACK) + 1) * SLACK;
}
