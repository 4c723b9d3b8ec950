import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from 'wrangler';
import { bundleWorker, workerBindings } from '../../scripts/cli/worker.ts';

it('runs the Worker here with the bindings and flags that wrangler.toml deploys it with', () => {
  const { workerOptions } = workerOptionsOf('wrangler.toml');
  const ids = (table: unknown): unknown =>
    Object.fromEntries(Object.entries(table ?? {}).map(([name, value]) => [name, Object(value).id ?? value]));
  expect({
    compatibilityDate: workerOptions['compatibilityDate'],
    compatibilityFlags: workerOptions['compatibilityFlags'],
    kvNamespaces: ids(workerOptions['kvNamespaces']),
    r2Buckets: ids(workerOptions['r2Buckets']),
    d1Databases: ids(workerOptions['d1Databases']),
    durableObjects: workerOptions['durableObjects'],
    ratelimits: workerOptions['ratelimits'],
  }).toMatchObject(workerBindings);
  const bindings = ['kvNamespaces', 'r2Buckets', 'd1Databases', 'durableObjects', 'ratelimits'] as const;
  for (const kind of bindings) {
    expect(Object.keys(workerOptions[kind] ?? {})).toEqual(Object.keys(workerBindings[kind]));
  }
});

it('the bundle of the Worker stays under 1 MB gzip', async () => {
  const bytes = gzipSync(await bundleWorker()).length;
  console.log(`the Worker: ${Math.round(bytes / 1000)} kB gzip`);
  expect(bytes).toBeLessThan(1_000_000);
});
