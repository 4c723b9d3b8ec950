/** R19: a tampered model file is refused, always, and the service goes on without what it was for. */
import { copyFile, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '#backend/config';
import { type Pack, packNamed, readManifest } from '#backend/packs/manifest';
import { openRole } from '#backend/packs/open';
import { choosePack, defaultPackSettings, type PackSettings } from '#backend/packs/settings';
import { backendHealth } from '#shared/contract';
import { type Harness, sha256, startHarness, stepBody, toolBody } from '../app/harness.ts';
import { createPlace, graphWithWeightsIn, manifestOf, type Place, packOf } from './support.ts';

let place: Place;
let backend: Harness | undefined;
beforeEach(async () => {
  place = await createPlace();
});
afterEach(async () => {
  await backend?.stop();
  backend = undefined;
  await place.remove();
});

async function settingsOf(packs: readonly Pack[], roles: PackSettings['roles'] = {}): Promise<PackSettings> {
  const manifest = join(place.folders.embedded, 'packs.json');
  await writeFile(manifest, JSON.stringify({ version: 1, packs }));
  return { manifest, pulled: place.folders.pulled, roles };
}

/** The embedded planner in a place where it may be spoiled. */
async function copyOfPlanner(): Promise<{ readonly pack: Pack; readonly folder: string }> {
  const pack = packNamed(await readManifest('models/packs.json'), 'nano-planner');
  const folder = join(place.folders.embedded, 'nano/planner');
  await mkdir(folder, { recursive: true });
  for (const { path } of pack.files) await copyFile(join('models/nano/planner', path), join(folder, path));
  return { pack, folder };
}

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

async function settled(harness: Harness) {
  await expect
    .poll(() => [harness.vision.state, harness.planner.state], { timeout: 120_000, interval: 100 })
    .toEqual(['ready', 'ready']);
  return backendHealth.parse(await (await harness.app.request('/healthz')).json());
}

describe('the service', () => {
  it('goes on without a planner whose weights have a flipped bit, and /healthz says why', async () => {
    const { pack, folder } = await copyOfPlanner();
    await flip(join(folder, 'model.safetensors'));
    const ocr = packNamed(await readManifest('models/packs.json'), 'ppocr-v4');
    const depth = packOf('bad-depth', 'depth', 'depth-anything-v2', { 'model.onnx': new Uint8Array(64) });
    await place.put(depth, { 'model.onnx': new Uint8Array(63) });
    backend = await startHarness({ packs: await settingsOf([pack, ocr, depth], { depth: 'bad-depth' }) });
    const health = await settled(backend);
    expect(health).toMatchObject({ status: 'degraded', planner: null });
    expect(health.models).toEqual([
      { role: 'planner', pack: 'nano-planner', state: 'refused', code: 'digest_mismatch' },
      { role: 'ocr', pack: 'ppocr-v4', state: 'ready' },
      { role: 'depth', pack: 'bad-depth', state: 'refused', code: 'size_mismatch' },
    ]);
    expect(health.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['OCR', 'Crop']));
    expect(health.tools.map(({ name }) => name)).not.toContain('EstimateRegionDepth');

    const pids = [backend.vision.pid, backend.planner.pid];
    const photo = await sharp({ create: { width: 80, height: 40, channels: 3, background: '#336699' } })
      .jpeg()
      .toBuffer();
    await backend.put(photo);
    const step = await backend.call('POST', '/v1/step', stepBody('hello', [sha256(photo)]));
    expect([step.status, await step.json()]).toEqual([
      503,
      expect.objectContaining({
        code: 'backend_unavailable',
        detail: expect.stringContaining('digest_mismatch'),
      }),
    ]);
    const crop = toolBody({ image: 'image-0', bbox: [0, 0, 0.5, 1] }, [sha256(photo)]);
    expect((await backend.call('POST', '/v1/tools/Crop', crop)).status).toBe(200);
    expect([backend.vision.pid, backend.planner.pid]).toEqual(pids);
    expect(backend.events).not.toContain('child_died');
  }, 240_000);

  it('goes on without OCR where its pack is unknown, or the manifest no manifest', async () => {
    const settings = await settingsOf([], { ocr: '../../etc' });
    backend = await startHarness({ packs: settings });
    const health = await settled(backend);
    expect(health.models).toEqual([
      { role: 'ocr', pack: '../../etc', state: 'refused', code: 'pack_unknown' },
    ]);
    expect(health.tools.map(({ name }) => name)).not.toContain('OCR');
    expect(health.tools.map(({ name }) => name)).toContain('Crop');
  }, 240_000);
});

describe('a role', () => {
  const weights = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
  const complaints: string[] = [];
  const open = (settings: PackSettings, opener = async () => 'a model') =>
    openRole('depth', settings, opener, (text) => void complaints.push(text));

  const spoilt: ReadonlyArray<readonly [string, string, (folder: string) => Promise<void>]> = [
    ['a flipped bit', 'digest_mismatch', (folder) => flip(join(folder, 'weights.bin'))],
    ['a wrong size', 'size_mismatch', (folder) => writeFile(join(folder, 'weights.bin'), 'x')],
    ['a link', 'symlink', asLink],
  ];
  it.each(spoilt)('with %s is refused each time: %s', async (_what, code, spoil) => {
    const files = { 'model.onnx': graphWithWeightsIn('weights.bin'), 'weights.bin': weights };
    const pack = packOf('small', 'depth', 'any', files);
    await place.put(pack, files);
    const settings = await settingsOf([pack], { depth: 'small' });
    expect(await open(settings)).toEqual({
      model: 'a model',
      report: { role: 'depth', pack: 'small', state: 'ready' },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    await spoil(join(place.folders.pulled, 'small'));
    for (let time = 0; time < 20; time++) {
      expect(await open(settings)).toEqual({
        report: { role: 'depth', pack: 'small', state: 'refused', code },
      });
    }
    expect(complaints.at(-1)).toContain(code);
  });

  it('has another digest with other bytes, and says what speaks against it', async () => {
    const opened = async (bytes: Uint8Array) => {
      const pack = packOf(
        'own',
        'depth',
        'any',
        { 'weights.bin': bytes },
        { experimental: 'Drawings only.' },
      );
      await place.put(pack, { 'weights.bin': bytes });
      return await open(await settingsOf([pack], { depth: 'own' }));
    };
    const [first, again, other] = [
      await opened(weights),
      await opened(weights),
      await opened(Uint8Array.of(1)),
    ];
    expect(first.report?.experimental).toBe('Drawings only.');
    expect(again.digest).toBe(first.digest);
    expect(other.digest).not.toBe(first.digest);
  });

  it('whose graph leans on a file outside of its folder is refused before it is opened', async () => {
    const files = { 'model.onnx': graphWithWeightsIn('../weights.bin') };
    const pack = packOf('small', 'depth', 'any', files);
    await place.put(pack, files);
    await writeFile(join(place.folders.pulled, 'weights.bin'), weights);
    let opened = false;
    const { report } = await open(await settingsOf([pack], { depth: 'small' }), async () => {
      opened = true;
      return 'a model';
    });
    expect([report?.code, opened]).toEqual(['external_data', false]);
  });

  it('whose model does not load, whose manifest is broken or whose pack is for another is refused', async () => {
    const files = { 'weights.bin': weights };
    const pack = packOf('small', 'faces', 'any', files);
    await place.put(pack, files);
    const settings = await settingsOf([pack, { ...pack, name: 'deep', role: 'depth' }], { depth: 'small' });
    expect((await open(settings)).report?.code).toBe('role_mismatch');
    await place.put({ ...pack, name: 'deep' }, files);
    const failing = await open({ ...settings, roles: { depth: 'deep' } }, async () => {
      throw new Error('no graph');
    });
    expect(failing.report?.code).toBe('model_invalid');
    await writeFile(settings.manifest, '{');
    expect((await open(settings)).report?.code).toBe('manifest_invalid');
  });

  async function asLink(folder: string): Promise<void> {
    await rename(join(folder, 'weights.bin'), join(place.folders.embedded, 'same'));
    await symlink(join(place.folders.embedded, 'same'), join(folder, 'weights.bin'));
  }
});

describe('the choice of packs', () => {
  const secret = { BACKEND_SECRET: 'sixteen letters or more' };

  it('is read from PACKS, and takes what the repository holds for the rest', async () => {
    const { packs } = readConfig({ ...secret, PACKS: 'depth=depth-anything-v2-small,faces=none' });
    expect(packs.roles).toEqual({ depth: 'depth-anything-v2-small', faces: 'none' });
    const manifest = await readManifest(defaultPackSettings().manifest);
    const chosen = (role: Pack['role']) => choosePack(manifest, role, packs)?.name;
    expect([chosen('planner'), chosen('ocr'), chosen('depth'), chosen('faces')]).toEqual([
      'nano-planner',
      'ppocr-v4',
      'depth-anything-v2-small',
      undefined,
    ]);
    expect(readConfig(secret).plannerFolder).toBeUndefined();
    expect(readConfig({ ...secret, MODEL_DIR: '/own' }).plannerFolder).toBe('/own/planner');
  });

  it.each(['depth', 'depth=', 'colour=x', 'depth=../etc', 'depth=a;faces=b', 'depth=A'])(
    'refuses PACKS=%s',
    (PACKS) => {
      expect(() => readConfig({ ...secret, PACKS })).toThrow(ConfigError);
    },
  );

  it('refuses a name twice in one manifest whatever its case', () => {
    const pack = packOf('small', 'depth', 'any', { a: new Uint8Array(1) });
    expect(() => manifestOf([pack, { ...pack }])).toThrow();
  });
});
