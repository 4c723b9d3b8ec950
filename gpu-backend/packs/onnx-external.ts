/**
 * Which other files an ONNX model reads its weights from. Only the structure of the protobuf is walked:
 * weights are stepped over, so a model of gigabytes costs a few reads. Field numbers are those of onnx.proto.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { PackError } from './pack-error.ts';

export type ExternalData = {
  readonly location: string;
  /** Last byte that is read, exclusive; 0 where the model does not say. */
  readonly end: number;
};

/** Messages that lead to tensors, and the fields by which they do. */
const routes = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  function: { 7: 'node', 11: 'attribute' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: { 13: 'entry' },
  entry: {},
} as const satisfies Record<string, Readonly<Record<number, string>>>;

type Message = keyof typeof routes;

const DEPTH_MAX = 64;
const TEXT_BYTES_MAX = 4096;
const WINDOW_BYTES = 64 * 1024;

/** Throws PackError `model_invalid` where the file is not the protobuf that it must be. */
export async function externalDataOf(path: string): Promise<ExternalData[]> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const walk = new Walk(path, new Window(handle, size));
    await walk.message('model', 0, size, 0);
    return walk.found;
  } finally {
    await handle.close();
  }
}

type Entries = Map<string, string>;

class Walk {
  readonly found: ExternalData[] = [];
  readonly #path: string;
  readonly #window: Window;

  constructor(path: string, window: Window) {
    this.#path = path;
    this.#window = window;
  }

  /** Walks the message in [start, end). `entries` collects the external data of the tensor around it. */
  async message(kind: Message, start: number, end: number, depth: number, entries?: Entries): Promise<void> {
    if (depth > DEPTH_MAX) throw this.#invalid('messages are nested too deep');
    const own: Entries = new Map();
    const pair: [key: string, value: string] = ['', ''];
    let position = start;
    while (position < end) {
      const tag = await this.#varint(position, end);
      const field = Math.floor(tag.value / 8);
      const from = tag.next;
      const next = await this.#skip(tag.value % 8, from, end);
      position = next.end;
      if (next.start === undefined) continue;
      if (kind === 'entry' && (field === 1 || field === 2))
        pair[field - 1] = await this.#text(next.start, next.end);
      const inner = (routes[kind] as Readonly<Record<number, Message>>)[field];
      if (inner) await this.message(inner, next.start, next.end, depth + 1, own);
    }
    if (kind === 'entry') entries?.set(pair[0], pair[1]);
    if (kind === 'tensor' && own.size > 0) this.found.push(this.#external(own));
  }

  #external(entries: Entries): ExternalData {
    const location = entries.get('location');
    if (location === undefined) throw this.#invalid('external data has no location');
    const number = (key: string): number => {
      const text = entries.get(key) ?? '0';
      if (!/^\d{1,15}$/.test(text))
        throw this.#invalid(`external data has the ${key} ${JSON.stringify(text)}`);
      return Number(text);
    };
    return { location, end: number('offset') + number('length') };
  }

  /** Where a field of this wire type ends; `start` is set for those that hold bytes. */
  async #skip(
    wireType: number,
    from: number,
    end: number,
  ): Promise<{ readonly start?: number; readonly end: number }> {
    if (wireType === 0) return { end: (await this.#varint(from, end)).next };
    const length = wireType === 2 ? await this.#varint(from, end) : undefined;
    const start = length?.next ?? from;
    const bytes = length?.value ?? (wireType === 1 ? 8 : wireType === 5 ? 4 : Number.NaN);
    if (!(bytes <= end - start)) throw this.#invalid(`a field at byte ${from} leaves its message`);
    return length ? { start, end: start + bytes } : { end: start + bytes };
  }

  async #varint(from: number, end: number): Promise<{ readonly value: number; readonly next: number }> {
    let value = 0;
    for (let index = 0; index < 10 && from + index < end; index++) {
      const byte = await this.#window.byte(from + index);
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return { value, next: from + index + 1 };
    }
    throw this.#invalid(`there is no number at byte ${from}`);
  }

  async #text(start: number, end: number): Promise<string> {
    if (end - start > TEXT_BYTES_MAX) throw this.#invalid('a name of external data is too long');
    const bytes = new Uint8Array(end - start);
    for (let index = 0; index < bytes.length; index++) bytes[index] = await this.#window.byte(start + index);
    return new TextDecoder().decode(bytes);
  }

  #invalid(what: string): PackError {
    return new PackError('model_invalid', `${this.#path}: expected an ONNX model, but ${what}.`);
  }
}

/** Reads a file a window at a time, so that a walk that jumps over weights does not read them. */
class Window {
  readonly #handle: FileHandle;
  readonly #size: number;
  readonly #bytes = new Uint8Array(WINDOW_BYTES);
  #start = 0;
  #end = 0;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  byte(position: number): number | Promise<number> {
    return position >= this.#start && position < this.#end
      ? (this.#bytes[position - this.#start] ?? 0)
      : this.#load(position);
  }

  async #load(position: number): Promise<number> {
    const wanted = Math.min(WINDOW_BYTES, this.#size - position);
    const { bytesRead } = await this.#handle.read(this.#bytes, 0, wanted, position);
    this.#start = position;
    this.#end = position + bytesRead;
    return this.#bytes[0] ?? 0;
  }
}
