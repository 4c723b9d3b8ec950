/**
 * One file over HTTP, resumed where it broke off, and moved to its place only when size and SHA-256 are
 * those of the manifest. Nothing that a server says is believed: not its length, not its ranges.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '#backend/packs/pack-error';

export type Download = {
  readonly url: URL;
  /** Where the whole file goes; the part lies beside it. */
  readonly target: string;
  readonly bytes: number;
  readonly sha256: string;
};

export type DownloadOptions = {
  /** Bytes that lie on the disk so far, called for every chunk. */
  readonly onProgress?: (bytes: number) => void;
  /** Tries in a row that bring not one byte. */
  readonly attemptsMax?: number;
  /** A connection that brings nothing for so long is given up, and resumed. */
  readonly stallMs?: number;
  readonly delay?: (ms: number) => Promise<unknown>;
  readonly signal?: AbortSignal;
};

const ATTEMPTS_MAX = 6;
const STALL_MS = 60_000;
const BACKOFF_MS_MIN = 500;
const BACKOFF_MS_MAX = 20_000;
const REDIRECTS_MAX = 5;

/** What ends a try but not the download. */
class Broken extends Error {
  override readonly name = 'Broken';
}

/** Throws PackError: download_failed, size_mismatch, digest_mismatch. */
export async function downloadFile(file: Download, options: DownloadOptions = {}): Promise<void> {
  const { attemptsMax = ATTEMPTS_MAX, delay = sleep } = options;
  await mkdir(dirname(file.target), { recursive: true });
  const part = await Part.open(file);
  let last = '';
  try {
    let furthest = part.bytes;
    for (let failures = 0; failures < attemptsMax; ) {
      try {
        await part.fill(options);
        if (await part.isGenuine()) return await part.finish();
        // What was begun by an earlier pull may be what is wrong: once more from the first byte.
        last = await part.startAgain();
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        last = error.message;
        failures = part.bytes > furthest ? 0 : failures + 1;
        furthest = Math.max(furthest, part.bytes);
      }
      options.signal?.throwIfAborted();
      if (failures > 0) await delay(Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (failures - 1)));
    }
  } finally {
    await part.close();
  }
  throw new PackError(
    'download_failed',
    `${file.url}: ${last} The ${part.bytes} bytes that came are kept; the same command goes on from there.`,
  );
}

class Part {
  bytes = 0;
  readonly #file: Download;
  readonly #path: string;
  readonly #handle: FileHandle;
  #hash: Hash = createHash('sha256');
  #wasResumed = false;

  private constructor(file: Download, path: string, handle: FileHandle) {
    this.#file = file;
    this.#path = path;
    this.#handle = handle;
  }

  static async open(file: Download): Promise<Part> {
    const path = `${file.target}.partial`;
    // Never through a link that somebody has laid there.
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW);
    const part = new Part(file, path, handle);
    await part.#takeUp();
    return part;
  }

  /** Hashes what an earlier pull has left. */
  async #takeUp(): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size > this.#file.bytes) return await this.#empty();
    for await (const chunk of this.#handle.createReadStream({ start: 0, autoClose: false })) {
      this.#hash.update(chunk);
      this.bytes += chunk.length;
    }
    this.#wasResumed = this.bytes > 0;
  }

  async #empty(): Promise<void> {
    await this.#handle.truncate(0);
    this.#hash = createHash('sha256');
    this.bytes = 0;
    this.#wasResumed = false;
  }

  /** Asks for what is missing, and takes it in. Throws Broken where another try may help. */
  async fill({ onProgress, stallMs = STALL_MS, signal }: DownloadOptions): Promise<void> {
    if (this.bytes === this.#file.bytes) return;
    const stalled = new AbortController();
    const abort = AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]);
    const timer = setTimeout(() => stalled.abort(), stallMs);
    try {
      const response = await request(this.#file.url, await this.#headers(), abort);
      await this.#begin(response);
      for await (const chunk of response.body ?? []) {
        timer.refresh();
        await this.#take(chunk);
        onProgress?.(this.bytes);
      }
    } catch (error) {
      if (error instanceof PackError || error instanceof Broken) throw error;
      signal?.throwIfAborted();
      throw new Broken(stalled.signal.aborted ? `Nothing came for ${stallMs} ms.` : `${reasonOf(error)}.`);
    } finally {
      clearTimeout(timer);
      // Whatever is not wanted of the reply is not waited for.
      stalled.abort();
    }
    if (this.bytes < this.#file.bytes)
      throw new Broken(`The connection ended after ${this.bytes} of ${this.#file.bytes} bytes.`);
  }

  async #headers(): Promise<Headers> {
    // A compressed reply could not be resumed at a byte.
    const headers = new Headers({ 'accept-encoding': 'identity', 'user-agent': 'taco-edge models' });
    if (this.bytes === 0) return headers;
    headers.set('range', `bytes=${this.bytes}-`);
    const validator = await readFile(`${this.#path}.json`, 'utf8').catch(() => undefined);
    if (validator !== undefined) headers.set('if-range', validator);
    return headers;
  }

  /** Looks at status, range and length before a byte is taken. */
  async #begin(response: Response): Promise<void> {
    const { url, bytes } = this.#file;
    if (response.status === 206) this.#checkRange(response);
    else if (response.status === 200) await this.#empty();
    else {
      if (response.status === 416) await this.#empty();
      await response.body?.cancel();
      const again = [408, 416, 425, 429].includes(response.status) || response.status >= 500;
      if (again) throw new Broken(`The server answered ${response.status}.`);
      throw new PackError(
        'download_failed',
        `${url}: expected 200 or 206, the server answered ${response.status}.`,
      );
    }
    const length = response.headers.get('content-length');
    if (length !== null && Number(length) !== bytes - this.bytes)
      throw new PackError(
        'size_mismatch',
        `${url}: the manifest says ${bytes} bytes, the server announces ${Number(length) + this.bytes}.`,
      );
    // If-Range takes strong tags and dates; HTTP has no other.
    const tag = response.headers.get('etag');
    const validator = tag && !tag.startsWith('W/') ? tag : response.headers.get('last-modified');
    if (validator) await writeFile(`${this.#path}.json`, validator);
    else await rm(`${this.#path}.json`, { force: true });
  }

  #checkRange(response: Response): void {
    const range = response.headers.get('content-range') ?? '';
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
    if (start === undefined || Number(start) !== this.bytes)
      throw new PackError(
        'download_failed',
        `${this.#file.url}: expected the bytes from ${this.bytes} on, the server sends ${JSON.stringify(range)}.`,
      );
    if (total !== '*' && Number(total) !== this.#file.bytes)
      throw new PackError(
        'size_mismatch',
        `${this.#file.url}: the manifest says ${this.#file.bytes} bytes, the server ${total}.`,
      );
  }

  async #take(chunk: Uint8Array): Promise<void> {
    if (this.bytes + chunk.length > this.#file.bytes) {
      await this.#empty();
      throw new PackError(
        'size_mismatch',
        `${this.#file.url}: the manifest says ${this.#file.bytes} bytes, the server sends more.`,
      );
    }
    for (let written = 0; written < chunk.length; ) {
      const { bytesWritten } = await this.#handle.write(
        chunk,
        written,
        chunk.length - written,
        this.bytes + written,
      );
      written += bytesWritten;
    }
    this.#hash.update(chunk);
    this.bytes += chunk.length;
  }

  async isGenuine(): Promise<boolean> {
    return this.#hash.copy().digest('hex') === this.#file.sha256;
  }

  /** Throws `digest_mismatch` where every byte came in this very pull. */
  async startAgain(): Promise<string> {
    const found = this.#hash.copy().digest('hex');
    const mayMend = this.#wasResumed;
    await this.#empty();
    await rm(`${this.#path}.json`, { force: true });
    const what = `expected SHA-256 ${this.#file.sha256}, what came has ${found}.`;
    if (!mayMend) throw new PackError('digest_mismatch', `${this.#file.url}: ${what} It was thrown away.`);
    return what;
  }

  async finish(): Promise<void> {
    await this.#handle.sync();
    await rename(this.#path, this.#file.target);
    await rm(`${this.#path}.json`, { force: true });
  }

  async close(): Promise<void> {
    await this.#handle.close();
    if (this.bytes === 0) await rm(this.#path, { force: true });
  }
}

/** Follows redirects itself: to HTTP(S) only, and never from HTTPS to HTTP. */
async function request(url: URL, headers: Headers, signal: AbortSignal): Promise<Response> {
  let at = url;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const response = await fetch(at.href, { headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = URL.parse(location, at.href);
    const mayGo = next?.protocol === 'https:' || (next?.protocol === 'http:' && at.protocol === 'http:');
    if (!next || !mayGo)
      throw new PackError('download_failed', `${at}: refused to follow it to ${location.slice(0, 200)}.`);
    at = next;
  }
  throw new PackError('download_failed', `${url}: expected at most ${REDIRECTS_MAX} redirects.`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
