/** `cota generate`: traces written by programs, a shard a task, on as many threads as are asked for. */
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { readManifest, writeManifest } from './manifest.ts';
import { recipes } from './programs.ts';
import { createProgress } from './progress.ts';
import { shardName, shardsIn } from './shards.ts';
import { UsageError, wholeNumber } from './usage.ts';

export const usage = `generate --out FOLDER [--recipe all|text|PROGRAM] [--count 100000] [--seed 7] [--shard 10000] [--workers ${availableParallelism()}]
    writes traces-00000.jsonl ... of --shard traces each; a start that finds some of them makes the others;
    --recipe: every tool, text in one picture, or one program such as plain.unknown`;

export type Task = {
  readonly folder: string;
  readonly seed: number;
  /** Of the shard. */
  readonly index: number;
  readonly first: number;
  readonly count: number;
  readonly recipe: string;
};

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: { type: 'string' },
      recipe: { type: 'string', default: 'all' },
      count: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '7' },
      shard: { type: 'string', default: '10000' },
      workers: { type: 'string', default: String(availableParallelism()) },
    },
  });
  if (values.out === undefined) throw new UsageError('generate expects --out FOLDER');
  const { recipe } = values;
  if (!recipes.includes(recipe))
    throw new UsageError(`--recipe expects ${recipes.join(', ')}, got ${JSON.stringify(recipe)}`);
  const build = {
    recipe,
    count: wholeNumber('count', values.count, 1),
    seed: wholeNumber('seed', values.seed, 0),
    shard: wholeNumber('shard', values.shard, 1),
  };
  await generate(values.out, build, wholeNumber('workers', values.workers, 1));
}

export type Build = {
  readonly recipe: string;
  readonly count: number;
  readonly seed: number;
  readonly shard: number;
};

/** Gives the number of traces that this call wrote. Throws UsageError where the folder holds another build. */
export async function generate(folder: string, build: Build, workers: number): Promise<number> {
  await takeUp(folder, build);
  const there = new Set(await shardsIn(folder));
  const tasks = tasksOf(folder, build).filter(({ index }) => !there.has(shardName(index)));
  const missing = tasks.reduce((sum, { count }) => sum + count, 0);
  const progress = createProgress(build.count, build.count - missing, 'traces');
  await Promise.all(Array.from({ length: Math.min(workers, tasks.length) }, () => work(tasks, progress.add)));
  progress.end();
  return missing;
}

/** Makes the folder one of this build. A longer build keeps all shards of a shorter one but its last, unfilled one. */
async function takeUp(folder: string, build: Build): Promise<void> {
  const known = await readManifest(folder);
  if (
    known &&
    (known.recipe !== build.recipe ||
      known.seed !== build.seed ||
      known.shard !== build.shard ||
      known.count > build.count)
  ) {
    throw new UsageError(
      `${folder} holds a build with --recipe ${known.recipe} --seed ${known.seed} --shard ${known.shard} --count ${known.count}; go on with these (or a higher count), or choose another --out`,
    );
  }
  if (known && known.count < build.count && known.count % known.shard !== 0) {
    await rm(join(folder, shardName(Math.floor(known.count / known.shard))), { force: true });
  }
  await writeManifest(folder, build);
}

function tasksOf(folder: string, { count, seed, shard, recipe }: Build): Task[] {
  return Array.from({ length: Math.ceil(count / shard) }, (_, index) => ({
    folder,
    seed,
    index,
    recipe,
    first: index * shard,
    count: Math.min(shard, count - index * shard),
  }));
}

/** One thread takes task after task. */
async function work(tasks: Task[], done: (count: number) => void): Promise<void> {
  const worker = new Worker(join(import.meta.dirname, 'generate-worker.ts'));
  try {
    for (let task = tasks.shift(); task; task = tasks.shift()) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      worker.once('error', reject);
      worker.once('message', resolve);
      worker.postMessage(task);
      await promise;
      worker.removeListener('error', reject);
      done(task.count);
    }
  } finally {
    await worker.terminate();
  }
}
