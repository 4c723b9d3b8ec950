/** The stages between filtered traces and weights, at small size. The last needs PyTorch (TRAINING_PYTHON names one). */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advertisedToolSpecs } from '#shared/tools/index';
import { formats } from '#training/cota/formats';
import { formOf } from '#training/cota/forms';
import { mix } from '#training/cota/mix';
import { traceOf } from '#training/cota/programs';
import { writeShard } from '#training/cota/shards';
import { toolsOf } from '#training/cota/trace';
import { hasModules, python } from '../python.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

const traces = Array.from({ length: 60 }, (_, index) => traceOf(5, index, 'all'));

type Example = { readonly id: string; readonly messages: readonly (readonly [string, string])[] };
const exampleOf = (trace: (typeof traces)[number]): Example =>
  formats.planner({ trace, images: [] }) as unknown as Example;

test('an example lists the actions that it uses, and asks again behind each observation', () => {
  const listings = new Set<string>();
  for (const trace of traces) {
    const { messages } = exampleOf(trace);
    const listed = messages[0]?.[1].split('Actions: ')[1]?.split(', ') ?? [];
    for (const name of [...toolsOf(trace), 'Terminate']) expect(listed).toContain(name);
    listings.add(listed.join());
    const users = messages.filter(([role]) => role === 'user');
    expect(users).toHaveLength(trace.steps.length);
    // Marks of roles and images are defused in both, and none of these questions has any.
    for (const [, content] of users) expect(content.endsWith(`\n${trace.question}`)).toBe(true);
  }
  expect(listings.size).toBeGreaterThan(2);
  expect([...listings].some((one) => one.split(',').length === advertisedToolSpecs.length)).toBe(true);
});

test('forms without tools list none, so that one model can learn several', () => {
  const [trace] = traces;
  const direct = trace && formOf.direct(trace);
  if (!direct) throw new Error('every trace has a direct form');
  expect(exampleOf(direct).messages[0]?.[1]).toBe('Answer the question about the image. Actions: Terminate');
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taco-planner-'));
  await writeShard(folder, 0, traces);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const thumbnails = (out: string, count: number) =>
  run(
    process.execPath,
    ['training/planner/thumbnails.ts', '--in', folder, '--out', out, '--count', String(count)],
    {
      cwd: root,
    },
  );

test('thumbnails go on where a start left off, and are the same as drawn at once', async () => {
  const [parts, whole] = [join(folder, 'parts'), join(folder, 'whole')];
  await thumbnails(parts, 2);
  await thumbnails(parts, 4);
  await thumbnails(whole, 4);
  const index = await readFile(join(whole, 'thumbnails.jsonl'), 'utf8');
  expect(await readFile(join(parts, 'thumbnails.jsonl'), 'utf8')).toBe(index);
  const lines = index
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; first: number; count: number });
  expect(lines.map(({ id }) => id)).toEqual(traces.slice(0, 4).map(({ id }) => id));
  const [last] = lines.slice(-1);
  const pixels = await readFile(join(whole, 'thumbnails.rgb'));
  expect(pixels.length).toBe(((last?.first ?? 0) + (last?.count ?? 0)) * 64 * 64 * 3);
  expect(pixels.equals(await readFile(join(parts, 'thumbnails.rgb')))).toBe(true);
});

test.skipIf(!hasModules('torch', 'tokenizers', 'safetensors'))(
  'weights come out of traces, and a second start goes on',
  {
    timeout: 300_000,
  },
  async () => {
    const [data, out, work] = [join(folder, 'planner.jsonl'), join(folder, 'out'), join(folder, 'work')];
    const recipe = { seed: 1, parts: [{ form: 'cota' as const, share: 1, sources: {} }] };
    await mix(folder, data, recipe, { format: 'planner' });
    await thumbnails(join(folder, 'thumbnails'), 4);
    await run(python, ['training/planner/tokenizer.py', data, out, '--merges', '40'], { cwd: root });
    const train = (questions: number) =>
      run(
        python,
        [
          'training/planner/train.py',
          '--data',
          data,
          '--pictures',
          join(folder, 'thumbnails'),
          '--out',
          out,
        ].concat('--work', work, '--questions', String(questions), '--budget', '3000'),
        { cwd: root },
      );
    await train(10);
    const [first, mean] = [join(folder, 'first'), join(folder, 'mean')];
    await cp(out, first, { recursive: true });
    await train(120);
    const record = JSON.parse(await readFile(join(out, 'training.json'), 'utf8'));
    expect(record.state).toMatchObject({ resumes: 1 });
    expect(record.state.questions).toBeGreaterThanOrEqual(120);
    // It starts at the logarithm of the vocabulary, some 7.
    expect(record.loss).toBeLessThan(6);
    const { size } = await stat(join(out, 'model.safetensors'));
    expect(size).toBeGreaterThan(3_000_000);
    await cp(out, mean, { recursive: true });
    const average = ['training/planner/average.py', first, out, '--share', '0.4', '--out', mean];
    await run(python, average, { cwd: root });
    expect((await stat(join(mean, 'model.safetensors'))).size).toBe(size);
    const { averaged } = JSON.parse(await readFile(join(mean, 'training.json'), 'utf8'));
    expect(averaged).toEqual({ first: 'first', second: 'out', share: 0.4 });
  },
);
