/** The real Worker in workerd with a scripted backend: what the benchmarks of the edge are run against. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey } from '#edge/storage/keys';
import { scope } from '#shared/scopes';
import { bundleWorker, startWorker } from '../scripts/cli/worker.ts';
import { type FakeBackend, startFakeBackend } from '../tests/edge/fake-backend.ts';

export type EdgeUnderTest = {
  /** Straight into workerd. */
  readonly url: string;
  readonly besideUrl: string | undefined;
  readonly key: string;
  readonly backend: FakeBackend;
  stop(): Promise<void>;
};

const SECRET = 'a secret that only benchmarks know';

/** `beside`: another Worker in the same workerd, to compare with. */
export async function startEdgeUnderTest(beside?: string): Promise<EdgeUnderTest> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'edge-bench-'));
  const backend = await startFakeBackend(SECRET);
  const worker = await startWorker({
    host: '127.0.0.1',
    port: 0,
    stateFolder,
    bundle: await bundleWorker(),
    settings: { BACKEND_URLS: backend.url, BACKEND_SECRET: SECRET, HEALTH_WALL_MS: '10000' },
    ...(beside === undefined ? {} : { beside }),
  });
  const wish = {
    mode: 'test',
    name: 'bench',
    tenant: 'bench',
    plan: 'development',
    scopes: scope.options,
  } as const;
  const { key } = await createKey(await worker.database(), wish, Date.now());
  return {
    url: worker.directUrl,
    besideUrl: worker.besideUrl,
    key,
    backend,
    stop: async () => {
      await worker.stop();
      await backend.stop();
      await rm(stateFolder, { recursive: true, force: true });
    },
  };
}
