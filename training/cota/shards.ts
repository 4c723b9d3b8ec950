/**
 * Traces on disk: a folder of JSON-line files of a fixed number of traces each. A file gets its name when it
 * is whole, so whatever breaks off is simply made again.
 */
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { type CotaTrace, cotaTrace } from './trace.ts';

const NAME = /^traces-\d{5}\.jsonl$/;

export const shardName = (index: number): string => `traces-${String(index).padStart(5, '0')}.jsonl`;

/** Names of the whole shards of a folder, in order; none where there is no folder. */
export async function shardsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => NAME.test(name)).sort();
}

export async function writeShard(folder: string, index: number, traces: Iterable<CotaTrace>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, shardName(index));
  const lines = Array.from(traces, (trace) => `${JSON.stringify(trace)}\n`);
  await writeFile(`${file}.part`, lines.join(''));
  await rename(`${file}.part`, file);
}

/** Collects traces and writes a shard whenever one is full. */
export class ShardWriter {
  readonly #folder: string;
  readonly #size: number;
  #index = 0;
  #traces: CotaTrace[] = [];

  constructor(folder: string, size = 10_000) {
    this.#folder = folder;
    this.#size = size;
  }

  async add(trace: CotaTrace): Promise<void> {
    this.#traces.push(trace);
    if (this.#traces.length >= this.#size) await this.#write();
  }

  /** Writes the last shard, even an empty first one: a folder without any is no result. */
  async end(): Promise<void> {
    if (this.#traces.length > 0 || this.#index === 0) await this.#write();
  }

  async #write(): Promise<void> {
    await writeShard(this.#folder, this.#index++, this.#traces);
    this.#traces = [];
  }
}

/** A line that is no trace; says which one, and what was expected. */
export class TraceFileError extends Error {
  override readonly name = 'TraceFileError';
}

/** Every trace of a folder's shards, or of one file. Throws TraceFileError. */
export async function* readTraces(path: string): AsyncGenerator<CotaTrace> {
  const files = path.endsWith('.jsonl') ? [path] : (await shardsIn(path)).map((name) => join(path, name));
  if (files.length === 0) throw new TraceFileError(`${path}: expected traces-00000.jsonl ..., found none`);
  for (const file of files) {
    let number = 0;
    for await (const line of createInterface({
      input: createReadStream(file),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      number++;
      if (line.trim() === '') continue;
      yield traceOf(line, `${basename(file)}:${number}`);
    }
  }
}

function traceOf(line: string, place: string): CotaTrace {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new TraceFileError(`${place}: expected one JSON object a line`);
  }
  const parsed = cotaTrace.safeParse(value);
  if (!parsed.success) throw new TraceFileError(`${place}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
