/**
 * Images on disk under their SHA-256. A file is written beside its place, checked, then renamed,
 * so that a name always stands for whole, decodable bytes. What the header says is kept in the
 * file name (`<sha256>-<width>x<height>.<type>`), so a restart needs no index.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaType, StoredImage } from '#shared/contract';
import { ApiError } from '#shared/errors';
import { IMAGE_BYTES_MAX } from '#shared/limits';

const extensions: Readonly<Record<MediaType, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
};
const FILE_NAME = /^([0-9a-f]{64})-(\d{1,5})x(\d{1,5})\.(jpg|png|webp)$/;

/** What is found out about bytes by decoding them. */
export type Inspected = { readonly mediaType: MediaType; readonly width: number; readonly height: number };
/** Throws ApiError when the file is no image of ours. */
export type Inspect = (file: string, sha256: string) => Promise<Inspected>;

/** How exactly a file tells when its image was last used: a touch for every step would cost more than the rest of it. */
const TOUCH_MS = 60_000;

type Entry = {
  readonly image: StoredImage;
  readonly file: string;
  pins: number;
  /** Milliseconds since 1970, of the file. */
  touched: number;
};

/** Paths by digest. */
export type Pinned = { readonly files: Readonly<Record<string, string>>; release(): void };

export type ImageStore = {
  find(sha256: string): StoredImage | undefined;
  /** A stream of the bytes; undefined when the store has no such image. */
  read(sha256: string): ReadStream | undefined;
  /**
   * Stores bytes that must have this digest. Throws ApiError: body_too_large, invalid_request
   * (other digest), and what `inspect` throws. Images that we made ourselves come with what is `known`.
   */
  put(
    sha256: string,
    body: AsyncIterable<Uint8Array>,
    known?: Inspected,
  ): Promise<{ image: StoredImage; created: boolean }>;
  /** The files of these digests, none of which is evicted before `release`. Throws images_missing. */
  pin(digests: readonly string[]): Pinned;
  readonly bytes: number;
};

export type ImageStoreOptions = {
  readonly folder: string;
  readonly bytesMax: number;
  readonly inspect: Inspect;
};

/** Finds what an earlier process stored in the folder, and clears what it had half written. */
export async function openImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  const scratch = join(options.folder, 'incoming');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  return new DiskImageStore(options, scratch, await readEntries(options.folder));
}

class DiskImageStore implements ImageStore {
  readonly #options: ImageStoreOptions;
  readonly #scratch: string;
  /** In order of use, the least recent first. */
  readonly #entries: Map<string, Entry>;
  #bytes: number;

  constructor(options: ImageStoreOptions, scratch: string, entries: Map<string, Entry>) {
    this.#options = options;
    this.#scratch = scratch;
    this.#entries = entries;
    this.#bytes = [...entries.values()].reduce((sum, entry) => sum + entry.image.bytes, 0);
  }

  get bytes(): number {
    return this.#bytes;
  }

  find(sha256: string): StoredImage | undefined {
    return this.#entries.get(sha256)?.image;
  }

  read(sha256: string): ReadStream | undefined {
    const entry = this.#use(sha256);
    return entry && createReadStream(entry.file);
  }

  async put(
    sha256: string,
    body: AsyncIterable<Uint8Array>,
    known?: Inspected,
  ): Promise<{ image: StoredImage; created: boolean }> {
    const stored = this.#use(sha256);
    if (stored) return { image: stored.image, created: false };
    const incoming = join(this.#scratch, randomUUID());
    try {
      const bytes = await receive(sha256, body, incoming);
      const { mediaType, width, height } = known ?? (await this.#options.inspect(incoming, sha256));
      const image: StoredImage = { sha256, media_type: mediaType, width, height, bytes };
      const file = join(this.#options.folder, `${sha256}-${width}x${height}.${extensions[mediaType]}`);
      await rename(incoming, file);
      // The same image may have come twice at once; the bytes are equal, so either file will do.
      const created = !this.#entries.has(sha256);
      if (created) {
        this.#entries.set(sha256, { image, file, pins: 0, touched: Date.now() });
        this.#bytes += bytes;
        await this.#evict();
      }
      return { image, created };
    } finally {
      await rm(incoming, { force: true });
    }
  }

  pin(digests: readonly string[]): Pinned {
    const missing = [...new Set(digests.filter((digest) => !this.#entries.has(digest)))];
    if (missing.length > 0) {
      const message = `${missing.length} image(s) are not stored here: put them, then repeat the call.`;
      throw new ApiError('images_missing', message, { extra: { missing } });
    }
    const pinned = [...new Set(digests)].flatMap((digest) => this.#use(digest) ?? []);
    for (const entry of pinned) entry.pins++;
    return {
      files: Object.fromEntries(pinned.map((entry) => [entry.image.sha256, entry.file])),
      release: () => {
        for (const entry of pinned.splice(0)) entry.pins--;
      },
    };
  }

  /** Makes an image the most recently used, here and, by the time of its file, for later processes. */
  #use(sha256: string): Entry | undefined {
    const entry = this.#entries.get(sha256);
    if (!entry) return undefined;
    this.#entries.delete(sha256);
    this.#entries.set(sha256, entry);
    const now = Date.now();
    if (now - entry.touched > TOUCH_MS) {
      entry.touched = now;
      utimes(entry.file, new Date(now), new Date(now)).catch(() => undefined);
    }
    return entry;
  }

  async #evict(): Promise<void> {
    for (const [sha256, entry] of this.#entries) {
      if (this.#bytes <= this.#options.bytesMax) return;
      if (entry.pins > 0) continue;
      this.#entries.delete(sha256);
      this.#bytes -= entry.image.bytes;
      await rm(entry.file, { force: true });
    }
  }
}

/** Writes the body to a file and gives its length; throws when it is too long or has another digest. */
async function receive(sha256: string, body: AsyncIterable<Uint8Array>, path: string): Promise<number> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > IMAGE_BYTES_MAX) {
        throw new ApiError(
          'body_too_large',
          `Expected an image of at most ${IMAGE_BYTES_MAX} bytes; more came.`,
        );
      }
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  const digest = hash.digest('hex');
  if (digest !== sha256) {
    throw new ApiError(
      'invalid_request',
      `Expected bytes with the SHA-256 of the path; these ${bytes} bytes have ${digest}.`,
    );
  }
  return bytes;
}

async function readEntries(folder: string): Promise<Map<string, Entry>> {
  const found: Array<{ entry: Entry; used: number }> = [];
  for (const name of await readdir(folder)) {
    const match = FILE_NAME.exec(name);
    if (!match) continue;
    const [, sha256 = '', width, height, extension] = match;
    const mediaType = mediaTypeOf(extension);
    const file = join(folder, name);
    const { size, mtimeMs } = await stat(file);
    const image = {
      sha256,
      media_type: mediaType,
      width: Number(width),
      height: Number(height),
      bytes: size,
    };
    found.push({ entry: { image, file, pins: 0, touched: mtimeMs }, used: mtimeMs });
  }
  found.sort((first, second) => first.used - second.used);
  return new Map(found.map(({ entry }) => [entry.image.sha256, entry]));
}

function mediaTypeOf(extension: string | undefined): MediaType {
  const types: readonly MediaType[] = ['image/jpeg', 'image/png', 'image/webp'];
  return types.find((type) => extensions[type] === extension) ?? 'image/jpeg';
}
