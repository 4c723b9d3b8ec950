import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pack } from '#backend/packs/manifest';
import { pullPack, urlOf } from '../../../scripts/models/pull.ts';
import { createPlace, type Files, type Place, packOf } from '../../backend/packs/support.ts';
import { ETAG, type Reply, ScriptedHub, serve, status, weights, whole } from './scripted-hub.ts';

const files: Files = { 'weights.bin': weights };

let place: Place;
let hub: ScriptedHub;
beforeEach(async () => {
  place = await createPlace();
  hub = await ScriptedHub.start();
});
afterEach(async () => {
  await hub.stop();
  await place.remove();
});

const pack = packOf('small', 'depth', 'any', files);
const target = (): string => join(place.folders.pulled, 'small', 'weights.bin');

async function pull(row: Pack = pack, options: { acceptNonCommercial?: boolean; stallMs?: number } = {}) {
  const waits: number[] = [];
  const shown: number[] = [];
  await pullPack(row, place.folders, {
    mirror: new URL(hub.base),
    acceptNonCommercial: options.acceptNonCommercial ?? false,
    stallMs: options.stallMs ?? 30_000,
    delay: async (ms) => void waits.push(ms),
    onProgress: (_file, bytes) => {
      shown.push(bytes);
      hub.arrived(bytes);
    },
  });
  return { waits, shown };
}

async function leave(bytes: Uint8Array, tag?: string): Promise<void> {
  await mkdir(dirname(target()), { recursive: true });
  await writeFile(`${target()}.partial`, bytes);
  if (tag !== undefined) await writeFile(`${target()}.partial.json`, tag);
}

describe('a pull', () => {
  it('asks {base}/{repository}/resolve/{revision}/{path}, shows progress, leaves the file alone', async () => {
    const { shown } = await pull();
    expect(hub.asked).toEqual([
      { url: '/owner/model/resolve/abc123/weights.bin', range: undefined, ifRange: undefined },
    ]);
    expect(shown.at(-1)).toBe(weights.length);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(await readFile(target())).toEqual(Buffer.from(weights));
    expect(await readdir(dirname(target()))).toEqual(['weights.bin']);
  });

  it('does not ask again for what is there', async () => {
    await pull();
    await pull();
    expect(hub.asked).toHaveLength(1);
  });

  it('replaces a file that is not what the manifest says', async () => {
    await place.put(pack, { 'weights.bin': weights.slice(1) });
    await pull();
    expect(await readFile(target())).toEqual(Buffer.from(weights));
  });

  it('goes on where a connection was cut, under the same tag', async () => {
    hub.script = [hub.cutAfter(100_000), hub.cutAfter(50_000), whole];
    await pull();
    const [first, ...more] = hub.asked.map(({ range, ifRange }) => [range, ifRange]);
    expect(first).toEqual([undefined, undefined]);
    expect(more).toEqual([
      ['bytes=100000-', ETAG],
      ['bytes=150000-', ETAG],
    ]);
    expect(await readFile(target())).toEqual(Buffer.from(weights));
  });

  it('goes on in a later process', async () => {
    await leave(weights.slice(0, 200_000), ETAG);
    await pull();
    expect(hub.asked).toEqual([{ url: expect.any(String), range: 'bytes=200000-', ifRange: ETAG }]);
    expect(await readFile(target())).toEqual(Buffer.from(weights));
  });

  it('begins anew where the server has another version by now', async () => {
    await leave(new Uint8Array(1_000), '"older"');
    await pull();
    expect(hub.asked).toHaveLength(1);
    expect(await readFile(target())).toEqual(Buffer.from(weights));
  });

  it('begins anew once where what was left before turns out wrong', async () => {
    await leave(new Uint8Array(1_000));
    hub.script = [serve(weights, undefined)];
    await pull();
    expect(hub.asked.map(({ range }) => range)).toEqual(['bytes=1000-', undefined]);
    expect(await readFile(target())).toEqual(Buffer.from(weights));
  });

  it('throws away a part that is longer than the file, and one that the server cannot continue', async () => {
    await leave(new Uint8Array(weights.length + 1));
    await pull();
    expect(hub.asked[0]?.range).toBeUndefined();
    await place.put(pack, { 'weights.bin': new Uint8Array(1) });
    await leave(weights.slice(0, 10), ETAG);
    hub.script = [status(416), whole];
    await pull();
    expect(await readFile(target())).toEqual(Buffer.from(weights));
  });

  it('repeats after 503 with growing waits, and gives up in the end', async () => {
    hub.script = [status(503), status(429), whole];
    expect((await pull()).waits).toEqual([500, 1_000]);
    await place.put(pack, { 'weights.bin': new Uint8Array(1) });
    hub.script = [status(503)];
    await expect(pull()).rejects.toMatchObject({ code: 'download_failed' });
  });

  it('gives up a server that ends every reply early, and keeps what came', async () => {
    hub.script = [hub.cutAfter(1_000), hub.cutAfter(0)];
    await expect(pull()).rejects.toMatchObject({ code: 'download_failed' });
    expect(await readFile(`${target()}.partial`)).toEqual(Buffer.from(weights.slice(0, 1_000)));
  });

  it('gives up a server that falls silent, and goes on from there', async () => {
    hub.script = [
      (_request, response) => void response.writeHead(200, { etag: ETAG }).write(weights.slice(0, 500)),
      whole,
    ];
    await pull(pack, { stallMs: 200 });
    expect(hub.asked[1]?.range).toBe('bytes=500-');
  });
});

describe('a server that lies', () => {
  const extra = Uint8Array.of(...weights.slice(0, 10));
  const lies: ReadonlyArray<readonly [string, string, Reply]> = [
    ['a flipped bit', 'digest_mismatch', serve(flipped(), ETAG)],
    ['a longer length', 'size_mismatch', status(200, { 'content-length': '300001' })],
    ['a shorter file', 'size_mismatch', serve(weights.subarray(1), ETAG)],
    ['more bytes than it announced', 'size_mismatch', endless],
    ['404', 'download_failed', status(404)],
    ['403', 'download_failed', status(403)],
    [
      'a redirect without end',
      'download_failed',
      (request, response) => status(302, { location: request.url ?? '' })(request, response),
    ],
    [
      'a redirect to a file of this machine',
      'download_failed',
      status(302, { location: 'file:///etc/passwd' }),
    ],
    ['a redirect to another scheme', 'download_failed', status(302, { location: 'ftp://127.0.0.1/x' })],
  ];
  it.each(lies)('with %s is refused: %s', async (_what, code, reply) => {
    hub.script = [reply];
    await expect(pull()).rejects.toMatchObject({ name: 'PackError', code });
    await expect(readFile(target())).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readFile(`${target()}.partial`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    ['another place', 'bytes 0-299999/300000', 'download_failed'],
    ['another total', 'bytes 1000-300000/300001', 'size_mismatch'],
    ['no range', '', 'download_failed'],
  ])('about ranges (%s) is refused', async (_what, range, code) => {
    await leave(weights.slice(0, 1_000), ETAG);
    hub.script = [status(206, { 'content-range': range })];
    await expect(pull()).rejects.toMatchObject({ code });
  });

  function flipped(): Uint8Array {
    const bytes = weights.slice();
    bytes[150_000] = (bytes[150_000] ?? 0) ^ 0x10;
    return bytes;
  }
  function endless(_request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200);
    response.end(Buffer.concat([weights, extra]));
  }
});

describe('before anything is asked', () => {
  it('a licence that forbids commercial use must be accepted', async () => {
    const row = packOf('small', 'depth', 'any', files, { nonCommercial: true });
    await expect(pull(row)).rejects.toMatchObject({ code: 'licence_not_accepted' });
    expect(hub.asked).toHaveLength(0);
    await pull(row, { acceptNonCommercial: true });
    expect(hub.asked).toHaveLength(1);
  });

  it('links in the way are refused: nothing is written through them', async () => {
    await mkdir(place.folders.pulled, { recursive: true });
    const elsewhere = join(place.folders.embedded, 'elsewhere');
    await mkdir(elsewhere);
    await symlink(elsewhere, join(place.folders.pulled, 'small'));
    await expect(pull()).rejects.toMatchObject({ code: 'symlink' });
    expect(hub.asked).toHaveLength(0);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('a part that is a link is not written through either', async () => {
    const victim = join(place.folders.embedded, 'victim');
    await writeFile(victim, 'as it was');
    await mkdir(dirname(target()), { recursive: true });
    await symlink(victim, `${target()}.partial`);
    await expect(pull()).rejects.toMatchObject({ code: 'ELOOP' });
    expect(await readFile(victim, 'utf8')).toBe('as it was');
  });
});

it('follows redirects, as hubs send them, with the range', async () => {
  const elsewhere: Reply = (request, response) =>
    request.url === '/blob'
      ? whole(request, response)
      : status(302, { location: '/blob' })(request, response);
  hub.script = [elsewhere];
  await leave(weights.slice(0, 7), ETAG);
  await pull();
  expect(hub.asked.map(({ url, range }) => [url, range])).toEqual([
    ['/owner/model/resolve/abc123/weights.bin', 'bytes=7-'],
    ['/blob', 'bytes=7-'],
  ]);
});

it('knows the places of files: other names, other repositories, mirrors below a path', () => {
  const source = { kind: 'hub', hub: 'https://hub.invalid', repository: 'o/r', revision: 'v1' } as const;
  const file = { path: 'model.onnx', bytes: 1, sha256: 'a'.repeat(64) };
  expect(urlOf(source, file).href).toBe('https://hub.invalid/o/r/resolve/v1/model.onnx');
  const named = { ...file, from: 'onnx/m.onnx', repository: 'p/q', revision: 'abc' };
  expect(urlOf(source, named, new URL('http://localhost:1/hub/')).href).toBe(
    'http://localhost:1/hub/p/q/resolve/abc/onnx/m.onnx',
  );
});

it('the command line pulls, verifies, and says what is wrong', async () => {
  const manifest = join(place.folders.embedded, 'packs.json');
  await writeFile(manifest, JSON.stringify({ version: 1, packs: [pack] }));
  const models = (...args: string[]) =>
    new Promise<{ code: unknown; output: string }>((resolve) => {
      execFile(
        process.execPath,
        ['scripts/models.ts', ...args, '--manifest', manifest, '--packs', place.folders.pulled],
        (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: stdout + stderr }),
      );
    });
  expect(await models('pull', 'small', '--mirror', hub.base)).toMatchObject({
    code: 0,
    output: expect.stringMatching(/small: ready[\s\S]*small\/weights\.bin +0\.3 of 0\.3 MB +100 %/),
  });
  expect(
    createHash('sha256')
      .update(await readFile(target()))
      .digest('hex'),
  ).toBe(pack.files[0]?.sha256);
  await writeFile(target(), new Uint8Array(weights.length));
  expect(await models('verify')).toMatchObject({
    code: 1,
    output: expect.stringContaining('digest_mismatch'),
  });
  expect(await models('pull', '../../etc')).toMatchObject({
    code: 1,
    output: expect.stringContaining('pack_unknown'),
  });
  expect(await models('seal', 'small')).toMatchObject({
    code: 1,
    output: expect.stringContaining('not ours'),
  });
  expect(await models('fetch')).toMatchObject({ code: 2 });
}, 120_000);
