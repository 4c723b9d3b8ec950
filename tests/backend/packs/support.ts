/** Packs of a few bytes in a folder of their own. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GraphBuilder } from '#backend/models/onnx/graph';
import { type Manifest, type Pack, type PackRole, parseManifest } from '#backend/packs/manifest';
import type { PackFolders } from '#backend/packs/verify';

export type Files = Readonly<Record<string, Uint8Array>>;

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function packOf(
  name: string,
  role: PackRole,
  adapter: string,
  files: Files,
  more: Record<string, unknown> = {},
): Pack {
  const row = {
    name,
    role,
    adapter,
    source: { kind: 'hub', hub: 'https://hub.invalid', repository: 'owner/model', revision: 'abc123' },
    licence: 'MIT',
    nonCommercial: false,
    digestsFrom: 'this test',
    files: Object.entries(files).map(([path, bytes]) => ({
      path,
      bytes: bytes.length,
      sha256: digestOf(bytes),
    })),
    ...more,
  };
  const [pack] = manifestOf([row]).packs;
  return pack as Pack;
}

export function manifestOf(packs: readonly unknown[]): Manifest {
  return parseManifest({ version: 1, packs });
}

export type Place = {
  readonly folders: PackFolders;
  put(pack: Pack, files: Files): Promise<void>;
  remove(): Promise<void>;
};

export async function createPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'packs-'));
  const folders = { embedded: folder, pulled: join(folder, 'packs') };
  return {
    folders,
    put: async (pack, files) => {
      for (const [path, bytes] of Object.entries(files)) {
        const file = join(folders.pulled, pack.name, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, bytes);
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A graph that adds three external numbers to its input. */
export function graphWithWeightsIn(location: string, { offset = 0, length = 12 } = {}): Uint8Array {
  const graph = new GraphBuilder('external');
  const x = graph.input('x', 'float32', [3]);
  graph.node('Add', [x, graph.external('w', 'float32', [3], { location, offset, length })], {
    names: ['y'],
  });
  graph.output('y', 'float32', [3]);
  return graph.finish();
}
