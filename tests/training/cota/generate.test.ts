import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generate, run } from '#training/cota/generate';
import { traceOf, traceSeed } from '#training/cota/programs';
import { shardsIn, TraceFileError } from '#training/cota/shards';
import { UsageError } from '#training/cota/usage';
import { freshFolder, tracesOf } from './support.ts';

const build = { recipe: 'all', count: 50, seed: 5, shard: 20 } as const;

test('a trace is decided by seed and number alone', () => {
  expect(traceOf(5, 41)).toEqual(traceOf(5, 41));
  expect(traceOf(5, 41)).not.toEqual(traceOf(6, 41));
  const seeds = new Set(Array.from({ length: 100_000 }, (_, index) => traceSeed(5, index)));
  expect(seeds.size).toBe(100_000);
});

test('a build that broke off goes on to the same files', async () => {
  const [whole, broken] = [await freshFolder(), await freshFolder()];
  expect(await generate(whole, build, 2)).toBe(50);
  await generate(broken, build, 1);
  await rm(join(broken, 'traces-00001.jsonl'));
  await writeFile(join(broken, 'traces-00001.jsonl.part'), '{"half');
  expect(await generate(broken, build, 1)).toBe(20);
  for (const name of await shardsIn(whole))
    expect(await readFile(join(broken, name), 'utf8')).toBe(await readFile(join(whole, name), 'utf8'));
  const traces = await tracesOf(whole);
  expect(new Set(traces.map(({ id }) => id)).size).toBe(50);
});

test('a longer build keeps what a shorter one made, and fills its last shard', async () => {
  const [grown, whole] = [await freshFolder(), await freshFolder()];
  await generate(grown, { ...build, count: 30 }, 1);
  expect(await generate(grown, build, 1)).toBe(30);
  await generate(whole, build, 1);
  expect(await tracesOf(grown)).toEqual(await tracesOf(whole));
});

test('a build of one program has nothing else', async () => {
  const folder = await freshFolder();
  await generate(folder, { recipe: 'plain.unknown', count: 20, seed: 5, shard: 20 }, 1);
  expect(new Set((await tracesOf(folder)).map(({ type }) => type))).toEqual(new Set(['unknown']));
  await expect(run(['--out', folder, '--recipe', 'plain.sums.all'])).rejects.toThrow(/all, .*plain\.unknown/);
});

test('a folder holds one build', async () => {
  const folder = await freshFolder();
  await generate(folder, build, 1);
  await expect(generate(folder, { ...build, seed: 6 }, 1)).rejects.toThrow(UsageError);
  await expect(generate(folder, { ...build, count: 10 }, 1)).rejects.toThrow(/--count 50/);
});

test('a line that is no trace is named', async () => {
  const folder = await freshFolder();
  await writeFile(join(folder, 'traces-00000.jsonl'), `${JSON.stringify(traceOf(1, 1))}\n{"id": 3}\n`);
  await expect(tracesOf(folder)).rejects.toThrow(TraceFileError);
  await expect(tracesOf(folder)).rejects.toThrow(/traces-00000\.jsonl:2/);
  await expect(tracesOf(join(folder, 'nowhere'))).rejects.toThrow(/found none/);
});
