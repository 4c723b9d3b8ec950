import { copyFile, link, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { ProtoWriter } from '#backend/models/onnx/protobuf';
import { type Pack, packNamed, parseManifest, readManifest } from '#backend/packs/manifest';
import { externalDataOf } from '#backend/packs/onnx-external';
import { verifyPack } from '#backend/packs/verify';
import { createPlace, type Files, graphWithWeightsIn, manifestOf, type Place, packOf } from './support.ts';

let place: Place;
beforeEach(async () => {
  place = await createPlace();
});
afterEach(() => place.remove());

const weights = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
const files: Files = { 'model.onnx': graphWithWeightsIn('weights.bin'), 'weights.bin': weights };

const verify = (pack: Pack) => verifyPack(pack, place.folders);
const inPack = (pack: Pack, path: string): string => join(place.folders.pulled, pack.name, path);

describe('a pack', () => {
  it('is taken as it is listed, and gives the paths of its files alone', async () => {
    const pack = packOf('small', 'depth', 'any', files);
    await place.put(pack, { ...files, 'README.md': weights, 'model.onnx.partial': weights });
    const verified = await verify(pack);
    expect(verified.file('model.onnx')).toBe(inPack(pack, 'model.onnx'));
    expect(() => verified.file('README.md')).toThrow(expect.objectContaining({ code: 'file_missing' }));
  });

  // R19: each of these must be refused, always.
  const tampered: ReadonlyArray<readonly [string, string, (pack: Pack) => Promise<void>]> = [
    ['a flipped bit', 'digest_mismatch', (pack) => flip(pack, 5)],
    ['a flipped bit in the last byte', 'digest_mismatch', (pack) => flip(pack, weights.length - 1)],
    ['a byte too many', 'size_mismatch', (pack) => put(pack, Uint8Array.of(...weights, 0))],
    ['a byte too few', 'size_mismatch', (pack) => put(pack, weights.slice(1))],
    ['no file', 'file_missing', (pack) => rm(inPack(pack, 'weights.bin'))],
    ['a folder in its place', 'not_a_file', folderInPlace],
    ['a link to the very same bytes', 'symlink', linkInPlace],
    ['a pack folder that is a link', 'symlink', linkOfFolder],
    ['a file that nobody lists', 'file_unlisted', (pack) => writeFile(inPack(pack, 'planner.json'), '{}')],
  ];

  it.each(tampered)('with %s is refused: %s', async (_what, code, tamper) => {
    const pack = packOf('small', 'depth', 'any', files);
    await place.put(pack, files);
    await tamper(pack);
    await expect(verify(pack)).rejects.toMatchObject({ name: 'PackError', code });
  });

  it('is the same through a hard link: the bytes are what counts', async () => {
    const pack = packOf('small', 'depth', 'any', files);
    await place.put(pack, files);
    await rename(inPack(pack, 'weights.bin'), join(place.folders.embedded, 'elsewhere'));
    await link(join(place.folders.embedded, 'elsewhere'), inPack(pack, 'weights.bin'));
    await verify(pack);
  });

  it('says how to get what is missing', async () => {
    await expect(verify(packOf('small', 'depth', 'any', files))).rejects.toThrow(
      'npm run models -- pull small',
    );
  });

  async function put(pack: Pack, bytes: Uint8Array): Promise<void> {
    await writeFile(inPack(pack, 'weights.bin'), bytes);
  }
  async function flip(pack: Pack, index: number): Promise<void> {
    const bytes = weights.slice();
    bytes[index] = (bytes[index] ?? 0) ^ 1;
    await put(pack, bytes);
  }
  async function folderInPlace(pack: Pack): Promise<void> {
    await rm(inPack(pack, 'weights.bin'));
    await mkdir(inPack(pack, 'weights.bin'));
  }
  async function linkInPlace(pack: Pack): Promise<void> {
    await copyFile(inPack(pack, 'weights.bin'), join(place.folders.embedded, 'same'));
    await rm(inPack(pack, 'weights.bin'));
    await symlink(join(place.folders.embedded, 'same'), inPack(pack, 'weights.bin'));
  }
  async function linkOfFolder(pack: Pack): Promise<void> {
    await rename(join(place.folders.pulled, pack.name), join(place.folders.embedded, 'moved'));
    await symlink(join(place.folders.embedded, 'moved'), join(place.folders.pulled, pack.name));
  }
});

describe('external data of a graph', () => {
  const outside = [
    ['a folder above', '../weights.bin'],
    ['an absolute path', '/etc/passwd'],
    ['a path that goes down and up again', 'a/../../weights.bin'],
    ['a backslash', '..\\weights.bin'],
    ['memory of the process', '*/_ORT_MEM_ADDR_/*'],
    ['a file that is there but not listed', 'other.bin'],
  ] as const;
  it.each(outside)('in %s is refused', async (_what, location) => {
    const bad = { ...files, 'model.onnx': graphWithWeightsIn(location) };
    const pack = packOf('small', 'depth', 'any', bad);
    await place.put(pack, bad);
    await expect(verify(pack)).rejects.toMatchObject({ code: 'external_data' });
  });

  it('beyond the end of its file is refused', async () => {
    const bad = { ...files, 'model.onnx': graphWithWeightsIn('weights.bin', { offset: 4 }) };
    const pack = packOf('small', 'depth', 'any', bad);
    await place.put(pack, bad);
    await expect(verify(pack)).rejects.toMatchObject({ code: 'external_data' });
  });

  it('is found wherever a tensor can stand: constants, branches, functions, sparse values', async () => {
    const tensor = (location: string) => (writer: ProtoWriter) =>
      writer
        .bytes(9, new Uint8Array(200_000))
        .message(13, (entry) => entry.string(1, 'location').string(2, location));
    const model = new ProtoWriter()
      .message(7, (graph) =>
        graph
          .message(1, (node) => node.message(5, (attribute) => attribute.message(5, tensor('constant'))))
          .message(1, (node) =>
            node.message(5, (attribute) =>
              attribute.message(6, (branch) => branch.message(5, tensor('branch'))),
            ),
          )
          .message(15, (sparse) => sparse.message(1, tensor('sparse'))),
      )
      .message(25, (body) =>
        body.message(7, (node) => node.message(5, (attribute) => attribute.message(10, tensor('function')))),
      )
      .finish();
    await writeFile(join(place.folders.embedded, 'model.onnx'), model);
    const found = await externalDataOf(join(place.folders.embedded, 'model.onnx'));
    expect(found.map(({ location }) => location)).toEqual(['constant', 'branch', 'sparse', 'function']);
  });

  it.each([
    ['is no protobuf', Uint8Array.of(0xff, 0xff, 0xff)],
    ['claims more bytes than it has', Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0x0f, 0x01)],
  ])('of a file that %s is refused', async (_what, bytes) => {
    const bad = { 'model.onnx': bytes };
    const pack = packOf('small', 'depth', 'any', bad);
    await place.put(pack, bad);
    await expect(verify(pack)).rejects.toMatchObject({ code: 'model_invalid' });
  });
});

describe('the manifest', () => {
  const row = packOf('small', 'depth', 'any', files);
  const [file] = row.files;
  const withFile = (change: Record<string, unknown>) => ({ ...row, files: [{ ...file, ...change }] });

  it.each([
    ['goes up', '../model.onnx'],
    ['goes up in the middle', 'a/../../model.onnx'],
    ['is absolute', '/etc/passwd'],
    ['is encoded', '%2e%2e/model.onnx'],
    ['has a drive', 'C:\\model.onnx'],
    ['starts with a dot', '.hidden'],
    ['ends in a slash', 'onnx/'],
    ['is empty', ''],
    ['holds a zero byte', 'a\0b'],
  ])('refuses a path that %s', (_what, path) => {
    const refusal = expect.objectContaining({ code: 'manifest_invalid' });
    expect(() => manifestOf([withFile({ path })])).toThrow(refusal);
    expect(() => manifestOf([withFile({ from: path })])).toThrow(refusal);
  });

  it.each([
    ['no digest', withFile({ sha256: undefined })],
    ['a digest of another kind', withFile({ sha256: 'd41d8cd98f00b204e9800998ecf8427e' })],
    ['no size', withFile({ bytes: 0 })],
    ['a revision with a slash', withFile({ revision: 'refs/pr/1' })],
    ['a name that is a path', { ...row, name: '../../etc' }],
    ['a hub without TLS', { ...row, source: { ...row.source, hub: 'http://hub.invalid' } }],
    ['a key that we do not know', { ...row, trust: true }],
    ['two files of one path', { ...row, files: [file, { ...file, path: file?.path.toUpperCase() }] }],
  ])('refuses a row with %s', (_what, bad) => {
    expect(() => manifestOf([bad])).toThrow(expect.objectContaining({ code: 'manifest_invalid' }));
  });

  it('refuses two packs of one name, and knows no pack but its own', () => {
    expect(() => parseManifest({ version: 1, packs: [row, row] })).toThrow(/two packs have one name/);
    for (const name of ['../../etc', '/etc/passwd', '%2e%2e', 'constructor', '']) {
      expect(() => packNamed(manifestOf([row]), name)).toThrow(
        expect.objectContaining({ code: 'pack_unknown' }),
      );
    }
  });
});

test('what this repository holds is what its manifest says; else: npm run models -- seal PACK', async () => {
  const { packs } = await readManifest('models/packs.json');
  const held = packs.filter(({ source }) => source.kind !== 'hub');
  expect(held.map(({ name }) => name)).toEqual(expect.arrayContaining(['nano-planner', 'ppocr-v4']));
  for (const pack of held) await verifyPack(pack, { embedded: 'models', pulled: 'models/packs' });
});
